package dev.warren.loadtest.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Comparison;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ReportTableTest {
    @Test
    void shouldShowResultsSideBySide() {
        String text = print(
                List.of(
                        Reports.builder("ours", 912e3)
                                .note("100 packets came late.")
                                .build(),
                        Reports.builder("derper", 496e3)
                                .unclean("other processes took 0.8 cores")
                                .build()),
                List.of());

        assertEquals(
                """

                Relay under load
                  2026-11-22 06:37 UTC, 2 cores (Abacus 3), 8 GiB, Linux 6.18.0, Java 25.0.1, at most 20000 open
                  files
                  warren loadtest relay --target <ours> --seconds 20

                relay
                  pairs  20
                  size   100 B

                                                      ours              derper
                  target                  derp://ours:3340  derp://derper:3340
                  delivered                912 k packets/s     496 k packets/s
                  throughput                    730 Mbit/s          397 Mbit/s
                  loss                               0.0 %               0.0 %
                  latency p50                       110 us              202 us
                  latency p99                       548 us             1.01 ms
                  server CPU per million     0.877 CPU s/M        1.61 CPU s/M

                  Notes:
                  - ours: 100 packets came late.

                  NOT CLEAN, not to be compared (relay):
                  - derper: other processes took 0.8 cores
                """,
                text);
    }

    @Test
    void shouldSayWhichSideIsBetterWhicheverWayIsUp() {
        String text = print(List.of(), List.of(Reports.comparison("20 pairs, 100 B", 1.84)));

        assertEquals(
                """
                20 pairs, 100 B
                  figure                  warren     derper    warren / derper             warren is
                  delivered               913 k/s    496 k/s   1.84x (1.78-1.91, 5 pairs)  better (higher)
                  loss                    0.0 %      0.0 %     no ratio: both are zero
                  latency p50             303 us     300 us    1.01x (0.98-1.05, 5 pairs)  unclear
                  latency p99             1.09 ms    2.00 ms   0.54x (0.53-0.57, 5 pairs)  better (lower)
                  server CPU per million  0.826 s/M  1.90 s/M  0.43x (0.42-0.45, 5 pairs)  better (lower)
                  server RSS              150 MB     60.0 MB   2.50x (2.43-2.60, 5 pairs)  higher
                """,
                text.substring(text.indexOf("20 pairs")));
    }

    @Test
    void shouldGiveTheReasonInPlaceOfARefusedRatio() {
        Comparison busy = Reports.comparison("2 pairs", 1.84);
        String reason = "derper's third run: other processes took 0.8 cores";

        String text = print(
                List.of(),
                List.of(
                        new Comparison("2 pairs", busy.a(), busy.b(), busy.rows(), List.of(reason)),
                        Reports.refused("20 pairs")));

        assertFalse(text.contains("x ("), text);
        assertTrue(text.contains("delivered               913 k/s    496 k/s   refused\n"), text);
        assertTrue(text.contains("\n  No ratio for 2 pairs:\n  - " + reason + "\n"), text);
        assertTrue(text.contains("\n20 pairs\n  No ratio for 20 pairs:\n  - " + reason + "\n"), text);
    }

    @Test
    void shouldNameTheSidesOnceWhenTheirNamesAreLong() {
        Comparison comparison = Reports.comparison("20 pairs", 0.5);
        String text = print(
                List.of(),
                List.of(new Comparison(
                        "20 pairs", "warren relay of this tree", "derper 1.102.5", comparison.rows(), List.of())));

        assertTrue(text.contains("  Ratios are A / B; A is warren relay of this tree, B is derper 1.102.5.\n"), text);
        assertTrue(text.contains("A / B                       A is\n"), text);
        assertTrue(text.contains("0.50x (0.49-0.52, 5 pairs)  worse (lower)\n"), text);
    }

    @Test
    void shouldSumUpManyComparisonsInALineEach() {
        List<Comparison> comparisons = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            comparisons.add(i == 7 ? Reports.refused("load 7") : Reports.comparison("load " + i, 0.5 + i * 0.1));
        }

        String text = print(List.of(), comparisons);

        assertTrue(
                text.contains(
                        """
                  load     delivered              server CPU per million  latency p99
                  load 0   0.50x worse (lower)    1.60x worse (higher)    2.00x worse (higher)
                """),
                text);
        assertTrue(text.contains("load 7   refused  "), text);
        assertTrue(text.contains("\n  No ratio, and why:\n  - load 7: derper's third run"), text);
        assertTrue(text.contains("load 39  4.40x better (higher)  0.18x better (lower)    0.23x better (lower)"), text);
    }

    @Test
    void shouldGiveOneReasonForManyLoads() {
        List<Comparison> comparisons = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            comparisons.add(new Comparison(
                    "load " + i, "warren", "derper", List.of(), List.of("others took 1." + i + " cores")));
        }

        String text = print(List.of(), comparisons);

        assertEquals(
                """
                  No ratio, and why:
                  - 6 loads: others took 1.0 to 1.5 cores
                """,
                text.substring(text.indexOf("  No ratio")));
    }

    @Test
    void shouldSayOfTheRunsBehindAComparisonOnlyWhatIsNoted() {
        String text = print(
                List.of(
                        Reports.relay("warren", 1e3),
                        Reports.builder("derper", 1e3).unclean("was busy").build()),
                List.of(Reports.comparison("20 pairs", 2)));

        assertTrue(
                text.endsWith(
                        """

                  Each of the 2 runs by itself is in the files of --json and --html.

                  NOT CLEAN, not to be compared (relay):
                  - derper: was busy
                """),
                text);
    }

    @Test
    void shouldPutColumnsThatFindNoRoomBelow() {
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            results.add(Reports.relay("relay-number-" + i, 1000 + i));
        }

        String text = print(results, List.of());

        assertEquals(
                3,
                text.lines()
                        .filter(line -> line.strip().startsWith("delivered"))
                        .count(),
                text);
    }

    @Test
    void shouldSayWhenNothingWasMeasured() {
        assertTrue(print(List.of(), List.of()).endsWith("\nNothing was measured.\n"));
    }

    @Test
    void shouldNotLetANameCommandTheTerminal() {
        String text = print(
                List.of(Reports.relay(Reports.HOSTILE, 1e3)),
                List.of(new Comparison(Reports.HOSTILE, Reports.HOSTILE, "b", List.of(), List.of(Reports.HOSTILE))));

        assertFalse(text.contains("\u001B"), text);
    }

    static String print(List<Result> results, List<Comparison> comparisons) {
        return print(Reports.of(results, comparisons));
    }

    static String print(Report report) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        ReportTable.print(report, out);
        out.flush();
        text.toString().lines().forEach(line -> assertTrue(line.length() <= 100, line));
        return text.toString();
    }
}
