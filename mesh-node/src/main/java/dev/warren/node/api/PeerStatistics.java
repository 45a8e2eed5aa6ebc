package dev.warren.node.api;

import dev.warren.protocol.key.NodePublicKey;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Optional;

/**
 * What a peer has done, as {@code wg show} counts.
 *
 * @param publicKey which peer
 * @param lastHandshake when the last handshake was completed; empty for never
 * @param rxBytes received from it in authenticated messages, headers included
 * @param txBytes sent to it, headers included
 * @param endpoint where its datagrams go now; empty when that is not known
 */
public record PeerStatistics(
        NodePublicKey publicKey,
        Optional<Instant> lastHandshake,
        long rxBytes,
        long txBytes,
        Optional<InetSocketAddress> endpoint) {}
