package dev.warren.loadtest.report;

import dev.warren.loadtest.measure.Comparison;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/** Several reports as one, each part of which says where it is from. */
final class MergedReport {
    private static final String FILE = "file";
    private static final String MACHINE = "machine";

    private MergedReport() {}

    /** The reports, by the names of their files; at least one, and a single one as it is. */
    static Report of(SequencedMap<String, Report> byFile) {
        Collection<Report> reports = byFile.sequencedValues();
        Report first = byFile.firstEntry().getValue();
        if (reports.size() == 1) {
            return first;
        }
        boolean oneMachine = reports.stream().map(Report::machine).distinct().count() == 1;
        List<Result> results = new ArrayList<>();
        List<Comparison> comparisons = new ArrayList<>();
        byFile.forEach((file, report) -> {
            String machine = oneMachine ? "" : report.machine().text();
            report.results().forEach(result -> results.add(from(file, machine, result)));
            report.comparisons().forEach(comparison -> comparisons.add(from(machine, comparison)));
        });
        return new Report(
                joined(reports.stream().map(Report::title).toList(), ", "),
                joined(reports.stream().map(Report::command).toList(), "\n"),
                reports.stream().map(Report::at).min(Instant::compareTo).orElse(first.at()),
                first.machine(),
                results,
                comparisons);
    }

    private static String joined(List<String> texts, String separator) {
        return texts.stream().distinct().collect(Collectors.joining(separator));
    }

    private static Result from(String file, String machine, Result result) {
        SequencedMap<String, String> settings = new LinkedHashMap<>(result.settings());
        settings.put(FILE, file);
        if (!machine.isEmpty()) {
            settings.put(MACHINE, machine);
        }
        return new Result(
                result.kind(),
                result.subject(),
                settings,
                result.figures(),
                result.curves(),
                result.timelines(),
                result.notes(),
                result.unclean());
    }

    private static Comparison from(String machine, Comparison comparison) {
        String name = machine.isEmpty() ? comparison.name() : comparison.name() + " (" + machine + ")";
        return new Comparison(name, comparison.a(), comparison.b(), comparison.rows(), comparison.refused());
    }
}
