package dev.warren.protocol.udprelay;

/** A bucket that fills at a steady rate and is full at first; kept as the time at which it will be full again. */
final class TokenBucket {
    private static final long SECOND = 1_000_000_000L;

    private final long rate;
    private final long fillNanos;
    private long fullNanos = Long.MIN_VALUE;

    /**
     * @param rate tokens a second, 1 to 10^9
     * @param burst what it holds, at most 2^31
     */
    TokenBucket(long rate, long burst) {
        this.rate = rate;
        this.fillNanos = burst * SECOND / rate;
    }

    /** Takes {@code tokens} (at most 2^31) if so many are there. */
    boolean take(long tokens, long nowNanos) {
        long from = Math.max(fullNanos, nowNanos);
        long after = from + tokens * SECOND / rate;
        if (after - nowNanos > fillNanos) {
            return false;
        }
        fullNanos = after;
        return true;
    }
}
