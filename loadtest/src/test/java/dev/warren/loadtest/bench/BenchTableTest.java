package dev.warren.loadtest.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.bench.BenchTable.Circumstances;
import dev.warren.loadtest.measure.Machine;
import dev.warren.loadtest.measure.QuietWatch;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class BenchTableTest {
    private static final Catalogue.Entry SEAL = new Catalogue.Entry("Ciphers", "CipherBench.seal", "seal", 2);
    private static final Catalogue.Entry LOOKUP = new Catalogue.Entry("Tables", "TableBench.find", "find", 1);
    private static final List<BenchRow> ROWS = List.of(
            new BenchRow(SEAL, "bytes=64", 412.4, 5.01, 2104.3),
            new BenchRow(SEAL, "bytes=1420", 1234.5, Double.NaN, 2104.3),
            new BenchRow(LOOKUP, "", 9.981, 0.2, 0.0001));

    private static String page(double otherCores) {
        return BenchTable.page(
                ROWS,
                new Circumstances(
                        "./warren bench",
                        "Each row: twelve seconds.",
                        Machine.here(),
                        Instant.parse("2026-11-22T08:00:00Z"),
                        new QuietWatch.Verdict(otherCores, 0, 60)));
    }

    @Test
    void shouldGiveEachSectionATable() {
        String page = page(0.02);

        assertTrue(
                page.contains(
                        """

                ## Ciphers

                | operation | time | ± (99.9 %) | per second | B/op |
                |---|---:|---:|---:|---:|
                | seal, bytes=64 | 412 ns | 5.01 ns | 2.42 M/s | 2,104 |
                | seal, bytes=1420 | 1,235 ns |  | 810 k/s | 2,104 |

                ## Tables

                | operation | time | ± (99.9 %) | per second | B/op |
                |---|---:|---:|---:|---:|
                | find | 9.98 ns | 0.20 ns | 100 M/s | 0 |
                """),
                page);
    }

    @Test
    void shouldSayHowTheRowsCameAbout() {
        String page = page(0.02);

        assertTrue(page.startsWith("# "), page);
        assertTrue(page.contains("\n    ./warren bench\n\nEach row: twelve seconds.\n2026-11-22, JMH 1.37, "), page);
        assertTrue(page.contains(Machine.here().kernel()), page);
        assertTrue(page.contains("\nOther processes took 0.02 cores meanwhile.\n"), page);
    }

    @Test
    void shouldWarnOfRowsThatWereNotMeasuredOnAQuietMachine() {
        String page = page(0.9);

        assertTrue(page.contains("\n**Not to be compared**: other processes took 0.90 cores"), page);
        assertFalse(page.contains("Other processes took"), page);
    }

    @Test
    void shouldLineUpTheColumnsInATerminal() {
        List<String> lines = BenchTable.text(ROWS).lines().toList();

        assertEquals(List.of("Ciphers", "Tables"), List.of(lines.get(0), lines.get(3)));
        assertEquals("  seal, bytes=64         412 ns    ± 5.01 ns     2.42 M/s     2,104 B", lines.get(1));
        assertEquals(lines.get(1).length(), lines.get(4).length());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0.718 | 0.72 ns | 1,393 M/s",
                "9.999 | 10.0 ns | 100 M/s",
                "9999 | 9,999 ns | 100 k/s",
                "98765 | 98.8 µs | 10.1 k/s",
                "12345678 | 12.3 ms | 81.0 /s",
            })
    void shouldWriteTimesWithThreeDigits(double nanos, String time, String rate) {
        BenchRow row = new BenchRow(LOOKUP, "", nanos, Double.NaN, Double.NaN);

        assertEquals(time, row.timeText());
        assertEquals(rate, row.rateText());
        assertEquals("", row.bytesText());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"0.49 | 0", "0.5 | 1", "23.7 | 24", "2104.4 | 2,104"})
    void shouldCallTheHarnessNothing(double bytes, String text) {
        assertEquals(text, new BenchRow(LOOKUP, "", 1, 1, bytes).bytesText());
    }
}
