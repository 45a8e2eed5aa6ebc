package dev.warren.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "0s,0,0s",
        "500ms,500,500ms",
        "1500ms,1500,1500ms",
        "2000ms,2000,2s",
        "30s,30000,30s",
        "60s,60000,1m",
        "90m,5400000,90m",
        "2h,7200000,2h",
        "24h,86400000,1d",
        "7d,604800000,7d"
    })
    void shouldReadAndWriteTimes(String text, long millis, String shortest) {
        assertEquals(Duration.ofMillis(millis), Durations.parse(text));
        assertEquals(shortest, Durations.format(Durations.parse(text)));
        assertEquals(Durations.parse(text), Durations.parse(shortest));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "-5s", "1.5s", "5 s", "5S", "PT5S", "99999999999s", "5w"})
    void shouldRefuseWhatIsNoTime(String text) {
        String sentence = String.valueOf(assertThrows(IllegalArgumentException.class, () -> Durations.parse(text))
                .getMessage());
        assertTrue(sentence.startsWith("\"" + text + "\" is no time: write a whole number and ms, s, m, h or d"));
    }
}
