package dev.warren.loadtest.report;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Bound;
import dev.warren.loadtest.measure.RatioRow;
import java.util.Locale;

/**
 * What a row of a comparison says about A, the side before the division sign. It is of the ratios with the decimals that
 * a reader sees: where these are 1.00, no difference is claimed.
 */
enum Verdict {
    /** A is better in every pair of runs. */
    BETTER("better"),
    /** A is worse in every pair of runs. */
    WORSE("worse"),
    /** The median is 1, and no two pairs contradict each other. */
    LEVEL("level"),
    /** The pairs contradict each other or some show no difference, or the generator held down the one that seems behind. */
    UNCLEAR("unclear"),
    /** Neither more nor less of this figure is better. */
    NEUTRAL("neither"),
    /** There is no ratio. */
    NONE("no ratio");

    private final String words;

    Verdict(String words) {
        this.words = words;
    }

    /** The verdict on a row. */
    static Verdict of(RatioRow row) {
        if (!Double.isFinite(row.median())) {
            return NONE;
        }
        if (row.better() == Better.NEITHER) {
            return NEUTRAL;
        }
        double low = Ratios.shown(row.low());
        double high = Ratios.shown(row.high());
        boolean above = low > 1 && row.bound() != Bound.AT_MOST;
        boolean below = high < 1 && row.bound() != Bound.AT_LEAST;
        if (above || below) {
            return above == (row.better() == Better.HIGHER) ? BETTER : WORSE;
        }
        boolean agrees = low >= 1 || high <= 1;
        return row.bound() == Bound.EXACT && agrees && Ratios.shown(row.median()) == 1 ? LEVEL : UNCLEAR;
    }

    /** The name of its class in the page's style. */
    String style() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** How it reads, such as "better". */
    String words() {
        return words;
    }
}
