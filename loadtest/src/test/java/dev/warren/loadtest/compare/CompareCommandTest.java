package dev.warren.loadtest.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Unit;
import dev.warren.loadtest.report.ReportJson;
import dev.warren.platform.config.Program;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class CompareCommandTest {
    private static final Path READY = Path.of("specs");

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();
    private final List<Map<String, String>> runs = new ArrayList<>();

    @BeforeEach
    void writeSpecs() throws IOException {
        Files.writeString(
                folder.resolve("quick.yaml"),
                """
                title: One implementation beside another
                workload: tunnel
                subjects:
                  a: {name: one, settings: {speed: 6}}
                  b: {name: other, settings: {speed: 2}}
                matrix: {streams: [1, 4]}
                rounds: 3
                """);
        Files.writeString(folder.resolve("notes.txt"), "no spec");
    }

    private int run(String... arguments) {
        Surroundings surroundings = new Surroundings(null, folder, new SpecShelf(folder), List.of());
        CompareCommand command = new CompareCommand(
                surroundings,
                new Instruments(
                        (_, settings) -> _ -> {
                            runs.add(settings);
                            return Result.builder("tunnel", "x")
                                    .figure(
                                            "received",
                                            Double.parseDouble(settings.getOrDefault("speed", "")),
                                            Unit.BITS_PER_SECOND,
                                            Better.HIGHER)
                                    .build();
                        },
                        _ -> List::of,
                        Duration.ZERO));
        return new Program(Map.of(), new PrintWriter(out), new PrintWriter(error)).run(command, arguments);
    }

    @Test
    void shouldRunAReadySpecByItsNameAndShowTheRatios() {
        assertEquals(0, run("quick"), error::toString);

        assertEquals(12, runs.size());
        assertTrue(out.toString().contains("3.00x"), out.toString());
        assertTrue(out.toString().contains("4 streams"), out.toString());
    }

    @Test
    void shouldPutTheCommandLineInPlaceOfTheSpec() throws Exception {
        Path json = folder.resolve("report.json");

        assertEquals(
                0,
                run(
                        folder.resolve("quick.yaml").toString(),
                        "--rounds=2",
                        "--duration=300ms",
                        "--only",
                        "4 streams",
                        "--json",
                        json.toString()),
                error::toString);

        assertEquals(4, runs.size());
        assertEquals("300ms", runs.getFirst().get("duration"));
        assertEquals("4", runs.getFirst().get("streams"));
        Report report = ReportJson.read("report.json", Files.readString(json));
        assertEquals("One implementation beside another", report.title());
        assertTrue(report.command().contains("--only \"4 streams\""), report.command());
        assertEquals(3, report.comparisons().getFirst().rows().getFirst().median());
        assertEquals(4, report.results().size());
    }

    @Test
    void shouldListTheReadySpecs() {
        assertEquals(0, run("--list"));

        assertEquals("quick  One implementation beside another\n", out.toString());
        assertEquals(List.of(), runs);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ''                     | say which spec to run, such as "compare derper-plain"
                    quack                  | there is no spec quack: give a file, or one of the ready ones, quick
                    quick --rounds=0       | --rounds 0 runs nothing; give 1 or more
                    quick --retries=-1     | --retries -1 cannot be; give 0 or more
                    quick --duration=fast  | --duration fast is no duration such as 5s or 500ms
                    quick --only=9         | --only 9 fits no cell; there are 1 stream; 4 streams
                    quick --json=/no/where | --json /no/where can't be written
                    """)
    void shouldSayInOneSentenceWhatIsWrong(String arguments, String expected) {
        assertEquals(1, run(arguments.isEmpty() ? new String[0] : arguments.split(" ", -1)));

        assertTrue(error.toString().contains(expected), error.toString());
        assertEquals(1, error.toString().lines().count(), error.toString());
        assertEquals(List.of(), runs);
    }

    @Test
    void shouldHaveReadySpecsThatCanBeRead() {
        SpecShelf ready = new SpecShelf(READY);

        assertFalse(ready.ready().isEmpty());
        for (Path file : ready.ready()) {
            String name = String.valueOf(file.getFileName()).replace(".yaml", "");
            ComparisonSpec spec = ready.find(name);
            assertTrue(spec.plan().rounds() >= Plan.LEAST_PAIRS, name);
            assertTrue(ready.list().contains(name + " "), name);
        }
    }
}
