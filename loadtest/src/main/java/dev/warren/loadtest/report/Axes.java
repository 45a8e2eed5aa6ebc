package dev.warren.loadtest.report;

import dev.warren.loadtest.measure.Unit;
import dev.warren.loadtest.report.Axis.Tick;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** The axes that the plots use, each with ticks at round values. */
final class Axes {
    private static final double[] ROUND = {1, 2, 5};
    private static final int MOST_STEPS = 5;
    /** More nines than this need a histogram of a thousand million values. */
    private static final int MOST_NINES = 9;
    /** From so many values on, the labels of the percentiles don't all fit on a phone. */
    private static final double CROWDED = 1e6;

    private static final double[] POWERS = {1};
    /** From dense to sparse. */
    private static final List<double[]> RATIO_STEPS = List.of(
            new double[] {1, 1.05, 1.1, 1.15, 1.2, 1.3, 7, 7.5, 8, 8.5, 9, 9.5},
            new double[] {1, 1.1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8, 9},
            new double[] {1, 1.2, 1.5, 2, 3, 4, 5, 6, 8},
            new double[] {1, 1.5, 2, 3, 5, 7},
            ROUND,
            new double[] {1, 3},
            POWERS);
    /** Share of the width that a label wants for itself. */
    private static final double LABEL_ROOM = 0.09;
    /** Ratios nearer to 1 than this are not blown up to the whole width. */
    private static final double LEAST_RATIO = 1.25;

    private Axes() {}

    /**
     * Percentiles (0 to 100) at equal distances for 90, 99, 99.9 and so on, as far as {@code count} values can tell
     * them apart; 100 lies where the last of {@code count} values does.
     */
    static Axis percentiles(long count) {
        double last = Math.clamp((double) count, 10, Math.pow(10, MOST_NINES));
        List<Tick> ticks = new ArrayList<>();
        ticks.add(new Tick(50, "50%", false));
        boolean tight = last >= CROWDED;
        for (int nines = 1; Math.pow(10, nines) <= last; nines++) {
            ticks.add(new Tick(100 - 100 / Math.pow(10, nines), percentile(nines), tight && nines % 2 == 1));
        }
        double furthest = 100 - 100 / last;
        return new Axis(p -> -Math.log10(1 - Math.min(p, furthest) / 100), 0, furthest, ticks);
    }

    /** Nanoseconds, logarithmic, at least one power of ten high, ending at round values. */
    static Axis durations(double lowNanos, double highNanos) {
        double low = roundDown(Math.max(1, lowNanos));
        double high = roundUp(Math.max(low, highNanos));
        while (high < low * 10) {
            high = roundUp(high * 1.01);
        }
        double decades = Math.log10(high / low);
        double[] steps = decades <= 3.2 ? ROUND : POWERS;
        int every = decades > 7 ? 2 : 1;
        return new Axis(Math::log10, low, high, durationTicks(low, high, steps, every));
    }

    /** Values from zero up to a round one that is not below {@code high}; labels have SI prefixes and no unit. */
    static Axis fromZero(double high, Unit unit) {
        double step = roundUp(positive(high) / MOST_STEPS);
        double top = step * Math.ceil(positive(high) / step - 1e-9);
        DoubleFunction<String> label = unit == Unit.NANOS ? Axes::duration : value -> prefixed(value, top);
        return new Axis(v -> v, 0, top, linearTicks(step, top, label));
    }

    /** Seconds of a run, ending where the run does. */
    static Axis seconds(double end) {
        double last = positive(end);
        return new Axis(v -> v, 0, last, linearTicks(roundUp(last / MOST_STEPS), last, value -> plain(value) + " s"));
    }

    /** Ratios on a logarithmic axis that has 1 in it and never shows less than 0.8 to 1.25. */
    static Axis ratios(double low, double high) {
        double from = Math.min(low, 1 / LEAST_RATIO) / 1.06;
        double to = Math.max(high, LEAST_RATIO) * 1.06;
        double room = LABEL_ROOM * Math.log(to / from);
        List<Tick> ticks = List.of();
        for (double[] steps : RATIO_STEPS) {
            ticks = ratioTicks(from, to, steps);
            if (nearest(ticks) >= room) {
                break;
            }
        }
        return new Axis(Math::log10, from, to, ticks);
    }

    private static List<Tick> ratioTicks(double from, double to, double[] steps) {
        List<Tick> ticks = new ArrayList<>();
        for (int power = (int) Math.floor(Math.log10(from)); power <= Math.log10(to); power++) {
            for (double step : steps) {
                double value = step * Math.pow(10, power);
                if (value >= from && value <= to) {
                    ticks.add(new Tick(value, plain(value) + "x", step != 1 && step != 2 && step != 5));
                }
            }
        }
        return ticks;
    }

    private static double nearest(List<Tick> ticks) {
        double nearest = Double.MAX_VALUE;
        for (int i = 1; i < ticks.size(); i++) {
            nearest = Math.min(
                    nearest, Math.log(ticks.get(i).value() / ticks.get(i - 1).value()));
        }
        return nearest;
    }

    private static List<Tick> durationTicks(double low, double high, double[] steps, int every) {
        List<Tick> ticks = new ArrayList<>();
        for (int power = (int) Math.floor(Math.log10(low)); Math.pow(10, power) <= high; power++) {
            for (double step : steps) {
                double value = step * Math.pow(10, power);
                if (value >= low && value <= high && Math.floorMod(power, every) == 0) {
                    ticks.add(new Tick(value, duration(value), false));
                }
            }
        }
        return ticks;
    }

    private static List<Tick> linearTicks(double step, double end, DoubleFunction<String> label) {
        List<Tick> ticks = new ArrayList<>();
        for (int i = 0; i * step <= end * (1 + 1e-9); i++) {
            ticks.add(new Tick(i * step, i == 0 ? "0" : label.apply(i * step), i % 2 == 1));
        }
        return ticks;
    }

    private static double positive(double value) {
        return Double.isFinite(value) && value > 0 ? value : 1;
    }

    private static double roundDown(double value) {
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        double found = power;
        for (double step : ROUND) {
            found = step * power <= value * (1 + 1e-9) ? step * power : found;
        }
        return found;
    }

    private static double roundUp(double value) {
        double down = roundDown(value);
        if (down >= value * (1 - 1e-9)) {
            return down;
        }
        double power = Math.pow(10, Math.floor(Math.log10(down) + 1e-9));
        long digit = Math.round(down / power);
        return power * (digit == 1 ? 2 : digit == 2 ? 5 : 10);
    }

    private static String percentile(int nines) {
        return nines == 1 ? "90%" : nines == 2 ? "99%" : "99." + "9".repeat(nines - 2) + "%";
    }

    private static String duration(double nanos) {
        if (nanos < 999.5) {
            return plain(nanos) + " ns";
        }
        if (nanos < 999.5e3) {
            return plain(nanos / 1e3) + " µs";
        }
        return nanos < 999.5e6 ? plain(nanos / 1e6) + " ms" : plain(nanos / 1e9) + " s";
    }

    private static String prefixed(double value, double prefixOf) {
        if (prefixOf >= 1e9) {
            return plain(value / 1e9) + " G";
        }
        if (prefixOf >= 1e6) {
            return plain(value / 1e6) + " M";
        }
        return prefixOf >= 1e3 ? plain(value / 1e3) + " k" : plain(value);
    }

    /** Without zeros at the end: round values have few digits. */
    private static String plain(double value) {
        String text = String.format(Locale.ROOT, "%.6f", value);
        return text.replaceAll("\\.?0+$", "");
    }
}
