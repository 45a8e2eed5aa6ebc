package dev.warren.loadtest.measure;

import java.time.Instant;
import java.util.List;

/**
 * Everything that one command found.
 *
 * @param command the command line that makes it again
 * @param at when it was started
 */
public record Report(
        String title, String command, Instant at, Machine machine, List<Result> results, List<Comparison> comparisons) {
    public Report {
        results = List.copyOf(results);
        comparisons = List.copyOf(comparisons);
    }
}
