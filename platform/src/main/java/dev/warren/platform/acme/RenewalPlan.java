package dev.warren.platform.acme;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/** When to order; a function of the certificate, the clock and what failed. */
final class RenewalPlan {
    // Implementation. A third is what authorities advise: there is time for many attempts, and for a person to notice.
    private static final int LEFT_PART = 3;
    private static final Duration FIRST_RETRY = Duration.ofMinutes(1);
    private static final Duration MAX_RETRY = Duration.ofHours(6);
    /** Doubled from a minute, this is past the most already. */
    private static final int MAX_DOUBLINGS = 10;

    private RenewalPlan() {}

    /** When a third of the certificate's life is left. */
    static Instant due(X509Certificate certificate) {
        Instant from = certificate.getNotBefore().toInstant();
        Instant to = certificate.getNotAfter().toInstant();
        return to.minus(Duration.between(from, to).dividedBy(LEFT_PART));
    }

    /** How long to wait after so many failures in a row, at least one: a minute, doubled up to six hours, up to a
     * quarter less or more so that a fleet does not come all at once. */
    static Duration retry(int failures, RandomGenerator random) {
        Duration doubled = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, MAX_DOUBLINGS));
        Duration bounded = doubled.compareTo(MAX_RETRY) < 0 ? doubled : MAX_RETRY;
        long quarter = bounded.toMillis() / 4;
        return bounded.plusMillis(random.nextLong(-quarter, quarter + 1));
    }
}
