package dev.warren.loadtest.measure;

/**
 * One number that a run found.
 *
 * @param name the title of its row, such as {@code delivered} or {@code latency p99}; the same in every run of a kind
 * @param value in {@code unit}; NaN when it could not be found
 */
public record Figure(String name, double value, Unit unit, Better better) {
    /** The value with its unit, ready to be read. */
    public String text() {
        return unit.format(value);
    }
}
