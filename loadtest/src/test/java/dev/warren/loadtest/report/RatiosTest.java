package dev.warren.loadtest.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Bound;
import dev.warren.loadtest.measure.RatioRow;
import dev.warren.loadtest.measure.Unit;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class RatiosTest {
    @ParameterizedTest
    @CsvSource({
        "HIGHER, 1.79, 1.91, better (higher)",
        "HIGHER, 0.50, 0.60, worse (lower)",
        "HIGHER, 0.90, 1.30, unclear",
        "HIGHER, 1.00, 1.30, unclear",
        "LOWER, 1.79, 1.91, worse (higher)",
        "LOWER, 0.50, 0.60, better (lower)",
        "LOWER, 0.90, 1.30, unclear",
        "NEITHER, 1.79, 1.91, higher",
        "NEITHER, 0.50, 0.60, lower",
        "HIGHER, 1.0046, 1.0048, level",
        "HIGHER, 0.9953, 1.0040, level",
        "LOWER, 0.9953, 0.9999, level",
        "LOWER, 1.0049, 1.0500, unclear",
        "LOWER, 0.9940, 1.0060, unclear",
        "HIGHER, 1.0050, 1.0060, better (higher)",
        "LOWER, 0.9900, 0.9949, better (lower)",
        "NEITHER, 1, 1, the same",
        "NEITHER, 1.0020, 1.0048, the same",
        "LOWER, NaN, NaN, no ratio",
    })
    void shouldSayWhatTheSpreadAllows(Better better, double low, double high, String verdict) {
        assertEquals(verdict, Ratios.verdict(row(better, low, high, List.of(1.0, 2.0))));
    }

    @ParameterizedTest
    @CsvSource({
        "1.844, 1.84x",
        "0.4249, 0.42x",
        "0.0421, 0.042x",
        "0.00421, 0.0042x",
        "23.04, 23.0x",
        "130.2, 130x",
        "0, 0x",
        "9.999, 10.0x",
        "1, 1.00x"
    })
    void shouldWriteRatiosWithTwoOrThreeDigits(double ratio, String text) {
        assertEquals(text, Ratios.text(ratio));
    }

    @Test
    void shouldSayOfHowManyPairsTheSpreadIs() {
        assertEquals("2.00x (1.00-3.00, 2 pairs)", Ratios.withSpread(row(Better.HIGHER, 1, 3, List.of(1.0, 2.0))));
        assertEquals("2.00x (1 pair)", Ratios.withSpread(row(Better.HIGHER, 2, 2, List.of(1.0))));
    }

    @Test
    void shouldFindTheMedianOfWhatIsThere() {
        RatioRow row = row(Better.HIGHER, 1, 1, List.of());

        assertEquals("2/s", Ratios.median(row, List.of(3.0, 1.0, 2.0)));
        assertEquals("2.50/s", Ratios.median(row, List.of(3.0, 2.0, Double.NaN)));
        assertEquals("-", Ratios.median(row, List.of(Double.NaN)));
        assertEquals("-", Ratios.median(row, List.of()));
    }

    private static RatioRow row(Better better, double low, double high, List<Double> values) {
        return row(better, low, high, values, Bound.EXACT);
    }

    private static RatioRow row(Better better, double low, double high, List<Double> values, Bound bound) {
        double middle = (low + high) / 2;
        return new RatioRow("f", Unit.PACKETS_PER_SECOND, better, values, values, middle, low, high, bound, "");
    }

    @Test
    void shouldNotCallBehindWhomTheGeneratorHeldDown() {
        RatioRow ahead = row(Better.HIGHER, 1.9, 2.1, List.of(1.0, 1.0), Bound.AT_LEAST);
        RatioRow behind = row(Better.HIGHER, 0.8, 0.9, List.of(1.0, 1.0), Bound.AT_LEAST);
        RatioRow mirrored = row(Better.HIGHER, 1.9, 2.1, List.of(1.0, 1.0), Bound.AT_MOST);
        RatioRow level = row(Better.HIGHER, 1.001, 1.003, List.of(1.0, 1.0), Bound.AT_LEAST);
        assertEquals(">= 1.00x unclear", Ratios.median(level) + " " + Ratios.verdict(level));
        assertEquals(">= 2.00x better (higher)", Ratios.median(ahead) + " " + Ratios.verdict(ahead));
        assertEquals(">= 0.85x unclear", Ratios.median(behind) + " " + Ratios.verdict(behind));
        assertEquals("<= 2.00x unclear", Ratios.median(mirrored) + " " + Ratios.verdict(mirrored));
    }
}
