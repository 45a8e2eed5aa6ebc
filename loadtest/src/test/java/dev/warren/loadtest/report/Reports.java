package dev.warren.loadtest.report;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Bound;
import dev.warren.loadtest.measure.Comparison;
import dev.warren.loadtest.measure.LatencyCurve;
import dev.warren.loadtest.measure.Machine;
import dev.warren.loadtest.measure.RatioRow;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Timeline;
import dev.warren.loadtest.measure.Unit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Made-up reports. */
final class Reports {
    static final Machine MACHINE = new Machine("Abacus 3", 2, 8L << 30, "6.18.0", "25.0.1", 20_000);
    static final Instant AT = Instant.parse("2026-11-22T06:37:12Z");
    /** A name that tries to become markup, a terminal command and a line of its own. */
    static final String HOSTILE = "<script>alert('x')</script>&\"\u001B[31m\nline";

    private Reports() {}

    static Report of(List<Result> results, List<Comparison> comparisons) {
        return new Report(
                "Relay under load",
                "warren loadtest relay --target <ours> --seconds 20",
                AT,
                MACHINE,
                results,
                comparisons);
    }

    /** A relay run at so many packets a second, with curve and timeline. */
    static Result relay(String subject, double rate) {
        return builder(subject, rate).build();
    }

    static Result.Builder builder(String subject, double rate) {
        return Result.builder("relay", subject)
                .setting("target", "derp://" + subject + ":3340")
                .setting("pairs", 20)
                .setting("size", "100 B")
                .figure("delivered", rate, Unit.PACKETS_PER_SECOND, Better.HIGHER)
                .figure("throughput", rate * 800, Unit.BITS_PER_SECOND, Better.HIGHER)
                .figure("loss", 0, Unit.PERCENT, Better.LOWER)
                .figure("latency p50", 1e11 / rate, Unit.NANOS, Better.LOWER)
                .figure("latency p99", 5e11 / rate, Unit.NANOS, Better.LOWER)
                .figure("server CPU per million", 8e5 / rate, Unit.CPU_PER_MILLION, Better.LOWER)
                .curve(curve(1e11 / rate))
                .timeline(timeline(rate));
    }

    static LatencyCurve curve(double medianNanos) {
        List<LatencyCurve.Point> points = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            double percentile = 100 - 100 * Math.pow(2, -i / 4.0);
            points.add(new LatencyCurve.Point(
                    percentile, (long) (medianNanos * (0.5 + 0.01 * i + Math.pow(i / 30.0, 4)))));
        }
        points.add(new LatencyCurve.Point(100, (long) (medianNanos * 70)));
        return new LatencyCurve("latency", 4_000_000, points);
    }

    static Timeline timeline(double rate) {
        Random random = new Random((long) rate);
        List<Double> values = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            values.add(rate * (i < 2 ? 0.6 : 0.97 + 0.06 * random.nextDouble()));
        }
        return new Timeline("delivered", Unit.PACKETS_PER_SECOND, values, 0.5);
    }

    /** Runs of A and of B in turn, 20 pairs of 100 B unless the name says otherwise. */
    static Comparison comparison(String name, double speed) {
        return new Comparison(
                name,
                "warren",
                "derper",
                List.of(
                        row("delivered", Unit.PACKETS_PER_SECOND, Better.HIGHER, 496e3, speed),
                        row("loss", Unit.PERCENT, Better.LOWER, 0, Double.NaN),
                        row("latency p50", Unit.NANOS, Better.LOWER, 0.3e6, 1.01),
                        row("latency p99", Unit.NANOS, Better.LOWER, 2e6, 1 / speed),
                        row("server CPU per million", Unit.CPU_PER_MILLION, Better.LOWER, 1.9, 0.8 / speed),
                        row("server RSS", Unit.BYTES, Better.NEITHER, 60e6, 2.5)),
                List.of());
    }

    static Comparison refused(String name) {
        return new Comparison(
                name, "warren", "derper", List.of(), List.of("derper's third run: other processes took 0.8 cores"));
    }

    /** A row of five pairs around {@code ratio}. */
    static RatioRow row(String figure, Unit unit, Better better, double b, double ratio) {
        double[] spread = {0.97, 0.98, 1, 1.01, 1.04};
        List<Double> as = Arrays.stream(spread)
                .map(s -> s * b * (Double.isNaN(ratio) ? 1 : ratio))
                .boxed()
                .toList();
        return new RatioRow(
                figure,
                unit,
                better,
                as,
                List.of(b, b, b, b, b),
                ratio,
                ratio * spread[0],
                ratio * spread[4],
                Bound.EXACT,
                Double.isNaN(ratio) ? "both are zero" : "");
    }
}
