package dev.warren.loadtest.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RelativeRateTest {
    private static Cell cell(String rate) {
        return new Cell("c", new LinkedHashMap<>(Map.of("rate", rate)));
    }

    @Test
    void shouldReadAShareAndWhose() {
        assertEquals(Optional.of(new RelativeRate(50, false)), RelativeRate.of(cell("50% of b")));
        assertEquals(Optional.of(new RelativeRate(100, true)), RelativeRate.of(cell("100% of a")));
    }

    /** They stay as they are, and the workload says what it takes. */
    @ParameterizedTest
    @ValueSource(strings = {"2000", "", "50%", "0% of b", "101% of b", "half of b", "50% of c"})
    void shouldLeaveOtherRatesAlone(String rate) {
        assertEquals(Optional.empty(), RelativeRate.of(cell(rate)));
    }

    @ParameterizedTest
    @CsvSource({
        "707123, 50, 350000",
        "249000, 50, 120000",
        "100, 1, 1",
        "19, 50, 10",
        "99600, 100, 100000",
        "0.5, 50, 1"
    })
    void shouldKeepTwoDigits(double greatest, int percent, long rate) {
        assertEquals(rate, new RelativeRate(percent, false).rate(greatest));
    }
}
