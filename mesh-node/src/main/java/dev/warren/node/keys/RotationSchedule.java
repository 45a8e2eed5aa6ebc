package dev.warren.node.keys;

import dev.warren.platform.config.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * When keys change: at every whole multiple of the period since 1970, so that two ends with the same schedule know the
 * dates without a word. Each stretch between two dates is an epoch and has a number.
 *
 * @param period from one change to the next: whole seconds, 1 s to 3650 days
 * @param overlap how long the key before a change is still accepted at least: more than 0, at most half the period; more
 *     than two clocks can be apart
 */
public record RotationSchedule(Duration period, Duration overlap) {
    private static final Duration MIN_PERIOD = Duration.ofSeconds(1);
    private static final Duration MAX_PERIOD = Duration.ofDays(3650);
    private static final Pattern PERIOD = Pattern.compile("[0-9]{1,9}[smhd]");
    private static final Duration USUAL_OVERLAP = Duration.ofHours(1);

    /** Throws IllegalArgumentException with a sentence that names the value and what is allowed. */
    public RotationSchedule {
        if (period.compareTo(MIN_PERIOD) < 0 || period.compareTo(MAX_PERIOD) > 0 || period.toNanosPart() != 0) {
            throw new IllegalArgumentException(
                    "a rotation period of " + period + " is not allowed: it is whole seconds, 1 second to 3650 days");
        }
        if (overlap.isNegative() || overlap.isZero() || overlap.multipliedBy(2).compareTo(period) > 0) {
            throw new IllegalArgumentException("a rotation overlap of " + overlap
                    + " is not allowed: it is more than nothing and at most half the period of " + period);
        }
    }

    /** A schedule with the usual overlap: a quarter of the period, and an hour at most. */
    public static RotationSchedule every(Duration period) {
        Duration quarter = period.dividedBy(4);
        return new RotationSchedule(period, quarter.compareTo(USUAL_OVERLAP) < 0 ? quarter : USUAL_OVERLAP);
    }

    /**
     * Reads a period such as {@code 30d}, {@code 12h}, {@code 45m} or {@code 90s}; with the usual overlap. Throws
     * IllegalArgumentException with a sentence.
     */
    public static RotationSchedule parse(String text) {
        if (!PERIOD.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no period: it is a number with s, m, h or d behind it");
        }
        return every(Durations.parse(text));
    }

    /** The number of the epoch that {@code at} lies in. */
    public long epoch(Instant at) {
        return Math.floorDiv(at.getEpochSecond(), period.toSeconds());
    }

    /** When an epoch begins. */
    public Instant start(long epoch) {
        return Instant.ofEpochSecond(Math.multiplyExact(epoch, period.toSeconds()));
    }

    /** The first date of a change after {@code at}. */
    public Instant next(Instant at) {
        return start(epoch(at) + 1);
    }
}
