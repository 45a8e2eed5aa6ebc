package dev.warren.node.path;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** One address at which a peer may be reached, and what is known of it. Owned by its path agent. */
final class Candidate {
    /** No pong yet. */
    static final long UNKNOWN = -1;

    private static final int LOOPBACK_POINTS = 50;
    private static final int LINK_LOCAL_POINTS = 30;
    private static final int PRIVATE_POINTS = 20;
    private static final int IPV6_POINTS = 10;
    /** A lower latency counts from this difference on, or from a fifth of the higher one. */
    private static final long HYSTERESIS_NANOS = 10_000_000L;

    private static final int HYSTERESIS_SHARE = 5;

    final InetSocketAddress address;
    private final int points;

    /** Named by the peer's record or its last call-me-maybe; others were learned from its pings. */
    boolean advertised;
    /** Pings of the running search. */
    int sent;
    /** Pings still to be sent because the peer called; they do not count as the search's. */
    int called;

    long nextPingNanos = Long.MAX_VALUE;
    long lastPingNanos = Long.MIN_VALUE;
    long latencyNanos = UNKNOWN;
    long lastPongNanos = Long.MIN_VALUE;

    Candidate(InetSocketAddress address) {
        this.address = address;
        this.points = points(address.getAddress());
    }

    /** Starts a search: the first ping is due at {@code nowNanos}. */
    void search(long nowNanos) {
        sent = 0;
        called = 0;
        nextPingNanos = nowNanos;
    }

    /** The peer called: some pings from {@code nowNanos} on, and then the search goes on as it stood. */
    void answer(long nowNanos) {
        called = PathTimers.CALLED_PINGS;
        nextPingNanos = nowNanos;
    }

    /** Whether packets should rather go to this address than to {@code other}; both have been proven. */
    boolean isBetterThan(Candidate other) {
        return points + latencyPoints(other) > other.points + other.latencyPoints(this);
    }

    /** The integer percentage by which this is faster than {@code other}; 0 when that is within the hysteresis. */
    private long latencyPoints(Candidate other) {
        long gain = other.latencyNanos - latencyNanos;
        if (gain < Math.max(HYSTERESIS_NANOS, other.latencyNanos / HYSTERESIS_SHARE)) {
            return 0;
        }
        return 100 * gain / other.latencyNanos;
    }

    private static int points(InetAddress address) {
        int family = address.getAddress().length == 16 ? IPV6_POINTS : 0;
        if (address.isLoopbackAddress()) {
            return LOOPBACK_POINTS + family;
        }
        if (address.isLinkLocalAddress()) {
            return LINK_LOCAL_POINTS + family;
        }
        return family + (isPrivate(address) ? PRIVATE_POINTS : 0);
    }

    /** RFC 1918 and RFC 4193. */
    private static boolean isPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        return address.isSiteLocalAddress() || (bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc);
    }
}
