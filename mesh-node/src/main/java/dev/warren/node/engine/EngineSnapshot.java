package dev.warren.node.engine;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.udprelay.RelayPath;
import dev.warren.protocol.wireguard.DropReason;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The engine at one moment, for people.
 *
 * @param peers every WireGuard peer
 * @param endpoints our own addresses as peers are told
 * @param homeRegion where we listen on a relay; 0 = none yet
 * @param mappingVaries whether the NAT in front of us maps differently by destination; null = not known
 * @param counters what was sent, received and dropped
 * @param drops what WireGuard dropped, by reason; zeros left out
 */
public record EngineSnapshot(
        List<Peer> peers,
        List<InetSocketAddress> endpoints,
        int homeRegion,
        @Nullable Boolean mappingVaries,
        Map<EngineCounter, Long> counters,
        Map<DropReason, Long> drops) {
    /** How a peer is reached. */
    public enum PathKind {
        /** Straight over UDP. */
        DIRECT,
        /** Through a UDP relay (and perhaps a stale address beside it). */
        UDP_RELAY,
        /** Through a relay (and perhaps a stale address beside it). */
        RELAY,
        /** Not at all. */
        NONE
    }

    /**
     * One peer.
     *
     * @param key its WireGuard key
     * @param local true when it was added by {@code wg set}, not by the coordinator
     * @param path how it is reached
     * @param direct its best UDP address, trusted or not; null = none
     * @param udpRelay the way through a UDP relay, trusted or not; null = none
     * @param relayRegion its relay region; 0 = none
     * @param latencyNanos round trip of the current path; -1 = not measured
     * @param lastHandshakeUnixNanos 0 = never
     * @param rxBytes received in WireGuard messages
     * @param txBytes sent in WireGuard messages
     */
    public record Peer(
            NodePublicKey key,
            boolean local,
            PathKind path,
            @Nullable InetSocketAddress direct,
            @Nullable RelayPath udpRelay,
            int relayRegion,
            long latencyNanos,
            long lastHandshakeUnixNanos,
            long rxBytes,
            long txBytes) {}

    /** A peer that the coordinator does not know. */
    static Peer plain(dev.warren.protocol.wireguard.Peer peer) {
        InetSocketAddress endpoint = peer.endpoint();
        return new Peer(
                peer.publicKey(),
                true,
                endpoint == null ? PathKind.NONE : PathKind.DIRECT,
                endpoint,
                null,
                0,
                -1,
                peer.lastHandshakeUnixNanos(),
                peer.rxBytes(),
                peer.txBytes());
    }
}
