package dev.warren.loadtest.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class AlikeTest {
    @Test
    void shouldGiveTheRangeOfNumbersThatDiffer() {
        assertEquals(
                List.of("round 1 to 3: others took 0.9 to 11.72 cores (at most 0.3 may be)", "it died"),
                Alike.of(List.of(
                        "round 1: others took 11.72 cores (at most 0.3 may be)",
                        "it died",
                        "round 3: others took 0.9 cores (at most 0.3 may be)",
                        "round 2: others took 1.5 cores (at most 0.3 may be)")));
    }

    @Test
    void shouldUnderstandNumbersWithCommas() {
        assertEquals(List.of("999 to 1,234,567 lost, 5."), Alike.of(List.of("1,234,567 lost, 5.", "999 lost, 5.")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"127.0.0.%d:80", "127.0.0.1:8%d", "p9%d was slow", "1.102.%d", "relay-%d", "%dms", "%d-core"})
    void shouldKeepApartWhatIsNamedByNumbers(String name) {
        List<String> sentences = List.of(name.formatted(1) + " failed", name.formatted(2) + " failed");

        assertEquals(sentences, Alike.of(sentences));
    }

    @Test
    void shouldKeepWhoEachIsAbout() {
        Alike<String> alike = new Alike<>();
        alike.add("1 was lost", "a");
        alike.add("2 was lost", "b");
        alike.add("none", "a");

        assertEquals(Map.of("1 to 2 was lost", List.of("a", "b"), "none", List.of("a")), alike.sentences());
    }

    @Test
    void shouldNotBeLedAstrayByACharacterOfItsOwn() {
        assertEquals(List.of("a   1 to 2"), Alike.of(List.of("a \0 1", "a \0 2")));
        assertEquals(List.of("$1 \\ 5 to 6"), Alike.of(List.of("$1 \\ 5", "$1 \\ 6")));
    }
}
