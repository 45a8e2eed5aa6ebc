package dev.warren.loadtest.measure;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * How latency was distributed.
 *
 * @param count how many latencies there were
 * @param points ascending in percentile and latency; the last is the longest latency, at 100
 */
public record LatencyCurve(String name, long count, List<Point> points) {
    /** {@code percentile} (0 to 100) of the latencies were {@code nanos} or less. */
    public record Point(double percentile, long nanos) {}

    /** Points taken between two halvings of the distance to 100 percent. */
    private static final int TICKS_PER_HALF = 5;

    public LatencyCurve {
        points = List.copyOf(points);
    }

    /** The curve of a histogram of nanoseconds. */
    public static LatencyCurve of(String name, Histogram nanos) {
        List<Point> points = new ArrayList<>();
        if (nanos.getTotalCount() > 0) {
            nanos.percentiles(TICKS_PER_HALF)
                    .forEach(value ->
                            points.add(new Point(value.getPercentileLevelIteratedTo(), value.getValueIteratedTo())));
        }
        return new LatencyCurve(name, nanos.getTotalCount(), points);
    }

    /** The latency in nanoseconds that {@code percentile} of all did not exceed; NaN when there were none. */
    public double at(double percentile) {
        for (Point point : points) {
            if (point.percentile() >= percentile) {
                return point.nanos();
            }
        }
        return points.isEmpty() ? Double.NaN : points.getLast().nanos();
    }

    /** The usual figures of a latency: p50, p90, p99, p99.9 and max, named {@code prefix p50} and so on. */
    public static List<Figure> figures(String prefix, Histogram nanos) {
        return List.of(
                percentile(prefix, "p50", nanos, 50),
                percentile(prefix, "p90", nanos, 90),
                percentile(prefix, "p99", nanos, 99),
                percentile(prefix, "p99.9", nanos, 99.9),
                percentile(prefix, "max", nanos, 100));
    }

    private static Figure percentile(String prefix, String label, Histogram nanos, double percentile) {
        double value = nanos.getTotalCount() == 0 ? Double.NaN : nanos.getValueAtPercentile(percentile);
        return new Figure(prefix + " " + label, value, Unit.NANOS, Better.LOWER);
    }
}
