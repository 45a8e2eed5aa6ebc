package dev.warren.loadtest.measure;

import java.util.Locale;

/** What a figure counts, and how it reads. */
public enum Unit {
    PACKETS_PER_SECOND("packets/s"),
    RESPONSES_PER_SECOND("responses/s"),
    CONNECTS_PER_SECOND("connects/s"),
    BITS_PER_SECOND("bit/s"),
    /** CPU time. */
    SECONDS("s"),
    /** Latencies and other durations. */
    NANOS("s"),
    BYTES("B"),
    PERCENT("%"),
    COUNT(""),
    CORES("cores"),
    /** CPU seconds for each GB (10^9 bytes) of payload. */
    CPU_PER_GB("CPU s/GB"),
    /** CPU seconds for each million packets or answers. */
    CPU_PER_MILLION("CPU s/M");

    private static final String[] LARGE = {"", "k", "M", "G", "T"};
    private static final String[] SMALL = {"s", "ms", "us", "ns"};

    private final String symbol;

    Unit(String symbol) {
        this.symbol = symbol;
    }

    /** The unit's symbol without a prefix, such as {@code packets/s}. */
    public String symbol() {
        return symbol;
    }

    /** {@code value} with three significant digits and the unit, such as {@code 412 k packets/s} or {@code 0.38 ms}. */
    public String format(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return "-";
        }
        return switch (this) {
            case PACKETS_PER_SECOND, RESPONSES_PER_SECOND, CONNECTS_PER_SECOND, BITS_PER_SECOND, BYTES ->
                prefixed(value, symbol);
            case NANOS -> duration(value);
            case PERCENT -> percent(value);
            case COUNT -> count(value);
            case SECONDS, CORES, CPU_PER_GB, CPU_PER_MILLION -> digits(value) + " " + symbol;
        };
    }

    private static String prefixed(double value, String symbol) {
        int step = 0;
        double rest = value;
        while (Math.abs(rest) >= 999.5 && step < LARGE.length - 1) {
            rest /= 1000;
            step++;
        }
        String number = step == 0 && rest == Math.rint(rest) ? String.valueOf((long) rest) : digits(rest);
        return symbol.length() > "bit/s".length()
                ? number + (step == 0 ? " " : " " + LARGE[step] + " ") + symbol
                : number + " " + LARGE[step] + symbol;
    }

    private static String duration(double nanos) {
        int step = SMALL.length - 1;
        double rest = nanos;
        while (Math.abs(rest) >= 999.5 && step > 0) {
            rest /= 1000;
            step--;
        }
        return digits(rest) + " " + SMALL[step];
    }

    private static String percent(double value) {
        double size = Math.abs(value);
        if (value != 0 && size < 0.001) {
            return "< 0.001 %";
        }
        return String.format(Locale.ROOT, size == 0 || size >= 10 ? "%.1f %%" : "%.3g %%", value);
    }

    private static String count(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%,d", (long) value) : digits(value);
    }

    /** Three significant digits, without an exponent. */
    private static String digits(double value) {
        double size = Math.abs(value);
        int decimals = size == 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : size >= 0.01 ? 3 : 4;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
