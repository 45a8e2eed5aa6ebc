package dev.warren.loadtest.report;

import dev.warren.loadtest.measure.Report;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options of every measuring command that say where its report goes, besides the terminal. */
public final class OutputOptions {
    @Option(names = "--json", paramLabel = "FILE", description = "Also writes the report as JSON.")
    private @Nullable Path json;

    @Option(names = "--html", paramLabel = "FILE", description = "Also writes the report as one page with plots.")
    private @Nullable Path html;

    /** Options for picocli to fill. */
    public OutputOptions() {}

    /** To be called before anything is measured: that nothing is measured in vain. */
    public void check() {
        check("--json", json);
        check("--html", html);
        if (json != null
                && html != null
                && json.toAbsolutePath()
                        .normalize()
                        .equals(html.toAbsolutePath().normalize())) {
            throw new UserError("--json and --html both name " + json + "; give each a file of its own");
        }
    }

    /**
     * Prints the report and writes the files that were asked for.
     *
     * @throws UserError if a file can't be written; the table is printed by then
     */
    public void finish(Report report, PrintWriter out) {
        ReportTable.print(report, out);
        out.flush();
        if (json != null) {
            write("--json", json, ReportJson.write(report));
            out.println("JSON: " + json);
        }
        if (html != null) {
            write("--html", html, ReportPage.html(report));
            out.println("Page: " + html);
        }
        out.flush();
    }

    /** What was typed to run {@code command}, for {@link Report#command}. */
    public static String commandLine(CommandSpec command) {
        CommandSpec root = command.root();
        return root.name() + " "
                + root.commandLine().getParseResult().originalArgs().stream()
                        .map(word -> word.contains(" ") ? "\"" + word + "\"" : word)
                        .collect(Collectors.joining(" "));
    }

    private static void check(String option, @Nullable Path file) {
        if (file == null) {
            return;
        }
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            throw new UserError(option + " " + file + " is a folder; give a file in it");
        }
        if (folder == null || !Files.isDirectory(folder)) {
            throw new UserError(option + " " + file + " can't be written: there is no folder " + folder);
        }
        if (!Files.isWritable(Files.exists(file) ? file : folder)) {
            throw new UserError(option + " " + file + " can't be written: permission denied");
        }
    }

    private static void write(String option, Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException failed) {
            throw new UserError(option + " " + file + " can't be written: " + failed.getMessage(), failed);
        }
    }
}
