package dev.warren.loadtest.relay;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Figure;
import dev.warren.loadtest.measure.ProcessProbe;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Timeline;
import dev.warren.loadtest.measure.Unit;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A part of the most that a relay carries, for long, and what becomes of its memory.
 *
 * @param load the names and values of {@link RelayOption}s, with target and pid and without a pace
 * @param share of the most, 0 to 1
 * @param search how long the most is looked for, as {@code --duration}
 */
record Soak(Map<String, String> load, double share, String search) {
    private static final int SAMPLES = 400;
    private static final double NANOS_PER_SECOND = 1e9;
    /** Implementation: loss beyond this is no longer a queue that overflowed in a pause of the machine. */
    private static final double TOLERATED_LOSS_PERCENT = 0.1;

    /**
     * What was found.
     *
     * @param passed whether the memory stayed flat and the packets came; a generator that was held up changes nothing
     */
    record Outcome(Result result, boolean passed) {}

    /** Runs it; what is wrong with the relay's memory, or with what it delivered, is said in the result too. */
    Outcome run(Progress progress) throws IOException, InterruptedException {
        Map<String, String> most = new HashMap<>(load);
        most.put(RelayOption.DURATION.title(), search);
        Result found = new RelayLoad(RelaySettings.parse(most)).run(progress);
        double rate = value(found, "delivered") * share;
        if (!(rate >= 1)) {
            throw new UserError("the relay delivers nothing: " + String.join("; ", found.unclean()));
        }
        Map<String, String> half = new HashMap<>(load);
        half.put(RelayOption.RATE.title(), String.valueOf(Math.round(rate)));
        RelaySettings settings = RelaySettings.parse(half);
        ProcessProbe probe = ProcessProbe.of(settings.pid());
        long intervalNanos =
                Math.max(1, (settings.span().warmupNanos() + settings.span().durationNanos()) / SAMPLES);
        List<Long> samples = new CopyOnWriteArrayList<>();
        try (ScheduledExecutorService sampler = Executors.newSingleThreadScheduledExecutor()) {
            var _ = sampler.scheduleAtFixedRate(
                    () -> samples.add(probe.residentBytes()), 0, intervalNanos, TimeUnit.NANOSECONDS);
            Result result = new RelayLoad(settings).run(progress);
            sampler.shutdownNow();
            return judged(result, samples, intervalNanos / NANOS_PER_SECOND);
        }
    }

    private static Outcome judged(Result result, List<Long> samples, double intervalSeconds) {
        MemoryTrend trend = MemoryTrend.of(samples);
        List<Figure> figures = new ArrayList<>(result.figures());
        figures.add(new Figure("server memory, second quarter", trend.beforeBytes(), Unit.BYTES, Better.LOWER));
        figures.add(new Figure("server memory, last quarter", trend.afterBytes(), Unit.BYTES, Better.LOWER));
        List<Timeline> timelines = new ArrayList<>(result.timelines());
        List<Double> bytes = samples.stream().map(Long::doubleValue).toList();
        timelines.add(new Timeline("server memory", Unit.BYTES, bytes, intervalSeconds));
        List<String> unclean = new ArrayList<>(result.unclean());
        if (!trend.isFlat()) {
            unclean.add("the relay's memory grew from " + Unit.BYTES.format(trend.beforeBytes()) + " to "
                    + Unit.BYTES.format(trend.afterBytes()));
        }
        double loss = value(result, "loss");
        if (loss > TOLERATED_LOSS_PERCENT) {
            unclean.add("of " + Unit.PERCENT.format(loss) + " of the packets nothing was seen again");
        }
        Result judged = new Result(
                result.kind(),
                result.subject(),
                result.settings(),
                figures,
                result.curves(),
                timelines,
                result.notes(),
                unclean);
        return new Outcome(judged, trend.isFlat() && loss <= TOLERATED_LOSS_PERCENT);
    }

    private static double value(Result result, String name) {
        return result.figure(name).map(Figure::value).orElse(Double.NaN);
    }
}
