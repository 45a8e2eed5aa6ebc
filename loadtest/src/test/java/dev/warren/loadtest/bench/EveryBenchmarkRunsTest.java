package dev.warren.loadtest.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.bench.BenchRun.Effort;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;

/** Each benchmark once with each of its parameters, in this JVM: not to measure, but so that none of them rots. */
@Timeout(60)
class EveryBenchmarkRunsTest {
    private static final Effort ONCE = new Effort(0, 0, 1, 1);

    @BeforeAll
    static void doNotWaitForOtherRuns() {
        System.setProperty("jmh.ignoreLock", "true");
    }

    @Test
    void shouldRunThemAll() {
        StringWriter progress = new StringWriter();
        List<Catalogue.Entry> all = Catalogue.all();
        int expected = all.stream().mapToInt(Catalogue.Entry::variants).sum();

        List<BenchRow> rows = BenchRun.run(all, ONCE, null, new PrintWriter(progress));

        assertEquals(expected, rows.size());
        assertEquals(expected, progress.toString().lines().count(), "one line for each");
        for (BenchRow row : rows) {
            assertTrue(row.nanos() > 0, row::toString);
        }
    }

    @Test
    void shouldHaveEveryBenchmarkOfThisPackageInTheCatalogue() {
        Set<String> known =
                BenchmarkList.defaultList()
                        .getAll(new BenchProgress(new PrintWriter(Writer.nullWriter()), 0), List.of())
                        .stream()
                        .map(BenchmarkListEntry::getUsername)
                        .collect(Collectors.toSet());

        Set<String> catalogue =
                Catalogue.all().stream().map(Catalogue.Entry::fullName).collect(Collectors.toSet());

        assertEquals(known, catalogue);
    }
}
