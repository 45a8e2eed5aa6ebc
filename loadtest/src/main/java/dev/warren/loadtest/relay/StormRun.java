package dev.warren.loadtest.relay;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.FileLimit;
import dev.warren.loadtest.measure.LatencyCurve;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Timeline;
import dev.warren.loadtest.measure.Unit;
import dev.warren.loadtest.relay.RelaySettings.Storm;
import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;

/** New connections and logins one after the other, and what they cost the relay. */
final class StormRun {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int MOST_AT_A_TIME = 2000;

    private final RelaySettings settings;
    private final Storm storm;

    StormRun(RelaySettings settings, Storm storm) {
        this.settings = settings;
        this.storm = storm;
    }

    Result run(Progress progress) throws IOException, InterruptedException {
        int files = storm.rate() > 0 ? MOST_AT_A_TIME * settings.threads() : storm.parallel() + settings.threads();
        FileLimit.require(files, "a storm with so many connections at a time");
        Crew.Outcome<StormShare.Count> outcome = new Crew<>(
                        IntStream.range(0, settings.threads())
                                .mapToObj(index -> new StormShare(settings, storm))
                                .toList(),
                        settings,
                        "connects")
                .run(progress);
        StormShare.Count total = new StormShare.Count(Schedule.intervals(settings.span()));
        outcome.results().forEach(total::add);
        return result(total, outcome.cost());
    }

    private Result result(StormShare.Count count, Cost cost) {
        Result.Builder result = Result.builder("relay", settings.target().toString());
        result.setting("transport", count.protection);
        if (storm.rate() > 0) {
            result.setting("connect storm", Unit.CONNECTS_PER_SECOND.format(storm.rate()));
        } else {
            result.setting("connect storm", "as fast as it goes, " + storm.parallel() + " at a time");
        }
        CommonFigures.common(result, settings);
        double seconds = settings.span().durationNanos() / NANOS_PER_SECOND;
        long failed =
                count.failures.values().stream().mapToLong(Long::longValue).sum();
        result.figure("connects", count.connects / seconds, Unit.CONNECTS_PER_SECOND, Better.HIGHER)
                .figure("failed connects", (double) failed, Unit.COUNT, Better.LOWER)
                .figures(LatencyCurve.figures("connect latency", count.latency))
                .curve(LatencyCurve.of("connect latency", count.latency))
                .timeline(timeline(count));
        if (settings.pid() != 0) {
            double connects = count.connects * cost.seconds() / seconds;
            result.figure("server CPU per connect", cost.serverCpuNanos() / connects, Unit.NANOS, Better.LOWER);
        }
        CommonFigures.cost(result, settings, cost);
        count.failures.forEach(
                (reason, times) -> result.unclean(CommonFigures.times(times, "connection") + " no success: " + reason));
        if (count.connects == 0) {
            result.unclean("no client got in");
        }
        return result.build();
    }

    private Timeline timeline(StormShare.Count count) {
        double interval = Schedule.intervalNanos(settings.span()) / NANOS_PER_SECOND;
        return new Timeline(
                "connects",
                Unit.CONNECTS_PER_SECOND,
                Arrays.stream(count.perInterval)
                        .mapToObj(connects -> connects / interval)
                        .toList(),
                interval);
    }
}
