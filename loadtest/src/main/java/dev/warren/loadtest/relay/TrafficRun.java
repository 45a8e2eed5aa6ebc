package dev.warren.loadtest.relay;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.FileLimit;
import dev.warren.loadtest.measure.LatencyCurve;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Timeline;
import dev.warren.loadtest.measure.Unit;
import dev.warren.loadtest.relay.RelaySettings.Traffic;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** Pairs of clients that send each other packets, and what of that arrived. */
final class TrafficRun {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double BYTES_PER_GB = 1e9;
    private static final double MILLION = 1e6;
    private static final double LAG_LIMIT_NANOS = 1e6;
    private static final double P99 = 99;

    private final RelaySettings settings;
    private final Traffic traffic;

    TrafficRun(RelaySettings settings, Traffic traffic) {
        this.settings = settings;
        this.traffic = traffic;
    }

    Result run(Progress progress) throws IOException, InterruptedException {
        int clients = traffic.pairs().clients();
        FileLimit.require(clients, clients + " clients");
        Crew.Outcome<Tally> outcome = new Crew<>(
                        IntStream.range(0, settings.threads())
                                .mapToObj(index -> new Worker(settings, traffic, index))
                                .toList(),
                        settings,
                        "packets")
                .run(progress);
        Tally total = new Tally(Schedule.intervals(settings.span()));
        outcome.results().forEach(total::add);
        return result(total, outcome.cost());
    }

    private Result result(Tally tally, Cost cost) {
        Result.Builder result = Result.builder("relay", settings.target().toString());
        describe(result, tally);
        double seconds = settings.span().durationNanos() / NANOS_PER_SECOND;
        figures(result, tally.normal, "", seconds);
        result.figure("loss", tally.normal.lossPercent(), Unit.PERCENT, Better.LOWER)
                .figure("out of order", (double) tally.normal.outOfOrder, Unit.COUNT, Better.LOWER);
        if (traffic.slow().receivers() > 0) {
            figures(result, tally.slow, " (slow receivers)", seconds);
        }
        cost(result, tally, cost, seconds);
        if (traffic.pace() instanceof RelaySettings.Open) {
            lag(result, tally);
        }
        complaints(result, tally);
        return result.build();
    }

    private void describe(Result.Builder result, Tally tally) {
        RelaySettings.Pairs pairs = traffic.pairs();
        result.setting("transport", tally.protection)
                .setting("pairs", pairs.count())
                .setting("clients", pairs.clients())
                .setting("packets", traffic.packets())
                .setting("burst", traffic.burst());
        switch (traffic.pace()) {
            case RelaySettings.Closed closed -> result.setting("window", closed.window());
            case RelaySettings.Open open -> result.setting("rate", open.packetsPerSecond());
        }
        if (pairs.fanIn() > 1) {
            result.setting("fan-in", pairs.fanIn());
        }
        if (traffic.slow().receivers() > 0) {
            result.setting(
                    "slow receivers",
                    traffic.slow().receivers() + " at " + traffic.slow().bytesPerSecond() + " B/s");
        }
        CommonFigures.common(result, settings);
    }

    private void figures(Result.Builder result, Tally.Group group, String who, double seconds) {
        result.figure("delivered" + who, group.packets / seconds, Unit.PACKETS_PER_SECOND, Better.HIGHER)
                .figure("throughput" + who, group.bytes * 8 / seconds, Unit.BITS_PER_SECOND, Better.HIGHER)
                .figures(LatencyCurve.figures("latency" + who, group.latency))
                .curve(LatencyCurve.of("latency" + who, group.latency))
                .timeline(timeline("delivered" + who, group));
    }

    private Timeline timeline(String name, Tally.Group group) {
        double interval = Schedule.intervalNanos(settings.span()) / NANOS_PER_SECOND;
        double last = settings.span().durationNanos() / NANOS_PER_SECOND - interval * (group.perInterval.length - 1);
        double[] rates = Arrays.stream(group.perInterval)
                .mapToDouble(count -> count / interval)
                .toArray();
        rates[rates.length - 1] *= interval / last;
        return new Timeline(
                name, Unit.PACKETS_PER_SECOND, Arrays.stream(rates).boxed().toList(), interval);
    }

    private void cost(Result.Builder result, Tally tally, Cost cost, double seconds) {
        // The probe's two moments are not exactly the measured time's, so that cost is taken per second of its own.
        double packets = (tally.normal.packets + tally.slow.packets) * cost.seconds() / seconds;
        double bytes = (tally.normal.bytes + tally.slow.bytes) * cost.seconds() / seconds;
        if (settings.pid() != 0) {
            result.figure(
                            "server CPU per GB",
                            cost.serverCpuSeconds() / (bytes / BYTES_PER_GB),
                            Unit.CPU_PER_GB,
                            Better.LOWER)
                    .figure(
                            "server CPU per million",
                            cost.serverCpuSeconds() / (packets / MILLION),
                            Unit.CPU_PER_MILLION,
                            Better.LOWER);
        }
        CommonFigures.cost(result, settings, cost);
    }

    private void lag(Result.Builder result, Tally tally) {
        Histogram lag = tally.lag;
        double p99 = lag.getTotalCount() == 0 ? 0 : lag.getValueAtPercentile(P99);
        result.figure("generator lag p99", p99, Unit.NANOS, Better.NEITHER);
        if (p99 > LAG_LIMIT_NANOS) {
            result.unclean(String.format(
                    Locale.ROOT,
                    "the generator could not keep its schedule: 1 %% of the bursts left it %s late or more",
                    Unit.NANOS.format(p99)));
        }
        if (tally.notSent > 0) {
            result.unclean(CommonFigures.times(tally.notSent, "packet")
                    + " never sent: the relay did not take as many as the rate asks for");
        }
    }

    private void complaints(Result.Builder result, Tally tally) {
        if (tally.connectionsLost > 0) {
            result.unclean(CommonFigures.times(tally.connectionsLost, "connection")
                    + " lost during the run; the first one: " + tally.firstLoss);
        }
        if (tally.strangers > 0) {
            result.unclean(
                    CommonFigures.times(tally.strangers, "packet") + " seen by clients that they were not sent to");
        }
        long duplicates = tally.normal.duplicates + tally.slow.duplicates;
        if (duplicates > 0) {
            result.unclean(CommonFigures.times(duplicates, "packet") + " delivered more than once");
        }
        if (tally.normal.packets + tally.slow.packets == 0) {
            result.unclean("nothing was delivered");
        }
    }
}
