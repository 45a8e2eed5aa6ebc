package dev.warren.loadtest.relay.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class TargetTest {
    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:3340, false, 127.0.0.1, 3340, http://127.0.0.1:3340",
        "http://relay.example, false, relay.example, 80, http://relay.example:80",
        "https://relay.example/, true, relay.example, 443, https://relay.example:443",
        "https://[::1]:99/derp, true, ::1, 99, https://[::1]:99"
    })
    void shouldReadUrls(String url, boolean tls, String host, int port, String text) {
        Target target = Target.parse(url);
        assertEquals(new Target(tls, host, port), target);
        assertEquals(text, target.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "127.0.0.1:1", "tcp://127.0.0.1:1", "http://", "http:///x", "http://u@h:1", "http://h:x", " "
            })
    void shouldRefuseWhatIsNoUrlOfARelay(String url) {
        UserError refused = assertThrows(UserError.class, () -> Target.parse(url));
        assertEquals(
                "the target \"" + url + "\" is no relay's URL; write http://HOST:PORT, or https://HOST:PORT for TLS",
                refused.getMessage());
    }

    @Test
    void shouldRefuseOtherPaths() {
        UserError refused = assertThrows(UserError.class, () -> Target.parse("http://h:1/relay"));
        assertTrue(String.valueOf(refused.getMessage()).contains("has a path"), refused.getMessage());
    }

    @Test
    void shouldSayThatAHostIsUnknown() {
        Target target = Target.parse("http://no-such-host.invalid:1");
        UserError refused = assertThrows(UserError.class, target::resolve);
        assertTrue(String.valueOf(refused.getMessage()).contains("is unknown"), refused.getMessage());
    }
}
