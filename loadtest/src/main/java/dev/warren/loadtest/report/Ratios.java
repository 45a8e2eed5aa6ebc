package dev.warren.loadtest.report;

import dev.warren.loadtest.measure.Comparison;
import dev.warren.loadtest.measure.RatioRow;
import java.util.List;
import java.util.Locale;

/** How ratios and what belongs to them read. */
final class Ratios {
    private Ratios() {}

    /** A ratio such as {@code 1.84x}, {@code 23.0x} or {@code 0.042x}. */
    static String text(double ratio) {
        return number(ratio) + "x";
    }

    /** What a reader sees of a ratio: 1 for 1.004. */
    static double shown(double ratio) {
        return Double.isFinite(ratio) ? Double.parseDouble(number(ratio)) : ratio;
    }

    /** The median, with a sign when the true ratio may be greater or smaller: {@code >= 1.84x}. */
    static String median(RatioRow row) {
        return switch (row.bound()) {
            case EXACT -> text(row.median());
            case AT_LEAST -> ">= " + text(row.median());
            case AT_MOST -> "<= " + text(row.median());
        };
    }

    /** The median with its spread and how many pairs of runs it is of: {@code 1.84x (1.79-1.91, 5 pairs)}. */
    static String withSpread(RatioRow row) {
        return median(row) + " (" + spread(row) + ")";
    }

    /** The least and the greatest ratio and how many pairs of runs there were: {@code 1.79-1.91, 5 pairs}. */
    static String spread(RatioRow row) {
        int pairs = Math.min(row.a().size(), row.b().size());
        return pairs == 1 ? "1 pair" : number(row.low()) + "-" + number(row.high()) + ", " + pairs + " pairs";
    }

    /** The verdict on the row, and whether A has more or less: {@code better (lower)}. */
    static String verdict(RatioRow row) {
        double median = shown(row.median());
        String side = median > 1 ? "higher" : "lower";
        Verdict verdict = Verdict.of(row);
        return switch (verdict) {
            case BETTER, WORSE -> verdict.words() + " (" + side + ")";
            case NEUTRAL -> median == 1 ? "the same" : side;
            case LEVEL, UNCLEAR, NONE -> verdict.words();
        };
    }

    /** The median of the values in the row's unit; a dash when there are none. */
    static String median(RatioRow row, List<Double> values) {
        double[] sorted = values.stream()
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        if (sorted.length == 0) {
            return "-";
        }
        return shortened(row.unit().format((sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2));
    }

    /** Without what the figure's name says already: packets, responses, connects, CPU. */
    private static String shortened(String value) {
        return value.replaceFirst(" ?(packets|responses|connects)/s$", "/s").replace(" CPU s/", " s/");
    }

    /** Whether the row has a ratio to show. */
    static boolean isShown(Comparison comparison, RatioRow row) {
        return comparison.refused().isEmpty() && Double.isFinite(row.median());
    }

    /** The ratio with its spread, or why there is none. */
    static String textOrReason(Comparison comparison, RatioRow row) {
        if (isShown(comparison, row)) {
            return withSpread(row);
        }
        if (!comparison.refused().isEmpty()) {
            return "refused";
        }
        return row.note().isEmpty() ? "no ratio" : "no ratio: " + row.note();
    }

    /** Why a refused comparison has no ratio: one reason, and how many others there are. */
    static String refusal(Comparison comparison) {
        List<String> reasons = Alike.of(comparison.refused());
        int more = reasons.size() - 1;
        return "no ratio: " + reasons.getFirst() + (more == 0 ? "" : " (and " + more + " more)");
    }

    private static String number(double ratio) {
        double size = Math.abs(ratio);
        int decimals =
                size >= 99.95 || size == 0 ? 0 : size >= 9.995 ? 1 : size >= 0.0995 ? 2 : size >= 0.00995 ? 3 : 4;
        return String.format(Locale.ROOT, "%." + decimals + "f", ratio);
    }
}
