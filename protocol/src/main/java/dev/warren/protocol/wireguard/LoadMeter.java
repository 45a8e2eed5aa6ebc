package dev.warren.protocol.wireguard;

/**
 * Says when handshakes come in faster than we care to compute (paper section 5.3 leaves the measure open). The kernel is
 * under load when its queue of handshake messages is an eighth full, and for a second after. This device works on every
 * message as soon as it comes and has no queue, so it keeps the length that such a queue would have behind a worker of a
 * fixed speed: each message with a valid first MAC adds one, and {@link #DRAINED_PER_SECOND} leave in a second. Other than
 * in the kernel garbage without that MAC does not count, since it costs next to nothing.
 */
final class LoadMeter {
    /** At 0.1 ms for a stranger's message and 0.35 ms for a peer's this much takes a tenth to a third of one core. */
    static final int DRAINED_PER_SECOND = 1000;
    /** The imagined queue; the kernel's has 4096, for a worker on every core. */
    static final int CAPACITY = 2048;
    /** An eighth, as in the kernel. All of it at once holds up the packets for 90 ms at worst. */
    static final int BUSY_BACKLOG = CAPACITY / 8;

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
