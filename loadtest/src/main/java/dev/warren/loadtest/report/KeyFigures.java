package dev.warren.loadtest.report;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Comparison;
import dev.warren.loadtest.measure.RatioRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The few figures that stand for a comparison when many are shown at once: throughput, CPU, slow latency. */
final class KeyFigures {
    private static final List<Predicate<RatioRow>> KINDS =
            List.of(KeyFigures::isThroughput, KeyFigures::isCpu, KeyFigures::isSlowLatency);
    /** When nothing is known by its kind. */
    private static final int ANY = 3;

    private KeyFigures() {}

    /** Names of figures: of each kind the one that most comparisons have. */
    static List<String> of(List<Comparison> comparisons) {
        List<String> names = new ArrayList<>();
        KINDS.forEach(kind -> mostCommon(comparisons, kind).ifPresent(names::add));
        if (names.isEmpty()) {
            comparisons.stream()
                    .flatMap(comparison -> comparison.rows().stream())
                    .map(RatioRow::figure)
                    .distinct()
                    .limit(ANY)
                    .forEach(names::add);
        }
        return names;
    }

    /** The comparison's row of that figure. */
    static Optional<RatioRow> row(Comparison comparison, String figure) {
        return comparison.rows().stream()
                .filter(row -> row.figure().equals(figure))
                .findFirst();
    }

    /** Every figure that any of the comparisons has, in the order of their first appearance. */
    static List<String> all(List<Comparison> comparisons) {
        return comparisons.stream()
                .flatMap(comparison -> comparison.rows().stream())
                .map(RatioRow::figure)
                .distinct()
                .toList();
    }

    private static Optional<String> mostCommon(List<Comparison> comparisons, Predicate<RatioRow> kind) {
        Map<String, Integer> times = new LinkedHashMap<>();
        comparisons.forEach(comparison ->
                comparison.rows().stream().filter(kind).forEach(row -> times.merge(row.figure(), 1, Integer::sum)));
        // max() would take the last of equals; the first is the more important one.
        return times.entrySet().stream()
                .reduce((best, next) -> next.getValue() > best.getValue() ? next : best)
                .map(Map.Entry::getKey);
    }

    private static boolean isThroughput(RatioRow row) {
        return row.better() == Better.HIGHER;
    }

    private static boolean isCpu(RatioRow row) {
        return switch (row.unit()) {
            case CPU_PER_GB, CPU_PER_MILLION, SECONDS -> true;
            case CORES,
                    PACKETS_PER_SECOND,
                    RESPONSES_PER_SECOND,
                    CONNECTS_PER_SECOND,
                    BITS_PER_SECOND,
                    NANOS,
                    BYTES,
                    PERCENT,
                    COUNT -> false;
        };
    }

    private static boolean isSlowLatency(RatioRow row) {
        return row.figure().endsWith("p99");
    }
}
