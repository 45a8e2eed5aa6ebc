package dev.warren.loadtest.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Unit;
import dev.warren.loadtest.report.Axis.Tick;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class AxesTest {
    @Test
    void shouldSpreadTheNinesEvenly() {
        Axis axis = Axes.percentiles(100_000);

        assertEquals(List.of("50%", "90%", "99%", "99.9%", "99.99%", "99.999%"), labels(axis));
        assertEquals(0.2, axis.at(90), 1e-9);
        assertEquals(0.4, axis.at(99), 1e-9);
        assertEquals(0.8, axis.at(99.99), 1e-9);
        assertEquals(0.0602, axis.at(50), 1e-4);
    }

    /** The longest of n values is that which 1 - 1/n of them did not exceed. */
    @Test
    void shouldEndPercentilesWhereTheLastValueLies() {
        assertEquals(1, Axes.percentiles(1000).at(100));
        assertEquals(1, Axes.percentiles(1000).at(99.9));
        assertEquals(List.of("50%", "90%", "99%", "99.9%"), labels(Axes.percentiles(1999)));
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "9", "9223372036854775807"})
    void shouldHaveSomePercentilesForAnyCount(long count) {
        Axis axis = Axes.percentiles(count);

        assertTrue(axis.ticks().size() >= 2 && axis.ticks().size() <= 10, axis.toString());
        assertEquals(1, axis.at(100));
    }

    @Test
    void shouldLabelDurationsWithTheUnitThatFits() {
        assertEquals(List.of("200 µs", "500 µs", "1 ms", "2 ms", "5 ms"), labels(Axes.durations(240_000, 4_900_000)));
        assertEquals(List.of("500 ns", "1 µs", "2 µs", "5 µs"), labels(Axes.durations(999, 1_200)));
        assertEquals(
                List.of("1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s", "10 s"),
                labels(Axes.durations(1000, 9e9)));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "0,9e18", "1,1", "5,2", "100,100", "1e9,1e9", "999999,1000001"})
    void shouldShowDurationsOfAnyRange(double low, double high) {
        Axis axis = Axes.durations(low, high);

        assertTrue(axis.to() >= axis.from() * 10 * (1 - 1e-9), axis.toString());
        assertTrue(axis.to() >= high * (1 - 1e-9), axis.toString());
        assertTrue(axis.ticks().size() >= 2 && axis.ticks().size() <= 12, axis.toString());
        assertRising(axis);
    }

    @Test
    void shouldCountFromZeroInRoundSteps() {
        assertEquals(List.of("0", "0.2 M", "0.4 M", "0.6 M", "0.8 M", "1 M"), labels(fromZero(912e3)));
        assertEquals(List.of("0", "20", "40", "60"), labels(fromZero(60)));
        assertEquals(List.of("0", "1 G", "2 G", "3 G", "4 G", "5 G"), labels(fromZero(4.61e9)));
        assertEquals(List.of("0", "0.5", "1", "1.5", "2"), labels(fromZero(1.7)));
        assertEquals(List.of("0", "2 ms", "4 ms", "6 ms"), labels(Axes.fromZero(5.1e6, Unit.NANOS)));
    }

    @ParameterizedTest
    @CsvSource({"0", "-1", "NaN", "Infinity"})
    void shouldShowAnAxisWhenThereIsNothingOnIt(double high) {
        assertEquals(1, fromZero(high).to());
        assertEquals(0, fromZero(high).at(Double.NaN));
    }

    @Test
    void shouldEndTheSecondsWithTheRun() {
        Axis axis = Axes.seconds(17);

        assertEquals(List.of("0", "5 s", "10 s", "15 s"), labels(axis));
        assertEquals(1, axis.at(17));
    }

    @Test
    void shouldShowCloseRatiosWithoutBlowingThemUp() {
        Axis axis = Axes.ratios(0.99, 1.01);

        assertEquals(List.of("0.8x", "0.9x", "1x", "1.1x", "1.2x"), labels(axis));
        assertEquals(0.5, axis.at(1), 1e-9);
    }

    @Test
    void shouldShowAHalfAsFarAsADouble() {
        Axis axis = Axes.ratios(0.5, 2);

        assertEquals(axis.at(1) - axis.at(0.5), axis.at(2) - axis.at(1), 1e-9);
    }

    @ParameterizedTest
    @CsvSource({
        "1,1",
        "0.5,2",
        "0.4,2.6",
        "0.1,1",
        "1,12",
        "0.01,130",
        "0.0001,10000",
        "1.8,1.9",
        "1e-9,1e9",
        "0.97,40",
        "0.2,1.1"
    })
    void shouldLabelRatiosFarEnoughFromEachOther(double low, double high) {
        Axis axis = Axes.ratios(low, high);

        assertTrue(labels(axis).contains("1x"), axis.toString());
        assertTrue(axis.ticks().size() >= 2, axis.toString());
        assertTrue(axis.at(low) > 0 && axis.at(high) < 1, axis.toString());
        assertRising(axis);
        for (int i = 1; i < axis.ticks().size(); i++) {
            double gap = axis.at(axis.ticks().get(i)) - axis.at(axis.ticks().get(i - 1));
            assertTrue(gap > 0.05, axis.ticks().toString());
        }
    }

    private static Axis fromZero(double high) {
        return Axes.fromZero(high, Unit.PACKETS_PER_SECOND);
    }

    private static void assertRising(Axis axis) {
        for (int i = 1; i < axis.ticks().size(); i++) {
            assertTrue(axis.at(axis.ticks().get(i)) > axis.at(axis.ticks().get(i - 1)), axis.toString());
        }
    }

    private static List<String> labels(Axis axis) {
        return axis.ticks().stream().map(Tick::label).toList();
    }
}
