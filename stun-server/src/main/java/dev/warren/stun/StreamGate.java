package dev.warren.stun;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts who has how many connections. Belongs to the one event loop on which all of them are. */
final class StreamGate {
    private static final int IPV4_LENGTH = 4;

    private final StunStreamLimits limits;
    private final Map<Source, Integer> open = new HashMap<>();
    private int total;

    /** Whom an address is counted for: itself when it is IPv4, its /64 when it is IPv6, which one customer gets. */
    private record Source(boolean isIpv6, long bits) {
        static Source of(InetAddress address) {
            ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
            return bytes.limit() == IPV4_LENGTH
                    ? new Source(false, bytes.getInt(0))
                    : new Source(true, bytes.getLong(0));
        }
    }

    StreamGate(StunStreamLimits limits) {
        this.limits = limits;
    }

    /** Null when a connection from here may come in, and must {@link #leave} then; else why not. */
    StreamMetrics.@Nullable Outcome enter(InetAddress address) {
        Source source = Source.of(address);
        int own = open.getOrDefault(source, 0);
        if (own >= limits.perSource()) {
            return StreamMetrics.Outcome.REFUSED_SOURCE;
        }
        if (total >= limits.connections()) {
            return StreamMetrics.Outcome.REFUSED_TOTAL;
        }
        open.put(source, own + 1);
        total++;
        return null;
    }

    /** A connection that had come in is over. */
    void leave(InetAddress address) {
        open.computeIfPresent(Source.of(address), (_, count) -> count == 1 ? null : count - 1);
        total--;
    }

    /** How many sources have a connection. */
    int sources() {
        return open.size();
    }
}
