package dev.warren.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ListenDescriptorsTest {
    @Test
    void shouldNumberTheSocketsFromThreeOn() {
        assertEquals(List.of(3, 4), ListenDescriptors.of(Map.of("LISTEN_FDS", "2", "LISTEN_PID", "77"), 77));
        assertEquals(List.of(), ListenDescriptors.of(Map.of("LISTEN_FDS", "0", "LISTEN_PID", "77"), 77));
    }

    @Test
    void shouldLeaveAloneWhatIsForAnotherProcess() {
        assertEquals(List.of(), ListenDescriptors.of(Map.of("LISTEN_FDS", "2", "LISTEN_PID", "78"), 77));
        assertEquals(List.of(), ListenDescriptors.of(Map.of("LISTEN_FDS", "2"), 77));
        assertEquals(List.of(), ListenDescriptors.of(Map.of(), 77));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "two", "", "1025", "99999999999"})
    void shouldSayThatItIsNoNumber(String count) {
        UserError wrong = assertThrows(
                UserError.class, () -> ListenDescriptors.of(Map.of("LISTEN_FDS", count, "LISTEN_PID", "77"), 77));
        assertEquals(
                "LISTEN_FDS is \"" + count + "\", and must be a number from 0 to 1024: it is systemd that sets it for"
                        + " a socket unit",
                wrong.getMessage());
    }
}
