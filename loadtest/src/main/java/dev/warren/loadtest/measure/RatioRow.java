package dev.warren.loadtest.measure;

import java.util.List;

/**
 * One figure, A against B, pair by pair.
 *
 * @param a A's values, one for each pair of runs
 * @param b B's values, in the same order
 * @param median the median of the pairs' ratios a / b
 * @param low the smallest ratio
 * @param high the greatest ratio
 * @param bound whether the true ratio may be greater or smaller
 * @param note what a reader must know about this row, such as "at least"; may be empty
 */
public record RatioRow(
        String figure,
        Unit unit,
        Better better,
        List<Double> a,
        List<Double> b,
        double median,
        double low,
        double high,
        Bound bound,
        String note) {
    public RatioRow {
        a = List.copyOf(a);
        b = List.copyOf(b);
    }
}
