package dev.warren.loadtest.bench;

import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/**
 * What one benchmark took.
 *
 * @param parameters such as "bytes=64, cipher=jdk"; empty for none
 * @param nanos time of one operation
 * @param errorNanos half the width of its 99.9 % confidence interval; NaN when one sample was all
 * @param bytes what one operation allocated; NaN when it was not measured
 */
record BenchRow(Catalogue.Entry benchmark, String parameters, double nanos, double errorNanos, double bytes) {
    private static final String ALLOCATED = "gc.alloc.rate.norm";
    /** Less than one small object in sixteen operations is the harness. */
    private static final double NO_BYTES = 0.5;

    /** From JMH's result, which must be a time in nanoseconds. */
    static BenchRow of(RunResult result) {
        BenchmarkParams params = result.getParams();
        Result<?> time = result.getPrimaryResult();
        Result<?> allocated = result.getSecondaryResults().get(ALLOCATED);
        return new BenchRow(
                Catalogue.named(params.getBenchmark()),
                parameters(params),
                time.getScore(),
                time.getScoreError(),
                allocated == null ? Double.NaN : allocated.getScore());
    }

    /** The parameters of a benchmark, as in {@link #parameters}. */
    static String parameters(BenchmarkParams params) {
        return params.getParamsKeys().stream()
                .map(key -> key + "=" + params.getParam(key))
                .collect(Collectors.joining(", "));
    }

    /** The time with its unit. */
    String timeText() {
        return time(nanos);
    }

    /** The error with its unit. */
    String errorText() {
        return Double.isNaN(errorNanos) ? "" : "± " + time(errorNanos);
    }

    /** Operations in a second. */
    String rateText() {
        double rate = 1e9 / nanos;
        if (rate >= 1e6) {
            return number(rate / 1e6) + " M/s";
        }
        return rate >= 1e3 ? number(rate / 1e3) + " k/s" : number(rate) + " /s";
    }

    /** Bytes allocated in one operation, rounded. */
    String bytesText() {
        if (Double.isNaN(bytes)) {
            return "";
        }
        return bytes < NO_BYTES ? "0" : String.format(Locale.ROOT, "%,d", Math.round(bytes));
    }

    private static String time(double nanos) {
        if (nanos < 1e4) {
            return number(nanos) + " ns";
        }
        return nanos < 1e7 ? number(nanos / 1e3) + " µs" : number(nanos / 1e6) + " ms";
    }

    /** Three digits that count, none cut off in front of the point. */
    private static String number(double value) {
        int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
