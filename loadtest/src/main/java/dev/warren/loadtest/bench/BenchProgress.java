package dev.warren.loadtest.bench;

import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/** Shows a run of JMH as one line for each benchmark, and keeps the last of what JMH says for when it fails. */
final class BenchProgress implements OutputFormat {
    private static final int KEPT_LINES = 30;

    private final PrintWriter out;
    private final int count;
    private final Deque<String> said = new ArrayDeque<>();
    private int started;

    /** For {@code count} benchmarks, each combination of parameters counted. */
    BenchProgress(PrintWriter out, int count) {
        this.out = out;
        this.count = count;
    }

    /** JMH's last lines. */
    List<String> lastLines() {
        return List.copyOf(said);
    }

    @Override
    public void startBenchmark(BenchmarkParams params) {
        started++;
        String parameters = BenchRow.parameters(params);
        String name = Catalogue.named(params.getBenchmark()).name();
        out.printf(Locale.ROOT, "[%2d/%d] %s%s ", started, count, name, parameters.isEmpty() ? "" : " " + parameters);
        out.flush();
    }

    @Override
    public void endBenchmark(BenchmarkResult result) {
        BenchRow row = BenchRow.of(new RunResult(result.getParams(), List.of(result)));
        out.println(row.timeText() + " " + row.errorText() + ", " + row.bytesText() + " B");
        out.flush();
    }

    @Override
    public void println(String line) {
        said.add(line);
        if (said.size() > KEPT_LINES) {
            said.remove();
        }
    }

    @Override
    public void verbosePrintln(String line) {
        println(line);
    }

    @Override
    public void print(String part) {
        println(part);
    }

    @Override
    public void iteration(BenchmarkParams params, IterationParams iteration, int number) {}

    @Override
    public void iterationResult(
            BenchmarkParams params, IterationParams iteration, int number, IterationResult result) {}

    @Override
    public void startRun() {}

    @Override
    public void endRun(Collection<RunResult> results) {}

    @Override
    public void flush() {}

    @Override
    public void close() {}

    @Override
    public void write(int one) {}

    @Override
    public void write(byte[] several) {}
}
