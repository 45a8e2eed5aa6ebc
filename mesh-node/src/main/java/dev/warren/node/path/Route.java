package dev.warren.node.path;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a peer's packets go. Immutable; all that the datapath reads of a path agent.
 *
 * @param direct the best UDP address, proven at some time; null when none ever was or it is long dead
 * @param trustedUntilNanos until when {@code direct} alone is enough; after it packets go over the relay too
 * @param relayRegion the peer's relay region; 0 when none is known
 */
public record Route(@Nullable InetSocketAddress direct, long trustedUntilNanos, int relayRegion) {
    /** Neither a direct path nor a relay. */
    public static final Route NONE = new Route(null, 0, 0);

    /** Whether the direct address alone is enough now. */
    public boolean isTrusted(long nowNanos) {
        return direct != null && nowNanos < trustedUntilNanos;
    }
}
