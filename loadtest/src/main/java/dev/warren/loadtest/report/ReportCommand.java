package dev.warren.loadtest.report;

import dev.warren.loadtest.measure.Report;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows again what was measured before: {@code warren loadtest report FILE.json...}. */
@Command(
        name = "report",
        description = "Shows reports that --json wrote: as a table, and as a page with --html; several become one.")
public final class ReportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Files that --json wrote.")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private List<Path> files;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private OutputOptions output;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    /** A command for picocli to fill. */
    public ReportCommand() {}

    @Override
    public Integer call() {
        output.check();
        SequencedMap<String, Report> reports = new LinkedHashMap<>();
        files.forEach(file -> reports.put(file.toString(), ReportJson.read(file.toString(), read(file))));
        output.finish(MergedReport.of(reports), spec.commandLine().getOut());
        return 0;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException missing) {
            throw new UserError("there is no file " + file, missing);
        } catch (IOException failed) {
            throw new UserError(file + " can't be read: " + failed.getMessage(), failed);
        }
    }
}
