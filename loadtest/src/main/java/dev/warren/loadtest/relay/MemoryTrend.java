package dev.warren.loadtest.relay;

import java.util.List;

/**
 * Whether a process's memory stays what it is. The first quarter of the samples is left out, in which a JVM takes what
 * it needs; then the second is compared with the last.
 *
 * @param beforeBytes the mean of the second quarter
 * @param afterBytes the mean of the last quarter
 */
record MemoryTrend(double beforeBytes, double afterBytes) {
    /** Implementation: a collector keeps more or less of the heap as it goes; a leak passes this in an hour. */
    private static final double TOLERATED_SHARE = 0.1;

    private static final double TOLERATED_BYTES = 16 << 20;

    /** The trend in {@code samples}, taken at even intervals; at least four. */
    static MemoryTrend of(List<Long> samples) {
        int quarter = samples.size() / 4;
        if (quarter == 0) {
            throw new IllegalArgumentException(samples.size() + " samples show no trend");
        }
        return new MemoryTrend(
                mean(samples.subList(quarter, 2 * quarter)),
                mean(samples.subList(samples.size() - quarter, samples.size())));
    }

    /** Whether it has not grown by more than a tenth or 16 MB, whichever is more. */
    boolean isFlat() {
        return afterBytes - beforeBytes <= Math.max(TOLERATED_BYTES, beforeBytes * TOLERATED_SHARE);
    }

    private static double mean(List<Long> samples) {
        return samples.stream().mapToLong(Long::longValue).average().orElseThrow();
    }
}
