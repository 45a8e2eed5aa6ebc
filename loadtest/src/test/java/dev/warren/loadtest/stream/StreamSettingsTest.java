package dev.warren.loadtest.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.relay.wire.Target;
import dev.warren.loadtest.stream.StreamSettings.Ends;
import dev.warren.platform.config.UserError;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
final class StreamSettingsTest {
    private static final Map<String, String> LEAST = Map.of("target", "http://localhost:3340", "pid", "4711");

    @Test
    void shouldReadEverySetting() {
        Map<String, String> all = new HashMap<>(LEAST);
        all.putAll(Map.of("impl", "wireguard-go-newest", "duration", "7s", "warmup", "0s"));
        assertEquals(
                new StreamSettings(new Target(false, "localhost", 3340), 4711, Ends.WIREGUARD_GO, null, 7, 0),
                StreamSettings.parse(all));
    }

    @Test
    void shouldTakeOurAgentsUnlessToldOtherwise() {
        assertEquals(
                new StreamSettings(new Target(false, "localhost", 3340), 4711, Ends.WARREN, null, 5, 3),
                StreamSettings.parse(LEAST));
    }

    @Test
    void shouldGiveAUdpRelayToOurAgentsOnly() {
        Map<String, String> all = new HashMap<>(LEAST);
        all.put("udp-relay", "relay.key");
        assertEquals(Path.of("relay.key"), StreamSettings.parse(all).udpRelayKey());
        all.put("impl", "wireguard-go-newest");
        UserError error = assertThrows(UserError.class, () -> StreamSettings.parse(all));
        assertTrue(String.valueOf(error.getMessage()).contains("udp-relay goes with impl warren"), error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    target   |                | a stream needs the setting "target": the relay, as http://localhost:PORT
                    target   | localhost:3340 | the target "localhost:3340" is no relay's URL
                    pid      |                | a stream needs the setting "pid": the relay's process
                    pid      | derper         | pid must be the number of the relay's process, not "derper"
                    pid      | 0              | pid must be the number of the relay's process, not "0"
                    impl     | wireguard      | "wireguard" cannot be at the ends of a stream; impl is warren or wireguard-go
                    duration | 500ms          | duration must be whole seconds such as 5s, not "500ms"
                    duration | 0s             | a stream takes 1 to 3600 s and its warm-up at most as long, not 0 s and 3 s
                    warmup   | 4000s          | a stream takes 1 to 3600 s and its warm-up at most as long, not 5 s and 4000 s
                    warmup   | soon           | warmup must be whole seconds such as 5s, not "soon"
                    speed    | high           | a stream has no setting "speed"; there are [duration, impl, pid, target, udp-relay, warmup]
                    """)
    void shouldNameTheSettingThatIsWrong(String key, String value, String expected) {
        Map<String, String> settings = new HashMap<>(LEAST);
        if (value == null) {
            settings.remove(key);
        } else {
            settings.put(key, value);
        }
        String sentence = String.valueOf(assertThrows(UserError.class, () -> StreamSettings.parse(settings))
                .getMessage());
        assertTrue(sentence.startsWith(expected), sentence);
        assertFalse(sentence.contains("\n"), sentence);
    }
}
