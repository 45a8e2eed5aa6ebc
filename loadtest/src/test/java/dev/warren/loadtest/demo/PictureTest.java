package dev.warren.loadtest.demo;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PictureTest {
    private final String picture = String.join("\n", Picture.lines());

    @Test
    void shouldDrawTheAddressesThatTheScriptGives() throws IOException {
        String script;
        try (InputStream text = Internet.class.getResourceAsStream("internet.sh")) {
            script = text == null ? "" : new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
        for (String router :
                List.of(Internet.HOME_OF_A, Internet.HOME_OF_B, "192.168.1.1", "192.168.2.1", "10.20.0.1")) {
            assertTrue(picture.contains(router), router);
            assertTrue(script.contains(" " + router), router);
        }
        for (String server : List.of(Internet.RELAY, Internet.STUN, Internet.COORDINATOR)) {
            assertTrue(picture.contains(server), server);
            String lastNumber = server.substring(server.lastIndexOf('.'));
            assertTrue(script.contains(" " + lastNumber), server);
        }
    }

    @Test
    void shouldFitATerminal() {
        assertTrue(Picture.lines().stream().allMatch(line -> line.length() <= 110));
    }

    @Test
    void shouldSayWhatToTry() {
        String hints = String.join("\n", Hints.lines(PairTableTest.status("b"), "http://127.0.0.1:1234/"));

        assertTrue(hints.contains("http://127.0.0.1:1234/"));
        assertTrue(hints.contains("./warren demo exec a -- ping b"));
        assertTrue(hints.contains("wg show warren0"));
    }
}
