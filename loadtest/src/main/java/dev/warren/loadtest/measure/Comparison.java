package dev.warren.loadtest.measure;

import java.util.List;

/**
 * A against B under one load.
 *
 * @param name the load, such as {@code 20 pairs, 100 B, burst 16}
 * @param refused why there is no ratio, one sentence each; empty when there is
 */
public record Comparison(String name, String a, String b, List<RatioRow> rows, List<String> refused) {
    public Comparison {
        rows = List.copyOf(rows);
        refused = List.copyOf(refused);
    }
}
