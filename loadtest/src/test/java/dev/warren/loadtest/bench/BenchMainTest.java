package dev.warren.loadtest.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.Program;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BenchMainTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    private int run(String... arguments) {
        return new Program(Map.of(), new PrintWriter(out, true), new PrintWriter(error, true))
                .run(new BenchMain(), arguments);
    }

    @Test
    void shouldMeasureInAJvmOfItsOwnAndWriteTableAndJson() throws IOException {
        Path table = folder.resolve("new/table.md");
        Path json = folder.resolve("result.json");

        int exit = run("readdress", "--quick", "--output", table.toString(), "--json", json.toString());

        assertEquals(0, exit, error::toString);
        assertTrue(out.toString().contains("[ 1/1] RelayBench.readdress "), out::toString);
        assertTrue(out.toString().contains("\nRelay: forwarding\n"), out::toString);
        assertTrue(out.toString().contains("Written to " + table + "."), out::toString);
        String page = Files.readString(table);
        assertTrue(page.contains("\n    ./warren bench 'readdress' --quick\n"), page);
        assertTrue(page.contains("\n| frame readdressed in place | "), page);
        String results = Files.readString(json);
        assertTrue(results.contains("\"benchmark\" : \"dev.warren.loadtest.bench.RelayBench.readdress\""), results);
        assertTrue(results.contains("gc.alloc.rate.norm"), results);
    }

    @Test
    void shouldSayWhatThereIsWhenNothingMatches() {
        assertEquals(1, run("nonsense"));

        String sentence = error.toString();
        assertTrue(sentence.startsWith("warren bench: no benchmark's name matches 'nonsense'; there are "), sentence);
        assertTrue(sentence.contains("HandshakeBench.whole"), sentence);
        assertEquals(1, sentence.lines().count(), sentence);
    }

    @Test
    void shouldRefuseAnOutputThatCannotBeWrittenBeforeItMeasures() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        Path below = file.resolve("table.md");

        for (String option : new String[] {"--output", "--json"}) {
            error.getBuffer().setLength(0);
            assertEquals(1, run("readdress", option, below.toString()));

            assertTrue(
                    error.toString().startsWith("warren bench: nothing can be written to " + below), error::toString);
            assertEquals(1, error.toString().lines().count(), error::toString);
            assertFalse(out.toString().contains("[ 1/"), out::toString);
        }
    }

    @Test
    void shouldExplainItself() {
        assertEquals(0, run("--help"));

        assertTrue(out.toString().contains("[PATTERN]"), out::toString);
        assertTrue(out.toString().contains("docs/benchmarks/micro.md"), out::toString);
    }
}
