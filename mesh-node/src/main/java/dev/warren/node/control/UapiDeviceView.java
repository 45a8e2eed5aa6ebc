package dev.warren.node.control;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code wg show} is told about an interface.
 *
 * @param privateKey null when there is none
 * @param listenPort the UDP port, 0 for none
 * @param fwmark the mark of outgoing datagrams, 0 for none
 * @param peers in the order in which they are shown
 */
public record UapiDeviceView(@Nullable NodePrivateKey privateKey, int listenPort, int fwmark, List<Peer> peers) {
    /** Copies the list. */
    public UapiDeviceView {
        peers = List.copyOf(peers);
    }

    /**
     * One peer.
     *
     * @param publicKey whose it is
     * @param presharedKey all zero for none
     * @param endpoint where its datagrams go; null when that is unknown, or through a relay
     * @param lastHandshakeUnixNanos 0 for never
     * @param rxBytes received, headers included
     * @param txBytes sent, headers included
     * @param keepaliveSeconds 0 for off
     * @param allowedIps its inner addresses
     */
    public record Peer(
            NodePublicKey publicKey,
            PresharedKey presharedKey,
            @Nullable InetSocketAddress endpoint,
            long lastHandshakeUnixNanos,
            long rxBytes,
            long txBytes,
            int keepaliveSeconds,
            List<IpPrefix> allowedIps) {
        /** Copies the list. */
        public Peer {
            allowedIps = List.copyOf(allowedIps);
        }
    }
}
