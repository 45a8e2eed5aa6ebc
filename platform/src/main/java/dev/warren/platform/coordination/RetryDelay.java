package dev.warren.platform.coordination;

import java.util.random.RandomGenerator;

/** How long to wait before the next attempt: 0.5 s, doubled up to a bound, each cut by up to half by chance. */
public final class RetryDelay {
    /** Wait after the first failure, in milliseconds, before chance. */
    public static final long FIRST_MILLIS = 500;

    /** The longest wait unless it is said otherwise, in milliseconds. */
    public static final long MAX_MILLIS = 30_000;

    private final RandomGenerator random;
    private final long maxMillis;
    private int failures;

    /** No failure yet; {@code random} gives the chance. */
    public RetryDelay(RandomGenerator random) {
        this(random, MAX_MILLIS);
    }

    /** No wait is longer than {@code maxMillis}. */
    public RetryDelay(RandomGenerator random, long maxMillis) {
        this.random = random;
        this.maxMillis = maxMillis;
    }

    /** The next failure is the first again. */
    public void succeeded() {
        failures = 0;
    }

    /** The wait after one more failure, in milliseconds. */
    public long nextMillis() {
        long full = Math.min(maxMillis, FIRST_MILLIS << Math.min(failures, 16));
        failures++;
        return full / 2 + random.nextLong(full / 2 + 1);
    }
}
