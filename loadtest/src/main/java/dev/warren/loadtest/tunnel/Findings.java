package dev.warren.loadtest.tunnel;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Figure;
import dev.warren.loadtest.measure.LatencyCurve;
import dev.warren.loadtest.measure.QuietWatch;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Timeline;
import dev.warren.loadtest.measure.Unit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.HdrHistogram.Histogram;

/** What one round found, and what there is to say against it. Not for several threads. */
final class Findings {
    private final List<Figure> figures = new ArrayList<>();
    private final SequencedMap<String, Histogram> latencies = new LinkedHashMap<>();
    private final List<Timeline> timelines = new ArrayList<>();
    private final SequencedSet<String> notes = new LinkedHashSet<>();
    private final List<Disturbance> disturbances = new ArrayList<>();

    /** A step during which the machine did something else as well. */
    private record Disturbance(String step, QuietWatch.Verdict seen) {
        double cores() {
            return seen.otherCores() + seen.stealCores();
        }
    }

    void figure(String name, double value, Unit unit, Better better) {
        figures.add(new Figure(name, value, unit, better));
    }

    /** Adds the figures of a latency, and the curve. */
    void latency(String name, Histogram nanos) {
        figures.addAll(LatencyCurve.figures(name, nanos));
        latencies.put(name, nanos);
    }

    void timeline(Timeline timeline) {
        timelines.add(timeline);
    }

    void note(String sentence) {
        notes.add(sentence);
    }

    /** Notes what was seen during a step; when the machine was not quiet, the round must not count. */
    void seen(String step, QuietWatch.Verdict verdict) {
        if (!verdict.complaints().isEmpty()) {
            disturbances.add(new Disturbance(step, verdict));
        }
    }

    boolean isClean() {
        return disturbances.isEmpty();
    }

    /** What is to be said against the round, the worst step first; empty when it is clean. */
    String complaint() {
        if (disturbances.isEmpty()) {
            return "";
        }
        Disturbance worst = Collections.max(disturbances, Comparator.comparingDouble(Disturbance::cores));
        int others = disturbances.size() - 1;
        return "during \"" + worst.step() + "\" "
                + String.join(" and ", worst.seen().complaints())
                + (others == 0 ? "" : ", and too much in " + others + (others == 1 ? " other step" : " other steps"));
    }

    /**
     * Puts rounds together: of each figure the median, the latencies of all, the courses over time of the last.
     *
     * @param rounds at least one
     */
    static void merge(List<Findings> rounds, Result.Builder result) {
        for (Figure figure : rounds.getFirst().figures) {
            List<Double> values = rounds.stream()
                    .flatMap(round -> round.figures.stream())
                    .filter(other -> other.name().equals(figure.name()))
                    .map(Figure::value)
                    .toList();
            result.figure(figure.name(), median(values), figure.unit(), figure.better());
        }
        rounds.getFirst().latencies.forEach((name, first) -> {
            Histogram sum = first.copy();
            rounds.stream().skip(1).map(round -> round.latencies.get(name)).forEach(sum::add);
            result.curve(LatencyCurve.of(name, sum));
        });
        rounds.getLast().timelines.forEach(result::timeline);
        SequencedSet<String> notes = new LinkedHashSet<>();
        rounds.forEach(round -> notes.addAll(round.notes));
        notes.forEach(result::note);
    }

    /** The one in the middle, or between the two in the middle. */
    static double median(List<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }
}
