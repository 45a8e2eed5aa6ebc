package dev.warren.node.engine;

import dev.warren.protocol.key.NodePublicKey;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a ping that a user asked for.
 *
 * @param peer who answered
 * @param direct the UDP address that was pinged; null for a relay
 * @param relayRegion the region through which the answer came; 0 for a direct path
 * @param latencyNanos round trip
 */
public record PingAnswer(NodePublicKey peer, @Nullable InetSocketAddress direct, int relayRegion, long latencyNanos) {}
