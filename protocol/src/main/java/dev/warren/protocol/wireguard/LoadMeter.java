package dev.warren.protocol.wireguard;

/**
 * Says when handshakes come in faster than we care to compute. The kernel looks at the length of its handshake queue; a
 * device without a queue keeps the length that such a queue would have: each handshake message adds one, and it drains
 * at a fixed rate. Once reached, the state lasts for a second (paper section 5.3 leaves the measure open).
 */
final class LoadMeter {
    /** At about 0.35 ms a handshake this much takes a third of one core. */
    static final int DRAINED_PER_SECOND = 1000;
    /** An eighth of the kernel's queue of 4096 would be 512; a mesh node restarts with far fewer peers at once. */
    static final int BUSY_BACKLOG = 256;

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long COST_NANOS = SECOND_NANOS / DRAINED_PER_SECOND;

    /** When the imagined queue would be empty. */
    private long drainedAtNanos = Long.MIN_VALUE;

    private long busyUntilNanos = Long.MIN_VALUE;

    /** Counts one handshake message; whether we are under load now. */
    boolean isBusyWithOneMore(long nowNanos) {
        drainedAtNanos = Math.max(drainedAtNanos, nowNanos) + COST_NANOS;
        if (drainedAtNanos - nowNanos >= BUSY_BACKLOG * COST_NANOS) {
            // A flood must not fill the imagined queue without end, or the load would outlast it.
            drainedAtNanos = nowNanos + BUSY_BACKLOG * COST_NANOS;
            busyUntilNanos = nowNanos + SECOND_NANOS;
        }
        return nowNanos < busyUntilNanos;
    }
}
