package dev.warren.loadtest.stun;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.LatencyCurve;
import dev.warren.loadtest.measure.QuietWatch;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Timeline;
import dev.warren.loadtest.measure.Unit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Makes figures of what was counted. */
record StunResult(StunSettings settings, Tally tally, Costs costs, QuietWatch.Verdict quiet) {
    /** Requests that are sent later than this are not the load that was asked for. */
    private static final long ALLOWED_LAG_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final double SATURATED = 0.95;
    private static final String LATENCY = "latency";

    Result build(List<Health> targets, boolean serverAlive) {
        String subject = targets.stream().map(Health::name).collect(Collectors.joining(", "));
        Result.Builder result = Result.builder("stun", subject);
        settings(result);
        figures(result);
        result.curve(LatencyCurve.of(LATENCY, tally.latency()));
        List<Double> responses = Arrays.stream(tally.perInterval())
                .mapToObj(count -> count / tally.intervalSeconds())
                .toList();
        result.timeline(new Timeline("responses", Unit.RESPONSES_PER_SECOND, responses, tally.intervalSeconds()));
        notes(result);
        complaints(result, targets, serverAlive);
        return result.build();
    }

    private void settings(Result.Builder result) {
        LoadShape shape = settings.shape();
        result.setting("load", shape.text())
                .setting("form", shape.form().word())
                .setting("sockets", settings.socketCount())
                .setting("batch", shape.batch() + (shape.trains() ? ", as trains" : ""))
                .setting("warm-up", settings.warmup().toMillis() / 1e3 + " s")
                .setting("duration", settings.duration().toMillis() / 1e3 + " s");
    }

    private void figures(Result.Builder result) {
        double sent = (double) Math.max(1, tally.sent());
        result.figure("responses", tally.inTime() / tally.seconds(), Unit.RESPONSES_PER_SECOND, Better.HIGHER)
                .figure("requests", tally.sent() / tally.seconds(), Unit.RESPONSES_PER_SECOND, Better.NEITHER)
                .figure("loss", 100 * tally.lost() / sent, Unit.PERCENT, Better.LOWER)
                .figure("late (after 1 s)", (double) tally.late(), Unit.COUNT, Better.LOWER)
                .figure("duplicates", (double) tally.duplicates(), Unit.COUNT, Better.LOWER)
                .figure("wrong answers", (double) tally.wrong().total(), Unit.COUNT, Better.LOWER)
                .figures(LatencyCurve.figures(LATENCY, tally.latency()));
        if (!settings.pids().isEmpty()) {
            result.figure("server CPU per million", perMillion(costs.server()), Unit.CPU_PER_MILLION, Better.LOWER)
                    .figure("server cores", costs.serverCores(), Unit.CORES, Better.NEITHER);
        }
        result.figure("generator cores", costs.ownCores(), Unit.CORES, Better.NEITHER)
                .figure("generator CPU per million", perMillion(costs.own()), Unit.CPU_PER_MILLION, Better.NEITHER)
                .figure("generator busy", 100 * costs.busy(), Unit.PERCENT, Better.NEITHER)
                .figure("generator ceiling", ceiling(), Unit.RESPONSES_PER_SECOND, Better.NEITHER);
        if (settings.shape().isOpen()) {
            result.figure("schedule lag p99", (double) lagNanos(), Unit.NANOS, Better.NEITHER);
        }
    }

    /** What it could do at least, if it were busy all the time; the busier, the larger its batches. */
    private double ceiling() {
        return tally.inTime() / tally.seconds() / costs.busy();
    }

    private double perMillion(long cpuNanos) {
        return cpuNanos / 1e9 / Math.max(1, tally.inTime()) * 1e6;
    }

    private void notes(Result.Builder result) {
        for (Wrong reason : Wrong.values()) {
            if (tally.wrong().of(reason) > 0) {
                result.note(tally.wrong().of(reason) + " answers were wrong: " + reason.text());
            }
        }
        if (tally.refused() > 0) {
            result.note("the network brought an error back " + tally.refused() + " times (a closed port)");
        }
        if (!settings.shape().isOpen() && tally.lost() > 0) {
            result.note("a lost request keeps its place in the window for 1 s, so loss lowers the responses too");
        }
        if (costs.busy() > SATURATED) {
            result.note(String.format(
                    Locale.ROOT,
                    "the generator was busy for %.0f %% of the time: the server may be faster than this shows",
                    100 * costs.busy()));
        }
    }

    private void complaints(Result.Builder result, List<Health> targets, boolean serverAlive) {
        result.unclean(quiet.complaints());
        if (settings.shape().isOpen() && lagNanos() > ALLOWED_LAG_NANOS) {
            result.unclean("requests were not sent on time: 1 % went out more than "
                    + Unit.NANOS.format((double) lagNanos()) + " late");
        }
        if (tally.wrong().total() > 0) {
            result.unclean(tally.wrong().total() + " answers were wrong");
        }
        if (!serverAlive) {
            result.unclean("the server's process ended during the run");
        }
        for (Health target : targets) {
            if (target.refusals() > 0) {
                result.unclean(target.name() + " was closed for a part of the run");
            }
        }
    }

    private long lagNanos() {
        return tally.lag().getValueAtPercentile(99);
    }
}
