package dev.warren.loadtest.report;

import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * One direction of a plot: where a value lies between its two ends, and the labelled places in between.
 *
 * @param projection what makes equal distances out of values, such as a logarithm
 * @param from the value at the beginning
 * @param to the value at the end
 * @param ticks labelled places, in rising order
 */
record Axis(DoubleUnaryOperator projection, double from, double to, List<Tick> ticks) {
    /**
     * A labelled place.
     *
     * @param value where
     * @param label what is written there
     * @param minor whether it may go when there is little room
     */
    record Tick(double value, String label, boolean minor) {}

    Axis {
        ticks = List.copyOf(ticks);
    }

    /** Where the value lies: 0 at the beginning, 1 at the end; what is outside or no number lies at the nearest end. */
    double at(double value) {
        double start = projection.applyAsDouble(from);
        double share = (projection.applyAsDouble(value) - start) / (projection.applyAsDouble(to) - start);
        return Double.isNaN(share) ? 0 : Math.clamp(share, 0.0, 1.0);
    }

    /** Where a tick lies. */
    double at(Tick tick) {
        return at(tick.value());
    }
}
