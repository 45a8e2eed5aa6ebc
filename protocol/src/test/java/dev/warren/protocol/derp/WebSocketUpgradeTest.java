package dev.warren.protocol.derp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class WebSocketUpgradeTest {
    /** RFC 6455 section 1.3. */
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";

    @Test
    void shouldAnswerAsTheRfcDoes() {
        HttpHead request = request("Connection: keep-alive, Upgrade", version(), key(KEY), "chat, DERP");
        String expected = String.join(
                "\r\n",
                "HTTP/1.1 101 Switching Protocols",
                "Upgrade: websocket",
                "Connection: Upgrade",
                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                "Sec-WebSocket-Protocol: derp",
                "",
                "");
        assertEquals(expected, text(WebSocketUpgrade.answer(request)));
    }

    @Test
    void shouldAgreeOnNoExtension() {
        HttpHead request = request(
                "Connection: Upgrade",
                version(),
                key(KEY) + "\r\nSec-WebSocket-Extensions: permessage-deflate",
                "derp");
        assertFalse(text(WebSocketUpgrade.answer(request)).contains("Extensions"));
    }

    @ParameterizedTest
    @CsvSource({"derp2, false", "xderp, false", "DERP, true", "'chat,derp', true"})
    void shouldAgreeOnTheSubprotocolOnlyWhenItIsOffered(String offered, boolean agreed) {
        HttpHead request = request("Connection: Upgrade", version(), key(KEY), offered);
        assertEquals(agreed, WebSocketUpgrade.offersDerp(request));
        assertEquals(agreed, text(WebSocketUpgrade.answer(request)).contains("Sec-WebSocket-Protocol: derp"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "dGhlIHNhbXBsZSBub25jZ", "dGhlIHNhbXBsZQ==", "!!!!", "dGhlIHNhbXBsZSBub25jZQ==, x"})
    void shouldTakeNoOtherKey(String broken) {
        assertNull(WebSocketUpgrade.answer(request("Connection: Upgrade", version(), key(broken), "derp")));
    }

    @Test
    void shouldTakeNoIncompleteHandshake() {
        assertNull(WebSocketUpgrade.answer(request("A: b", version(), key(KEY), "derp")));
        assertNull(WebSocketUpgrade.answer(request("Connection: close", version(), key(KEY), "derp")));
        assertNull(WebSocketUpgrade.answer(request("Connection: Upgrade", "A: b", key(KEY), "derp")));
        assertNull(
                WebSocketUpgrade.answer(request("Connection: Upgrade", "Sec-WebSocket-Version: 8", key(KEY), "derp")));
        assertNull(WebSocketUpgrade.answer(request("Connection: Upgrade", version(), "A: b", "derp")));
    }

    @Test
    void shouldOfferNothingWithoutTheField() {
        byte[] head = "GET /derp HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        assertFalse(WebSocketUpgrade.offersDerp(HttpHead.parse(head, 0, head.length)));
        assertTrue(WebSocketUpgrade.offersDerp(request("A: b", "C: d", "E: f", "derp")));
    }

    private static String version() {
        return "Sec-WebSocket-Version: 13";
    }

    private static String key(String value) {
        return "Sec-WebSocket-Key: " + value;
    }

    private static HttpHead request(String connection, String version, String key, String subprotocols) {
        String text = String.join(
                "\r\n",
                "GET /derp HTTP/1.1",
                "Upgrade: websocket",
                connection,
                version,
                key,
                "Sec-WebSocket-Protocol: " + subprotocols,
                "",
                "");
        byte[] head = text.getBytes(StandardCharsets.US_ASCII);
        return HttpHead.parse(head, 0, head.length);
    }

    private static String text(byte @Nullable [] bytes) {
        return new String(Objects.requireNonNull(bytes), StandardCharsets.ISO_8859_1);
    }
}
