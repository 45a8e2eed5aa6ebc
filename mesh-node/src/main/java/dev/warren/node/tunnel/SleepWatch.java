package dev.warren.node.tunnel;

/**
 * Notices that the machine has slept, by the clock that goes on meanwhile running ahead of the one that does not. Belongs
 * to one thread.
 */
final class SleepWatch {
    /** The two clocks are not read in the same moment. */
    static final long LEAST_NANOS = 500_000_000;

    private long knownNanos;

    /** {@code suspendedNanos} is how long the machine has slept so far in all. */
    SleepWatch(long suspendedNanos) {
        knownNanos = suspendedNanos;
    }

    /** For how long it has slept since the last question, when the total is this now; 0 when it has not. */
    long slept(long suspendedNanos) {
        long since = suspendedNanos - knownNanos;
        if (since < LEAST_NANOS) {
            return 0;
        }
        knownNanos = suspendedNanos;
        return since;
    }
}
