package dev.warren.stun;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.random.RandomGenerator;

/**
 * How many answers the senders of one prefix get: an IPv4 address, or an IPv6 /64, which is what one customer has. A
 * victim whose address is forged gets no more than that from here. The generic cell rate algorithm (ITU-T I.371) with
 * one time for each prefix: the moment at which its share would be unused again.
 *
 * <p>The memory is fixed: a prefix goes to one of four places that a keyed hash chooses, and a new one displaces the
 * least busy of the four. So a flood of forged prefixes, each with a datagram or two, does not make those forgotten that
 * are over their share. Several threads may ask; when two ask for one prefix at once, one answer may go uncounted.
 */
final class AnswerLimit {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long NANOS = 1_000_000_000L;
    private static final int WAYS = 4;
    private static final int IPV4_BYTES = 4;
    private static final int PREFIX_BYTES = 8;

    /** Pairs of hash (0: free) and time. */
    private final long[] cells;

    private final int setMask;
    private final long secret;
    private final long intervalNanos;
    private final long burstNanos;

    /** Room for {@code prefixes}, a power of two from 4 on. */
    AnswerLimit(AnswerRate rate, int prefixes, RandomGenerator random) {
        if (prefixes < WAYS || Integer.bitCount(prefixes) != 1) {
            throw new IllegalArgumentException("prefixes must be a power of two");
        }
        cells = new long[2 * prefixes];
        setMask = prefixes / WAYS - 1;
        secret = random.nextLong();
        intervalNanos = NANOS / rate.perSecond();
        burstNanos = intervalNanos * (rate.burst() - 1);
    }

    /** Whether the sender at {@code address}, of 4 or 16 bytes, gets an answer now; counts it then. */
    boolean tryTake(byte[] address, long nowNanos) {
        long hash = hash(address);
        int first = ((int) hash & setMask) * 2 * WAYS;
        int place = first;
        long idlest = Long.MAX_VALUE;
        for (int at = first; at < first + 2 * WAYS; at += 2) {
            long there = get(at);
            long busyNanos = there == 0 ? Long.MIN_VALUE : get(at + 1) - nowNanos;
            if (there == hash) {
                return tryTakeAt(at, Math.max(0, busyNanos), nowNanos);
            }
            if (busyNanos < idlest) {
                idlest = busyNanos;
                place = at;
            }
        }
        set(place, hash);
        return tryTakeAt(place, 0, nowNanos);
    }

    private boolean tryTakeAt(int place, long busyNanos, long nowNanos) {
        if (busyNanos > burstNanos) {
            return false;
        }
        set(place + 1, nowNanos + busyNanos + intervalNanos);
        return true;
    }

    private long hash(byte[] address) {
        int bytes = address.length == IPV4_BYTES ? IPV4_BYTES : PREFIX_BYTES;
        long prefix = bytes;
        for (int i = 0; i < bytes; i++) {
            prefix = (prefix << Byte.SIZE) | (address[i] & 0xff);
        }
        // Two rounds of a mixer that is a permutation (its constants are those of SplitMix64), the key in between.
        long mixed = mix(mix(prefix ^ secret) + Long.rotateLeft(secret, 32));
        return mixed == 0 ? 1 : mixed;
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }

    private long get(int index) {
        return (long) CELL.getOpaque(cells, index);
    }

    private void set(int index, long value) {
        CELL.setOpaque(cells, index, value);
    }
}
