package dev.warren.loadtest.report;

import dev.warren.loadtest.measure.Comparison;
import dev.warren.loadtest.measure.Figure;
import dev.warren.loadtest.measure.RatioRow;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.report.TextTable.Side;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A report for a terminal of 100 columns. */
public final class ReportTable {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String INDENT = "  ";

    private final PrintWriter out;

    private ReportTable(PrintWriter out) {
        this.out = out;
    }

    /** Prints the whole report. */
    public static void print(Report report, PrintWriter out) {
        new ReportTable(out).print(report);
    }

    /** A time to the minute, in UTC. */
    static String time(Instant at) {
        return TIME.format(at);
    }

    private void print(Report report) {
        out.println();
        lines(report.title(), "");
        lines(time(report.at()) + ", " + report.machine().text(), INDENT);
        report.command().lines().forEach(command -> lines(command, INDENT));
        if (report.results().isEmpty() && report.comparisons().isEmpty()) {
            out.println();
            out.println("Nothing was measured.");
            return;
        }
        if (report.comparisons().isEmpty()) {
            ResultGroup.of(report.results()).forEach(this::group);
        } else {
            comparisons(report);
        }
    }

    private void comparisons(Report report) {
        new ComparisonTable(out).print(report.comparisons());
        List<Result> results = report.results();
        if (results.isEmpty()) {
            return;
        }
        out.println();
        out.println(INDENT + "Each of the " + results.size() + " runs by itself is in the files of --json and --html.");
        for (ResultGroup group : ResultGroup.ofKinds(results)) {
            sentences("Notes (" + group.title() + "):", group.sentences(Result::notes));
            unclean(group);
        }
    }

    private void group(ResultGroup group) {
        out.println();
        lines(group.title(), "");
        TextTable settings = new TextTable(Side.LEFT, List.of("", ""));
        group.common().forEach((name, value) -> settings.add(List.of(name, value)));
        if (!group.common().isEmpty()) {
            settings.print(out, INDENT);
            out.println();
        }
        List<String> heading = new ArrayList<>(List.of(""));
        heading.addAll(group.columns());
        TextTable figures = new TextTable(Side.RIGHT, heading);
        for (String setting : group.differing()) {
            figures.add(row(setting, group, result -> result.settings().getOrDefault(setting, "-")));
        }
        for (String figure : group.figures()) {
            figures.add(row(figure, group, result -> result.figure(figure)
                    .map(Figure::text)
                    .orElse("-")));
        }
        figures.print(out, INDENT);
        sentences("Notes:", group.sentences(Result::notes));
        unclean(group);
    }

    private static List<String> row(String name, ResultGroup group, Function<Result, String> cell) {
        List<String> row = new ArrayList<>(List.of(name));
        group.results().forEach(result -> row.add(cell.apply(result)));
        return row;
    }

    private void unclean(ResultGroup group) {
        sentences("NOT CLEAN, not to be compared (" + group.title() + "):", group.sentences(Result::unclean));
    }

    private void sentences(String heading, SequencedMap<String, String> sentences) {
        if (sentences.isEmpty()) {
            return;
        }
        out.println();
        lines(heading, INDENT);
        sentences.forEach((sentence, who) -> item(out, who.isEmpty() ? sentence : who + ": " + sentence));
    }

    private static void item(PrintWriter out, String sentence) {
        List<String> lines = TextTable.wrap(sentence, TextTable.WIDTH - 4);
        for (int i = 0; i < lines.size(); i++) {
            out.println(INDENT + (i == 0 ? "- " : "  ") + lines.get(i));
        }
    }

    private void lines(String text, String indent) {
        TextTable.wrap(text, TextTable.WIDTH - indent.length()).forEach(line -> out.println(indent + line));
    }

    /** Comparisons: each in full when they are few, else one line for each. */
    private record ComparisonTable(PrintWriter out) {
        private static final int IN_FULL = 4;
        /** As many loads are named in a sentence; more are counted. */
        private static final int NAMED = 2;

