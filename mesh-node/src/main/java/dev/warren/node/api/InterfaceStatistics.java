package dev.warren.node.api;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.DropReason;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an interface has done since it was created.
 *
 * @param name of the interface
 * @param publicKey empty while it has no private key
 * @param listenPort the UDP port that it has, also when any was asked for
 * @param rxBytes received from the peers that it has now, as {@code wg show} counts
 * @param txBytes sent to them
 * @param drops what went no further, by reason; reasons that did not occur are left out
 * @param peers one row each, in the order in which they were added
 */
public record InterfaceStatistics(
        String name,
        Optional<NodePublicKey> publicKey,
        int listenPort,
        long rxBytes,
        long txBytes,
        Map<DropReason, Long> drops,
        List<PeerStatistics> peers) {
    /** Copies map and list. */
    public InterfaceStatistics {
        drops = Map.copyOf(drops);
        peers = List.copyOf(peers);
    }

    /** The row of one peer; empty when there is no such peer. */
    public Optional<PeerStatistics> peer(NodePublicKey key) {
        return peers.stream().filter(peer -> peer.publicKey().equals(key)).findFirst();
    }
}
