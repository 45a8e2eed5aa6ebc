package dev.warren.loadtest.measure;

import java.util.List;

/**
 * A quantity over the time of a run.
 *
 * @param perInterval one value for each interval, in {@code unit}
 */
public record Timeline(String name, Unit unit, List<Double> perInterval, double intervalSeconds) {
    public Timeline {
        perInterval = List.copyOf(perInterval);
    }
}
