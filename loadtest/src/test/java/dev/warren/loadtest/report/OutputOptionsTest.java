package dev.warren.loadtest.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Report;
import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

@Timeout(30)
class OutputOptionsTest {
    private static final Report REPORT = Reports.of(List.of(Reports.relay("ours", 912e3)), List.of());

    @TempDir
    private Path folder;

    /** A program has the name that it is started by. */
    @Test
    void shouldShowTheCommandAsItIsTyped() {
        CommandSpec root = CommandSpec.create().name("warren loadtest");
        root.addSubcommand(
                "report", CommandSpec.create().addMixin("output", CommandSpec.forAnnotatedObject(new OutputOptions())));
        ParseResult result = new CommandLine(root).parseArgs("report", "--json", "my file");
        assertEquals(
                "warren loadtest report --json \"my file\"",
                OutputOptions.commandLine(result.subcommand().commandSpec()));
    }

    @Test
    void shouldOnlyPrintUnlessAFileIsAskedFor() {
        String text = finish(options());

        assertEquals(ReportTableTest.print(REPORT), text);
    }

    @Test
    void shouldWriteTheReportAsJson() throws IOException {
        Path file = folder.resolve("report.json");

        OutputOptions options = options("--json", file.toString());
        options.check();
        String text = finish(options);

        assertTrue(text.endsWith("JSON: " + file + System.lineSeparator()), text);
        assertEquals(REPORT, ReportJson.read("report.json", Files.readString(file)));
    }

    @Test
    void shouldWriteTheReportAsAPage() throws IOException {
        Path file = folder.resolve("report.html");

        OutputOptions options = options("--html", file.toString());
        options.check();
        finish(options);

        assertEquals(ReportPage.html(REPORT), Files.readString(file));
    }

    @Test
    void shouldRefuseOneFileForBoth() {
        Path file = folder.resolve("report");

        UserError error = assertThrows(
                UserError.class, options("--json", file.toString(), "--html", folder + "/./report")::check);

        assertEquals("--json and --html both name " + file + "; give each a file of its own", error.getMessage());
    }

    @Test
    void shouldRefuseAFileInNoFolderBeforeAnythingIsMeasured() {
        Path file = folder.resolve("missing/report.json");

        UserError error = assertThrows(UserError.class, options("--json", file.toString())::check);

        assertEquals(
                "--json " + file + " can't be written: there is no folder " + file.getParent(), error.getMessage());
    }

    @Test
    void shouldRefuseAFolderBeforeAnythingIsMeasured() {
        UserError error = assertThrows(UserError.class, options("--json", folder.toString())::check);

        assertEquals("--json " + folder + " is a folder; give a file in it", error.getMessage());
    }

    @Test
    void shouldNotLoseTheTableWhenAFileCannotBeWrittenInTheEnd() {
        OutputOptions options =
                options("--json", folder.resolve("gone/report.json").toString());
        StringWriter text = new StringWriter();

        assertThrows(UserError.class, () -> options.finish(REPORT, new PrintWriter(text)));

        assertEquals(ReportTableTest.print(REPORT), text.toString());
    }

    private static OutputOptions options(String... arguments) {
        OutputOptions options = new OutputOptions();
        new CommandLine(CommandLine.Model.CommandSpec.forAnnotatedObject(options)).parseArgs(arguments);
        return options;
    }

    private static String finish(OutputOptions options) {
        StringWriter text = new StringWriter();
        options.finish(REPORT, new PrintWriter(text));
        return text.toString();
    }
}