        private static final int LONGEST_NAME = 14;

        void print(List<Comparison> comparisons) {
            if (comparisons.size() <= IN_FULL) {
                comparisons.forEach(this::full);
                return;
            }
            comparisons.stream()
                    .collect(Collectors.groupingBy(
                            comparison -> List.of(comparison.a(), comparison.b()),
                            LinkedHashMap::new,
                            Collectors.toList()))
                    .values()
                    .forEach(this::summary);
            allRefusals(comparisons);
        }

        /** Why there is no ratio, for all loads together: often it is one reason for many. */
        private void allRefusals(List<Comparison> comparisons) {
            Alike<String> alike = new Alike<>();
            comparisons.forEach(
                    comparison -> comparison.refused().forEach(reason -> alike.add(reason, comparison.name())));
            if (alike.sentences().isEmpty()) {
                return;
            }
            out.println();
            sentence("No ratio, and why:");
            alike.sentences().forEach((reason, about) -> {
                List<String> loads = about.stream().distinct().toList();
                String who = loads.size() <= NAMED ? String.join("; ", loads) : loads.size() + " loads";
                item(out, who + ": " + reason);
            });
        }

        private void summary(List<Comparison> comparisons) {
            List<String> figures = KeyFigures.of(comparisons);
            List<String> heading = new ArrayList<>(List.of("load"));
            heading.addAll(figures);
            if (figures.isEmpty()) {
                return;
            }
            TextTable table = new TextTable(Side.LEFT, heading);
            for (Comparison comparison : comparisons) {
                List<String> row = new ArrayList<>(List.of(comparison.name()));
                figures.forEach(figure -> row.add(summaryCell(comparison, figure)));
                table.add(row);
            }
            out.println();
            heading(comparisons.getFirst());
            table.print(out, INDENT);
        }

        private static String summaryCell(Comparison comparison, String figure) {
            return KeyFigures.row(comparison, figure)
                    .filter(row -> Ratios.isShown(comparison, row))
                    .map(row -> Ratios.median(row) + " " + Ratios.verdict(row))
                    .orElse(comparison.refused().isEmpty() ? "no ratio" : "refused");
        }

        private void heading(Comparison comparison) {
            sentence("Ratios are A / B; A is " + comparison.a() + ", B is " + comparison.b() + ".");
            out.println();
        }

        private void full(Comparison comparison) {
            out.println();
            TextTable.wrap(comparison.name(), TextTable.WIDTH).forEach(out::println);
            boolean named =
                    comparison.a().length() <= LONGEST_NAME && comparison.b().length() <= LONGEST_NAME;
            if (!named) {
                heading(comparison);
            }
            String a = named ? comparison.a() : "A";
            String b = named ? comparison.b() : "B";
            TextTable table = new TextTable(Side.LEFT, List.of("figure", a, b, a + " / " + b, a + " is"));
            for (RatioRow row : comparison.rows()) {
                table.add(List.of(
                        row.figure(),
                        Ratios.median(row, row.a()),
                        Ratios.median(row, row.b()),
                        Ratios.textOrReason(comparison, row),
                        Ratios.isShown(comparison, row) ? Ratios.verdict(row) : ""));
            }
            if (!comparison.rows().isEmpty()) {
                table.print(out, INDENT);
            }
            comparison.rows().stream()
                    .filter(row -> !row.note().isEmpty() && Ratios.isShown(comparison, row))
                    .forEach(row -> sentence(row.figure() + ": " + row.note()));
            refusals(comparison);
        }

        private void refusals(Comparison comparison) {
            if (comparison.refused().isEmpty()) {
                return;
            }
            sentence("No ratio for " + comparison.name() + ":");
            Alike.of(comparison.refused()).forEach(reason -> item(out, reason));
        }

        private void sentence(String text) {
            TextTable.wrap(text, TextTable.WIDTH - 2).forEach(line -> out.println(INDENT + line));
        }
    }
}
