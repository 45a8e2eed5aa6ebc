package dev.warren.protocol.derp;

/**
 * Lets something through at a steady rate, with a burst: bytes from a client, connections from an address. Whoever
 * overdraws it gets into debt and is told for how long. Times are monotonic nanoseconds of the owner's clock; owned by
 * one thread.
 */
public final class TokenBucket {
    private static final double NANOS_PER_SECOND = 1e9;

    private long perSecond;
    private long burst;
    /** Negative when it is overdrawn. */
    private double tokens;

    private long filledNanos;

    /** A full bucket; both figures must be at least 1. */
    public TokenBucket(long perSecond, long burst, long nowNanos) {
        check(perSecond, burst);
        this.perSecond = perSecond;
        this.burst = burst;
        this.tokens = burst;
        this.filledNanos = nowNanos;
    }

    /** Takes {@code count} tokens whether they are there or not; how many nanoseconds the debt lasts, 0 for none. */
    public long take(long count, long nowNanos) {
        fill(nowNanos);
        tokens -= count;
        return debtNanos();
    }

    /** Takes {@code count} tokens if they are there. */
    public boolean tryTake(long count, long nowNanos) {
        fill(nowNanos);
        if (tokens < count) {
            return false;
        }
        tokens -= count;
        return true;
    }

    /** How many nanoseconds from {@code nowNanos} the debt lasts; 0 for none. */
    public long debtNanos(long nowNanos) {
        fill(nowNanos);
        return debtNanos();
    }

    /** Another rate from now on; what was taken stays taken. */
    public void change(long newPerSecond, long newBurst, long nowNanos) {
        check(newPerSecond, newBurst);
        fill(nowNanos);
        perSecond = newPerSecond;
        tokens = Math.min((double) newBurst, tokens + (newBurst - burst));
        burst = newBurst;
    }

    private void fill(long nowNanos) {
        long passed = nowNanos - filledNanos;
        if (passed > 0) {
            tokens = Math.min((double) burst, tokens + passed * ((double) perSecond / NANOS_PER_SECOND));
            filledNanos = nowNanos;
        }
    }

    private long debtNanos() {
        return tokens >= 0 ? 0 : (long) Math.ceil(-tokens / (double) perSecond * NANOS_PER_SECOND);
    }

    private static void check(long perSecond, long burst) {
        if (perSecond < 1 || burst < 1) {
            throw new IllegalArgumentException(
                    "a rate of " + perSecond + " a second with a burst of " + burst + " lets nothing through");
        }
    }
}
