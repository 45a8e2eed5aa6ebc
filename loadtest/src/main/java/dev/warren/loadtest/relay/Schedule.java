package dev.warren.loadtest.relay;

import java.util.concurrent.TimeUnit;

/**
 * When a run does what, in {@link dev.warren.platform.linux.Clock#bootTimeNanos}: traffic from {@code startNanos},
 * measured from {@code fromNanos} until {@code untilNanos}, what is still on its way is waited for until {@code
 * drainedNanos} at most.
 */
record Schedule(long startNanos, long fromNanos, long untilNanos, long drainedNanos) {
    private static final long DRAIN_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONG_RUN_NANOS = 10 * SECOND_NANOS;

    static Schedule from(long startNanos, RelaySettings.Span span) {
        long from = startNanos + span.warmupNanos();
        long until = from + span.durationNanos();
        return new Schedule(startNanos, from, until, until + DRAIN_NANOS);
    }

    /** How long one point of the timeline is: a second, and less in short runs. */
    static long intervalNanos(RelaySettings.Span span) {
        return span.durationNanos() >= LONG_RUN_NANOS ? SECOND_NANOS : SECOND_NANOS / 10;
    }

    /** How many points there are. */
    static int intervals(RelaySettings.Span span) {
        return (int) Math.ceilDiv(span.durationNanos(), intervalNanos(span));
    }
}
