package dev.warren.loadtest.compare;

import dev.warren.loadtest.compare.Duel.Pair;
import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Bound;
import dev.warren.loadtest.measure.Comparison;
import dev.warren.loadtest.measure.Figure;
import dev.warren.loadtest.measure.RatioRow;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Turns pairs of runs into ratios: for each figure pair by pair, with median and spread. A pair in which a run was not
 * clean gives none, and one that lost more than the spec allows gives none of throughput and CPU. Fewer than
 * {@link Plan#LEAST_PAIRS} pairs give no ratio at all, and the comparison says why: as a whole, or in the row's note,
 * and then the row's ratio is NaN.
 */
final class Judge {
    /** The figure that says how much was lost. */
    static final String LOSS = "loss";
    /** What a workload notes when it may have been the limit itself. */
    private static final Pattern SATURATED = Pattern.compile("the generator.*(saturated|busy)");

    private static final String HELD_DOWN = "the generator's core was saturated";

    private static final Set<Unit> RATES = EnumSet.of(
            Unit.PACKETS_PER_SECOND, Unit.RESPONSES_PER_SECOND, Unit.CONNECTS_PER_SECOND, Unit.BITS_PER_SECOND);
    private static final Set<Unit> COSTS = EnumSet.of(Unit.SECONDS, Unit.CORES, Unit.CPU_PER_GB, Unit.CPU_PER_MILLION);

    private final List<Pair> all;
    private final double allowedLossPercent;

    private Judge(List<Pair> all, double allowedLossPercent) {
        this.all = all;
        this.allowedLossPercent = allowedLossPercent;
    }

    /** The comparison of {@code pairs}, runs of {@code a} and {@code b} under the load called {@code name}. */
    static Comparison compare(String name, String a, String b, List<Pair> pairs, double allowedLossPercent) {
        Judge judge = new Judge(pairs, allowedLossPercent);
        List<Pair> clean = pairs.stream().filter(Pair::isClean).toList();
        return clean.size() < Plan.LEAST_PAIRS
                ? new Comparison(name, a, b, List.of(), judge.complaints(clean.size()))
                : new Comparison(name, a, b, judge.rows(clean), List.of());
    }

    private List<String> complaints(int clean) {
        List<String> reasons = new ArrayList<>();
        for (Pair pair : all) {
            for (Result result : List.of(pair.a(), pair.b())) {
                result.unclean()
                        .forEach(reason ->
                                reasons.add("round " + pair.round() + ", " + result.subject() + ": " + reason));
            }
        }
        reasons.add((clean == 0 ? "no pair" : clean + (clean == 1 ? " pair" : " pairs")) + " of " + all.size()
                + " was clean, and a ratio with its spread needs " + Plan.LEAST_PAIRS);
        return reasons;
    }

    private List<RatioRow> rows(List<Pair> clean) {
        List<RatioRow> rows = new ArrayList<>();
        for (Figure figure : clean.getFirst().a().figures()) {
            if (figure.better() != Better.NEITHER) {
                row(figure, clean).ifPresent(rows::add);
            }
        }
        return rows;
    }

    private Optional<RatioRow> row(Figure figure, List<Pair> clean) {
        List<Pair> found =
                clean.stream().filter(pair -> isIn(pair, figure.name())).toList();
        if (found.isEmpty() || found.stream().allMatch(pair -> isNothing(pair, figure.name()))) {
            return Optional.empty();
        }
        boolean spoiltByLoss = RATES.contains(figure.unit()) || COSTS.contains(figure.unit());
        List<Pair> used = spoiltByLoss ? found.stream().filter(this::lostLittle).toList() : found;
        if (used.size() < Plan.LEAST_PAIRS) {
            String reason = used.size() < found.size() ? loss(found) : "too few runs have it";
            return Optional.of(refuse(figure, found, reason));
        }
        if (used.stream().anyMatch(pair -> value(pair.b(), figure.name()) == 0)) {
            return Optional.of(refuse(figure, used, "nothing can be divided by 0"));
        }
        return Optional.of(ratio(figure, used));
    }

    private RatioRow ratio(Figure figure, List<Pair> pairs) {
        boolean heldA = isHeldDown(figure, pairs.stream().map(Pair::a));
        boolean heldB = isHeldDown(figure, pairs.stream().map(Pair::b));
        if (heldA && heldB) {
            return refuse(figure, pairs, "with both " + HELD_DOWN);
        }
        Bound bound = heldA ? Bound.AT_LEAST : heldB ? Bound.AT_MOST : Bound.EXACT;
        double[] ratios = pairs.stream()
                .mapToDouble(pair -> value(pair.a(), figure.name()) / value(pair.b(), figure.name()))
                .sorted()
                .toArray();
        String note = Stream.of(saturation(bound), remainder(pairs))
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining("; "));
        return row(figure, pairs, new double[] {median(ratios), ratios[0], ratios[ratios.length - 1]}, bound, note);
    }

    private static RatioRow refuse(Figure figure, List<Pair> pairs, String reason) {
        double[] none = new double[3];
        Arrays.fill(none, Double.NaN);
        return row(figure, pairs, none, Bound.EXACT, reason);
    }

    private static RatioRow row(Figure figure, List<Pair> pairs, double[] ratio, Bound bound, String note) {
        return new RatioRow(
                figure.name(),
                figure.unit(),
                figure.better(),
                pairs.stream().map(pair -> value(pair.a(), figure.name())).toList(),
                pairs.stream().map(pair -> value(pair.b(), figure.name())).toList(),
                ratio[0],
                ratio[1],
                ratio[2],
                bound,
                note);
    }

    /** A rate that the generator held down is known from below only. */
    private static boolean isHeldDown(Figure figure, Stream<Result> results) {
        return RATES.contains(figure.unit()) && results.anyMatch(Judge::isSaturated);
    }

    private static String saturation(Bound bound) {
        return switch (bound) {
            case EXACT -> "";
            case AT_LEAST -> "at least: " + HELD_DOWN;
            case AT_MOST -> "at most: " + HELD_DOWN;
        };
    }

    private String remainder(List<Pair> used) {
        return used.size() == all.size() ? "" : "from " + used.size() + " of " + all.size() + " pairs";
    }

    /** Who lost most, and how much. */
    private String loss(List<Pair> pairs) {
        return pairs.stream()
                .flatMap(pair -> Stream.of(pair.a(), pair.b()))
                .max((one, other) -> Double.compare(lossOf(one), lossOf(other)))
                .map(worst -> worst.subject() + " lost " + Unit.PERCENT.format(lossOf(worst)) + ", and the spec allows "
                        + Unit.PERCENT.format(allowedLossPercent))
                .orElse("");
    }

    private boolean lostLittle(Pair pair) {
        return lossOf(pair.a()) <= allowedLossPercent && lossOf(pair.b()) <= allowedLossPercent;
    }

    /** What a run lost, in percent; none when it does not say. */
    private static double lossOf(Result result) {
        double loss = value(result, LOSS);
        return Double.isNaN(loss) ? 0 : loss;
    }

    private static boolean isSaturated(Result result) {
        return result.notes().stream().anyMatch(note -> SATURATED.matcher(note).find());
    }

    private static boolean isIn(Pair pair, String name) {
        return Double.isFinite(value(pair.a(), name)) && Double.isFinite(value(pair.b(), name));
    }

    private static boolean isNothing(Pair pair, String name) {
        return value(pair.a(), name) == 0 && value(pair.b(), name) == 0;
    }

    private static double value(Result result, String name) {
        return result.figure(name).map(Figure::value).orElse(Double.NaN);
    }

    /** The middle of sorted values; of an even number of them the mean of the middle two. */
    static double median(double[] sorted) {
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
