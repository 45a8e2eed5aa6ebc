package dev.warren.loadtest.bench;

import dev.warren.loadtest.measure.Machine;
import dev.warren.loadtest.measure.QuietWatch;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.openjdk.jmh.util.Version;

/** The rows as text for a terminal, and as a page in Markdown. */
final class BenchTable {
    private static final String INTRODUCTION =
            """
            # The hot paths one by one

            Times of single operations, by JMH, on one thread. They tell which part of a packet's way costs what, and whether a
            change made a part faster; what a whole relay or tunnel carries is in [README.md](README.md). B/op is what one
            operation allocates. That it is 0 where packets pass is asserted by `PerPacketAllocationTest`; the JDK's own
            ChaCha20-Poly1305 is the exception, as it wants to be set up anew for each packet.
            """;

    private BenchTable() {}

    /**
     * How the rows came about.
     *
     * @param effort how long each benchmark ran, as a sentence
     * @param quiet what else the machine did meanwhile
     */
    record Circumstances(String command, String effort, Machine machine, Instant at, QuietWatch.Verdict quiet) {
        private String text() {
            String others = quiet.complaints().isEmpty()
                    ? String.format(Locale.ROOT, "Other processes took %.2f cores meanwhile.", quiet.otherCores())
                    : "**Not to be compared**: " + String.join("; ", quiet.complaints()) + ".";
            return "    " + command + "\n\n" + effort + "\n" + LocalDate.ofInstant(at, ZoneOffset.UTC) + ", JMH "
                    + Version.getPlainVersion() + ", " + machine.text() + ".\n" + others + "\n";
        }
    }

    /** For a terminal: one line a row, under a heading for each section. */
    static String text(List<BenchRow> rows) {
        int width = rows.stream().mapToInt(row -> operation(row).length()).max().orElse(0);
        StringBuilder text = new StringBuilder();
        sections(rows).forEach((section, within) -> {
            text.append(section).append('\n');
            for (BenchRow row : within) {
                text.append(String.format(
                        Locale.ROOT,
                        "  %-" + width + "s %12s %12s %12s %9s B%n",
                        operation(row),
                        row.timeText(),
                        row.errorText(),
                        row.rateText(),
                        row.bytesText()));
            }
        });
        return text.toString();
    }

    /** The whole page. */
    static String page(List<BenchRow> rows, Circumstances circumstances) {
        StringBuilder page = new StringBuilder(INTRODUCTION);
        page.append('\n').append(circumstances.text());
        sections(rows).forEach((section, within) -> {
            page.append("\n## ").append(section).append("\n\n");
            page.append("| operation | time | ± (99.9 %) | per second | B/op |\n");
            page.append("|---|---:|---:|---:|---:|\n");
            within.forEach(row -> page.append(line(row)));
        });
        return page.toString();
    }

    private static String line(BenchRow row) {
        return "| " + operation(row) + " | " + row.timeText() + " | "
                + row.errorText().replace("± ", "") + " | " + row.rateText() + " | " + row.bytesText() + " |\n";
    }

    private static String operation(BenchRow row) {
        String title = row.benchmark().title();
        return row.parameters().isEmpty() ? title : title + ", " + row.parameters();
    }

    private static SequencedMap<String, List<BenchRow>> sections(List<BenchRow> rows) {
        return rows.stream()
                .collect(Collectors.groupingBy(
                        row -> row.benchmark().section(), LinkedHashMap::new, Collectors.toList()));
    }
}
