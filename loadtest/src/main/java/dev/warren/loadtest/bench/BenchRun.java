package dev.warren.loadtest.bench;

import dev.warren.platform.config.UserError;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Has JMH run benchmarks, each in JVMs of its own. */
final class BenchRun {
    /** What the launcher gives a program on the data path, the Vector API, and room for the largest tables. */
    static final List<String> JVM_OPTIONS = List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "--add-modules=jdk.incubator.vector",
            "-Xshare:auto",
            "-Dio.netty.leakDetection.level=disabled",
            "-Djmh.executor=CUSTOM",
            "-Djmh.executor.class=" + NettyThreads.class.getName(),
            "-XX:+UseSerialGC",
            "-Xms1g",
            "-Xmx1g");

    private BenchRun() {}

    /**
     * How long each benchmark runs.
     *
     * @param forks JVMs one after the other; 0 for none but this one
     * @param warmups iterations that do not count, in each JVM
     * @param iterations those that count
     * @param iterationMillis the length of each
     */
    record Effort(int forks, int warmups, int iterations, int iterationMillis) {
        /** Twelve seconds for each benchmark. */
        static final Effort FULL = new Effort(2, 2, 3, 1000);
        /** A look: less than two seconds for each. */
        static final Effort QUICK = new Effort(1, 1, 3, 200);

        /** One sentence for the table. */
        String text() {
            return "Each row: " + forks + (forks == 1 ? " JVM" : " JVMs, one after the other") + ", in each " + warmups
                    + " + " + iterations + " iterations of " + iterationMillis + " ms, of which the first " + warmups
                    + " are warm-up.";
        }
    }

    /** Runs them; the rows are in the catalogue's order. {@code json}: where JMH writes its own results, or null. */
    static List<BenchRow> run(List<Catalogue.Entry> benchmarks, Effort effort, @Nullable Path json, PrintWriter out) {
        TimeValue time = TimeValue.milliseconds(effort.iterationMillis());
        ChainedOptionsBuilder options = new OptionsBuilder()
                .forks(effort.forks())
                .warmupIterations(effort.warmups())
                .warmupTime(time)
                .measurementIterations(effort.iterations())
                .measurementTime(time)
                .jvmArgs(JVM_OPTIONS.toArray(String[]::new))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true);
        benchmarks.forEach(entry -> options.include("^" + Pattern.quote(entry.fullName()) + "$"));
        if (json != null) {
            options.resultFormat(ResultFormatType.JSON).result(json.toString());
        }
        int count = benchmarks.stream().mapToInt(Catalogue.Entry::variants).sum();
        BenchProgress progress = new BenchProgress(out, count);
        try {
            List<Catalogue.Entry> order = Catalogue.all();
            return new Runner(options.build(), progress)
                    .run().stream()
                            .map(BenchRow::of)
                            .sorted(Comparator.comparingInt(row -> order.indexOf(row.benchmark())))
                            .toList();
        } catch (RunnerException failed) {
            out.println();
            progress.lastLines().forEach(out::println);
            out.flush();
            throw new UserError(
                    "a benchmark failed: " + failed.getMessage() + "; the lines above are JMH's last", failed);
        }
    }
}
