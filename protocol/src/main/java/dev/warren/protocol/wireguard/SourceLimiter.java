package dev.warren.protocol.wireguard;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * A token bucket per source of handshake messages, asked only under load and after the source is proved: 20 a second, 5
 * at once. An IPv6 source is a /64, since anyone who has one address there has them all (as in the kernel).
 */
final class SourceLimiter {
    static final long COST_NANOS = 1_000_000_000L / 20;
    static final int BURST = 5;
    /** More sources than this at once are refused; an idle one is forgotten after a second. */
    static final int MAX_SOURCES = 16_384;

    private static final long FORGET_NANOS = 1_000_000_000L;
    private static final int IPV6_LENGTH = 16;
    private static final int IPV6_NETWORK_LENGTH = 8;

    private final Map<Object, Bucket> buckets = new HashMap<>();
    private long sweepAtNanos;

    /** Whether one more message of this source may be worked on. */
    boolean allow(Origin origin, long nowNanos) {
        sweep(nowNanos);
        Object source = source(origin);
        Bucket bucket = buckets.get(source);
        if (bucket == null) {
            if (buckets.size() >= MAX_SOURCES) {
                return false;
            }
            bucket = new Bucket(BURST * COST_NANOS, nowNanos);
            buckets.put(source, bucket);
        }
        return bucket.take(nowNanos);
    }

    int size() {
        return buckets.size();
    }

    private void sweep(long nowNanos) {
        if (nowNanos < sweepAtNanos) {
            return;
        }
        sweepAtNanos = nowNanos + FORGET_NANOS;
        Iterator<Bucket> all = buckets.values().iterator();
        while (all.hasNext()) {
            if (nowNanos - all.next().lastNanos >= FORGET_NANOS) {
                all.remove();
            }
        }
    }

    private static Object source(Origin origin) {
        return switch (origin) {
            case Origin.Direct direct -> network(direct.address().getAddress());
            case Origin.Relayed relayed -> relayed.key();
            case Origin.ThroughUdpRelay relayed -> relayed.path();
        };
    }

    private static IpPrefix network(InetAddress address) {
        int length = address.getAddress().length;
        return new IpPrefix(address, Byte.SIZE * (length == IPV6_LENGTH ? IPV6_NETWORK_LENGTH : length));
    }

    /** Time saved up, in the currency of {@link #COST_NANOS}. */
    private static final class Bucket {
        private long savedNanos;
        private long lastNanos;

        Bucket(long savedNanos, long lastNanos) {
            this.savedNanos = savedNanos;
            this.lastNanos = lastNanos;
        }

        boolean take(long nowNanos) {
            savedNanos = Math.min(BURST * COST_NANOS, savedNanos + nowNanos - lastNanos);
            lastNanos = nowNanos;
            if (savedNanos < COST_NANOS) {
                return false;
            }
            savedNanos -= COST_NANOS;
            return true;
        }
    }
}
