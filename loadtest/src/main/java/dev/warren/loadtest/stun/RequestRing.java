package dev.warren.loadtest.stun;

/**
 * When each of a socket's last requests was to be sent, and what became of it. Requests are numbered from 0 on; a
 * number that has left the ring is as unknown as one that was never given.
 */
final class RequestRing {
    /** What {@link #take} says of a number that isn't in the ring. */
    static final long UNKNOWN = Long.MIN_VALUE;
    /** What {@link #take} says of a request that was answered before. */
    static final long ANSWERED = 0;

    /** Positive: sent then, no answer yet. Zero: answered. Negative: the same, given up. */
    private final long[] sentNanos;

    private int next;
    private int oldest;

    /** Holds {@code size} requests, a power of two. */
    RequestRing(int size) {
        if (Integer.bitCount(size) != 1) {
            throw new IllegalArgumentException(size + " is no power of two");
        }
        sentNanos = new long[size];
    }

    /** Whether one more request would push out one that still waits for its answer. */
    boolean isFull() {
        return next - oldest == sentNanos.length;
    }

    /** Enters a request; {@code atNanos} is greater than 0 and not before that of the last one. Gives its number. */
    int add(long atNanos) {
        sentNanos[slot(next)] = atNanos;
        return next++;
    }

    /**
     * An answer to request {@code sequence} is here.
     *
     * @return its time when it waited, its time negated when it was given up, {@link #ANSWERED} or {@link #UNKNOWN}
     */
    long take(int sequence) {
        int age = next - sequence;
        if (age <= 0 || age > sentNanos.length) {
            return UNKNOWN;
        }
        long at = sentNanos[slot(sequence)];
        sentNanos[slot(sequence)] = ANSWERED;
        return at;
    }

    /** Gives up the oldest request that waits if it was sent before {@code nanos}; its time, or 0 for none. */
    long expire(long nanos) {
        while (oldest != next) {
            long at = sentNanos[slot(oldest)];
            if (at > 0) {
                if (at >= nanos) {
                    return 0;
                }
                sentNanos[slot(oldest++)] = -at;
                return at;
            }
            oldest++;
        }
        return 0;
    }

    private int slot(int sequence) {
        return sequence & (sentNanos.length - 1);
    }
}
