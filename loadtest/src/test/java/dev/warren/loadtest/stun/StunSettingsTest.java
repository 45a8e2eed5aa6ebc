package dev.warren.loadtest.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.UserError;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
final class StunSettingsTest {
    @Test
    void shouldHaveDefaultsForAllButTheTarget() {
        StunSettings settings = StunSettings.parse(Map.of("target", "127.0.0.1:3478"));
        assertEquals(List.of(new HostPort("127.0.0.1", 3478)), settings.targets());
        assertEquals(Duration.ofSeconds(10), settings.duration());
        assertEquals(Duration.ofSeconds(2), settings.warmup());
        assertEquals(RequestForm.TAILSCALE, settings.shape().form());
        assertFalse(settings.shape().isOpen());
        assertFalse(settings.allowRemote());
        assertEquals(16, settings.socketCount());
    }

    @Test
    void shouldReadEverySetting() {
        StunSettings settings = StunSettings.parse(Map.ofEntries(
                Map.entry("target", "stun:[::1]:3478, localhost:3479"),
                Map.entry("pid", "12 13"),
                Map.entry("form", "plain"),
                Map.entry("window", "5"),
                Map.entry("rate", "1000"),
                Map.entry("sockets", "3"),
                Map.entry("batch", "4"),
                Map.entry("trains", "false"),
                Map.entry("spin", "false"),
                Map.entry("warmup", "0s"),
                Map.entry("duration", "1.5s"),
                Map.entry("allow-remote", "true")));
        assertEquals(List.of(new HostPort("::1", 3478), new HostPort("localhost", 3479)), settings.targets());
        assertEquals(List.of(12L, 13L), settings.pids());
        assertEquals(new LoadShape(RequestForm.PLAIN, 5, 1000, 3, 4, false, false), settings.shape());
        assertEquals(Duration.ZERO, settings.warmup());
        assertEquals(Duration.ofMillis(1500), settings.duration());
        assertTrue(settings.allowRemote());
    }

    @ParameterizedTest
    @CsvSource({"64, 0, 16, 16", "4, 0, 16, 4", "4, 9, 16, 16", "1, 0, 1, 2"})
    void shouldUseNoMoreSocketsThanRequestsAndOneForEachTarget(String window, String rate, String sockets, int used) {
        StunSettings settings = StunSettings.parse(
                Map.of("target", "127.0.0.1:1 127.0.0.1:2", "window", window, "rate", rate, "sockets", sockets));
        assertEquals(used, settings.socketCount());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    target       |             | a target is missing; give the server's address as --target HOST:PORT
                    target       | 127.0.0.1   | target "127.0.0.1" has no port; write HOST:PORT, [IPV6]:PORT or :PORT
                    target       | :3478       | target ":3478" needs a host and a port above 0, such as 127.0.0.1:3478
                    target       | 127.0.0.1:0 | target "127.0.0.1:0" needs a host and a port above 0, such as 127.0.0.1:3478
                    pid          | self        | pid "self" is no whole number from 1 to 2147483647
                    form         | classic     | form "classic" is not known; use tailscale or plain
                    window       | 0           | window "0" is no whole number from 1 to 100000
                    rate         | -1          | rate "-1" is no whole number from 0 to 2000000
                    sockets      | many        | sockets "many" is no whole number from 1 to 10000
                    batch        | 65          | batch "65" is no whole number from 1 to 64
                    trains       | maybe       | trains "maybe" is neither true nor false
                    warmup       | 2           | warmup "2" is no duration; write it like 500ms, 10s or 2m
                    duration     | 10ms        | duration 10ms is outside 100ms to 60m
                    duration     | 61m         | duration 61m is outside 100ms to 60m
                    allow-remote | yes         | allow-remote "yes" is neither true nor false
                    """)
    void shouldSayInOneSentenceWhatCannotBe(String name, String value, String sentence) {
        Map<String, String> settings = new HashMap<>(Map.of("target", "127.0.0.1:3478"));
        settings.put(name, value == null ? "" : value);
        assertEquals(
                sentence,
                assertThrows(UserError.class, () -> StunSettings.parse(settings))
                        .getMessage());
    }

    @Test
    void shouldNameTheSettingsWhenOneIsUnknown() {
        UserError error = assertThrows(UserError.class, () -> StunSettings.parse(Map.of("windows", "3")));
        assertTrue(
                String.valueOf(error.getMessage())
                        .startsWith("a STUN load has no setting \"windows\"; it has target, pid, form, window, rate"),
                error::getMessage);
    }
}
