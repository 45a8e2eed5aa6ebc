package dev.warren.loadtest.bench;

import dev.warren.loadtest.bench.BenchTable.Circumstances;
import dev.warren.loadtest.measure.Machine;
import dev.warren.loadtest.measure.QuietWatch;
import dev.warren.platform.config.Program;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code warren bench}: runs the JMH benchmarks and writes their table. */
@Command(
        name = "bench",
        description = "Measures the hot paths one by one with JMH: time and allocated bytes of one operation.",
        footer = {
            "",
            "Ten minutes for all of them. A run of all without --quick writes docs/benchmarks/micro.md;",
            "any other writes a table only where --output says."
        })
public final class BenchMain implements Callable<Integer> {
    private static final Path USUAL_OUTPUT = Path.of("docs", "benchmarks", "micro.md");

    @Parameters(
            arity = "0..1",
            paramLabel = "PATTERN",
            defaultValue = "",
            description = "Only benchmarks whose name has this in it; a regular expression.")
    private String pattern = "";

    @Option(names = "--quick", description = "A look in less than two minutes instead of a measurement.")
    private boolean quick;

    @Option(names = "--output", paramLabel = "FILE", description = "Where to write the table, in Markdown.")
    private @Nullable Path output;

    @Option(names = "--json", paramLabel = "FILE", description = "Where JMH is to write its own results.")
    private @Nullable Path json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    BenchMain() {}

    /** Runs the benchmarks and ends the JVM with the exit code. */
    public static void main(String... arguments) {
        Program.main(new BenchMain(), arguments);
    }

    @Override
    public Integer call() {
        List<Catalogue.Entry> chosen = Catalogue.matching(pattern);
        Path target = target();
        requireWritable(target);
        requireWritable(json);
        BenchRun.Effort effort = quick ? BenchRun.Effort.QUICK : BenchRun.Effort.FULL;
        PrintWriter out = spec.commandLine().getOut();
        QuietWatch watch = QuietWatch.start();
        List<BenchRow> rows = BenchRun.run(chosen, effort, json, out);
        QuietWatch.Verdict verdict = watch.stop();
        out.println();
        out.print(BenchTable.text(rows));
        verdict.complaints().forEach(complaint -> out.println("Not to be compared: " + complaint + "."));
        out.flush();
        if (target != null) {
            Circumstances circumstances =
                    new Circumstances(command(), effort.text(), Machine.here(), Instant.now(), verdict);
            write(target, BenchTable.page(rows, circumstances));
            out.println("Written to " + target + ".");
            out.flush();
        }
        return 0;
    }

    private @Nullable Path target() {
        boolean whole = pattern.isEmpty() && !quick;
        if (output != null || !whole) {
            return output;
        }
        String launcher = System.getenv("WARREN_LAUNCHER");
        Path folder =
                launcher == null ? null : Path.of(launcher).toAbsolutePath().getParent();
        return folder == null ? USUAL_OUTPUT : folder.resolve(USUAL_OUTPUT);
    }

    private String command() {
        return "./warren bench" + (pattern.isEmpty() ? "" : " '" + pattern + "'") + (quick ? " --quick" : "");
    }

    /** Before ten minutes of measuring, not behind them. */
    private static void requireWritable(@Nullable Path file) {
        if (file == null) {
            return;
        }
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Files.newByteChannel(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)
                    .close();
        } catch (IOException refused) {
            throw new UserError(
                    "nothing can be written to " + file + " (" + Sentences.describe(refused) + ")", refused);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException failed) {
            throw new UserError("the table could not be written to " + file + ": " + failed.getMessage(), failed);
        }
    }
}
