package dev.warren.loadtest.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Machine;
import dev.warren.loadtest.measure.Report;
import dev.warren.platform.config.Program;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ReportCommandTest {
    private static final Report OURS = Reports.of(List.of(Reports.relay("ours", 912e3)), List.of());
    private static final Report DERPER =
            Reports.of(List.of(Reports.relay("derper", 496e3)), List.of(Reports.comparison("20 pairs", 2)));

    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    @TempDir
    private Path folder;

    private Path ours = Path.of("");
    private Path derper = Path.of("");

    @BeforeEach
    void writeReports() throws IOException {
        ours = Files.writeString(folder.resolve("ours.json"), ReportJson.write(OURS));
        derper = Files.writeString(folder.resolve("derper.json"), ReportJson.write(DERPER));
    }

    @Test
    void shouldShowAReportAgain() {
        assertEquals(0, run(ours.toString()));

        assertEquals(ReportTableTest.print(OURS), out.toString());
    }

    @Test
    void shouldMakeOnePageOfSeveralReports() throws IOException {
        Path page = folder.resolve("page.html");

        assertEquals(0, run(ours.toString(), derper.toString(), "--html", page.toString()));

        String html = Files.readString(page);
        assertTrue(html.contains("<th scope=\"col\">ours</th>"), html);
        assertTrue(html.contains("<th scope=\"col\">derper</th>"), html);
        assertTrue(html.contains("<td>" + ours + "</td>"), html);
        assertTrue(html.contains("<h2>warren beside derper</h2>"), html);
        assertTrue(out.toString().endsWith("Page: " + page + System.lineSeparator()), out.toString());
    }

    @Test
    void shouldSayOfWhichMachineAPartIs() throws IOException {
        Machine other = new Machine("Abacus 9", 64, 1L << 40, "7.0", "25", 4096);
        Report moved = new Report(
                DERPER.title(), DERPER.command(), DERPER.at(), other, DERPER.results(), DERPER.comparisons());
        Files.writeString(derper, ReportJson.write(moved));
        Path merged = folder.resolve("merged.json");

        assertEquals(0, run(ours.toString(), derper.toString(), "--json", merged.toString()));

        Report report = ReportJson.read("merged", Files.readString(merged));
        assertEquals(
                List.of(Reports.MACHINE.text(), other.text()),
                report.results().stream()
                        .map(result -> String.valueOf(result.settings().get("machine")))
                        .toList());
        assertEquals(
                "20 pairs (" + other.text() + ")",
                report.comparisons().getFirst().name());
    }

    @Test
    void shouldNameAFileThatIsMissing() {
        assertEquals(1, run(folder + "/none.json"));

        assertEquals("warren report: there is no file " + folder + "/none.json\n", error.toString());
    }

    @Test
    void shouldNameAFileThatIsNoReport() throws IOException {
        Files.writeString(ours, "{\"schema\": 99}");

        assertEquals(1, run(ours.toString()));

        assertTrue(error.toString().startsWith("warren report: " + ours + " has version 99 of the"), error.toString());
        assertEquals("", out.toString());
    }

    @Test
    void shouldAskForAFile() {
        assertEquals(2, run());

        assertTrue(error.toString().contains("issing required parameter"), error.toString());
    }

    private int run(String... arguments) {
        return new Program(Map.of(), new PrintWriter(out, true), new PrintWriter(error, true))
                .run(new ReportCommand(), arguments);
    }
}
