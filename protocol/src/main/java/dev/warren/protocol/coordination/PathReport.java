package dev.warren.protocol.coordination;

import dev.warren.protocol.key.NodePublicKey;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * How a node reaches one peer.
 *
 * @param peer the peer's node key
 * @param kind of path
 * @param address the peer's UDP address on a direct path; null otherwise
 * @param relayRegion the region of a relayed path; 0 otherwise
 * @param latencyMicros round trip, in microseconds; null = not measured
 */
public record PathReport(
        NodePublicKey peer,
        PathKind kind,
        @Nullable InetSocketAddress address,
        int relayRegion,
        @Nullable Long latencyMicros) {}
