package dev.warren.loadtest.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Comparison;
import dev.warren.loadtest.measure.Figure;
import dev.warren.loadtest.measure.RatioRow;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real thing, briefly: our relay in two processes, the real load on both in turn. No timing is judged. */
@Timeout(120)
class RelayBesideItselfTest {
    @TempDir
    Path folder;

    private static String start() {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseSerialGC",
                        "-cp",
                        classPath,
                        "dev.warren.relay.RelayMain",
                        "--plaintext",
                        "--listen",
                        "127.0.0.1:{port}",
                        "--ops-listen",
                        "127.0.0.1:{port2}",
                        "--node-key",
                        "{dir}/relay.key")
                .map(word -> '"' + word + '"')
                .collect(Collectors.joining(", ", "[", "]"));
    }

    @Test
    void shouldCompareOurRelayWithItself() throws Exception {
        ComparisonSpec spec = SpecReader.read(
                "itself.yaml",
                """
                title: Our relay beside itself
                workload: relay
                subjects:
                  a: {name: one, start: %1$s, target: "http://127.0.0.1:{port}", ready: "tcp {port}"}
                  b: {name: other, start: %1$s, target: "http://127.0.0.1:{port}", ready: "tcp {port}"}
                matrix: {pairs: [2], burst: [4]}
                settings: {window: 16}
                rounds: 2
                duration: 300ms
                warmup: 100ms
                retries: 0
                """
                        .formatted(start()));
        Instruments instruments = new Instruments(Workloads.real(), _ -> List::of, Duration.ZERO);
        Surroundings surroundings = new Surroundings(null, folder, new SpecShelf(folder), List.of());
        StringWriter printed = new StringWriter();

        Report report = new Comparing(spec, surroundings, instruments, new PrintWriter(printed)).run("a command");

        assertEquals(
                List.of("one", "other", "other", "one"),
                report.results().stream().map(Result::subject).toList());
        for (Result result : report.results()) {
            assertTrue(value(result, "delivered") > 0, printed.toString());
            assertTrue(value(result, "server memory") > 0, printed.toString());
        }
        Comparison comparison = report.comparisons().getFirst();
        assertEquals("2 pairs, burst 4", comparison.name());
        assertNotEquals(comparison.refused().isEmpty(), comparison.rows().isEmpty(), printed.toString());
        for (RatioRow row : comparison.rows()) {
            assertEquals(2, row.a().size(), row.figure());
            assertTrue(Double.isNaN(row.median()) || (row.low() <= row.median() && row.median() <= row.high()));
        }
    }

    private static double value(Result result, String figure) {
        return result.figure(figure).map(Figure::value).orElse(0.0);
    }
}
