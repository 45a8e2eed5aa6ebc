package dev.warren.node.engine;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.udprelay.RelayPath;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a ping that a user asked for.
 *
 * @param peer who answered
 * @param direct the UDP address that was pinged; null for a relay
 * @param udpRelay the way through a UDP relay that was pinged; null for another path
 * @param relayRegion the region through which the answer came; 0 for UDP
 * @param latencyNanos round trip
 */
public record PingAnswer(
        NodePublicKey peer,
        @Nullable InetSocketAddress direct,
        @Nullable RelayPath udpRelay,
        int relayRegion,
        long latencyNanos) {}
