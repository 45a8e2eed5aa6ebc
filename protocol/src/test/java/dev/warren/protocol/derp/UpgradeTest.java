package dev.warren.protocol.derp;

import static dev.warren.protocol.derp.FrameCodecTest.reasonOf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.warren.protocol.testing.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class UpgradeTest {
    @Test
    void shouldAskInTheNormalForm() {
        assertEquals(
                String.join(
                        "\r\n",
                        "GET /derp HTTP/1.1",
                        "Host: relay.example:8443",
                        "User-Agent: warren",
                        "Upgrade: DERP",
                        "Connection: Upgrade",
                        "",
                        ""),
                text(Upgrade.request("relay.example:8443", null)));
        HttpHead request = head(text(Upgrade.request("relay.example", "900a")));
        assertEquals(Upgrade.Form.NORMAL, Upgrade.form(request));
        assertEquals("900a", request.field("ideal-node"));
        assertArrayEquals(new String[] {"GET", "/derp", "HTTP/1.1"}, request.requestLine());
    }

    @Test
    void shouldAskForAFastStart() {
        HttpHead request = head(text(Upgrade.fastRequest("relay.example")));
        assertEquals(Upgrade.Form.FAST_START, Upgrade.form(request));
        assertEquals("1", request.field("Derp-Fast-Start"));
    }

    @Test
    void shouldAnswerAsDerperDoes() {
        String answer = String.join(
                "\r\n",
                "HTTP/1.1 101 Switching Protocols",
                "Upgrade: DERP",
                "Connection: Upgrade",
                "Derp-Version: 2",
                "Derp-Public-Key: " + DerpSamples.SERVER_HEX,
                "",
                "");
        assertEquals(answer, text(Upgrade.answer(DerpSamples.SERVER)));
        Upgrade.checkAnswer(head(answer));
    }

    @Test
    void shouldTakeOnly101() {
        // headscale writes the key with a prefix, others leave it out.
        Upgrade.checkAnswer(head("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
        Upgrade.checkAnswer(head("HTTP/1.1 101\r\nDerp-Public-Key: nodekey:00\r\n\r\n"));
        HttpHead notFound = head("HTTP/1.1 404 Not Found\r\n\r\n");
        assertEquals(ProtocolException.Reason.NOT_UPGRADED, reasonOf(() -> Upgrade.checkAnswer(notFound)));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "DERP, -, -, NORMAL",
                "derp, -, -, NORMAL",
                "DeRp, -, 0, NORMAL",
                "DERP, -, 1, FAST_START",
                "websocket, -, -, NORMAL",
                "WebSocket, chat, -, NORMAL",
                "websocket, derp, -, WEB_SOCKET",
                "websocket, 'chat, DERP', -, WEB_SOCKET",
                "websocket, derp2, -, WEB_SOCKET",
                "h2c, -, -, NONE",
                "-, -, -, NONE",
                "-, derp, 1, NONE",
            })
    void shouldTellTheFormsApart(String upgrade, String subprotocol, String fast, Upgrade.Form form) {
        StringBuilder request = new StringBuilder("GET /derp HTTP/1.1\r\n");
        if (upgrade != null) {
            request.append("upgrade: ").append(upgrade).append("\r\n");
        }
        if (subprotocol != null) {
            request.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
        }
        if (fast != null) {
            request.append("Derp-Fast-Start: ").append(fast).append("\r\n");
        }
        assertEquals(form, Upgrade.form(head(request + "\r\n")));
    }

    @Test
    void shouldReadFieldsInAnyCaseAndJoinRepeatedOnes() {
        HttpHead head = head("GET / HTTP/1.1\r\nHOST:a\r\nAccept: x \r\naccept:\ty\r\nEmpty:\r\n\r\n");
        assertEquals("a", head.field("Host"));
        assertEquals("x, y", head.field("ACCEPT"));
        assertEquals("", head.field("empty"));
        assertNull(head.field("absent"));
    }

    @Test
    void shouldFindTheEndOfAHead() {
        byte[] bytes = "xxGET / HTTP/1.1\r\nA: b\r\n\r\nbehind".getBytes(StandardCharsets.US_ASCII);
        assertEquals(bytes.length - 8, HttpHead.length(bytes, 2, bytes.length - 2));
        assertEquals(-1, HttpHead.length(bytes, 2, bytes.length - 9));
        assertEquals(-1, HttpHead.length(new byte[0], 0, 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\n\r\n ",
                "GET / HTTP/1.1\r\n",
                "GET / HTTP/1.1\n\n",
                "GET / HTTP/1.1\r\nA: b\r\n\r\nmore",
                "GET / HTTP/1.1\r\n: b\r\n\r\n",
                "GET / HTTP/1.1\r\nA : b\r\n\r\n",
                "GET / HTTP/1.1\r\n folded\r\n\r\n",
                "GET / HTTP/1.1\r\nno colon\r\n\r\n",
                "GET / HTTP/1.1\r\nA: \u0000\r\n\r\n",
                "GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n",
            })
    void shouldRefuseAMalformedHead(String text) {
        assertEquals(ProtocolException.Reason.BAD_HTTP, reasonOf(() -> head(text)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "GET", "GET /", "GET / HTTP/2", "GET  / HTTP/1.1", "G(T / HTTP/1.1", "GET / HTTP/1.1 x"})
    void shouldRefuseAMalformedRequestLine(String line) {
        HttpHead head = head(line + "\r\n\r\n");
        assertEquals(ProtocolException.Reason.BAD_HTTP, reasonOf(head::requestLine));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1", "HTTP/1.1 10", "HTTP/1.1 1o1 OK", "HTTP/2 101 OK", "x 101 OK"})
    void shouldRefuseAMalformedStatusLine(String line) {
        HttpHead head = head(line + "\r\n\r\n");
        assertEquals(ProtocolException.Reason.BAD_HTTP, reasonOf(head::status));
    }

    @Test
    void shouldRefuseAHeadThatIsTooLong() {
        String longest = "GET / HTTP/1.1\r\nA: " + "b".repeat(HttpHead.MAX_LENGTH) + "\r\n\r\n";
        assertEquals(ProtocolException.Reason.BAD_HTTP, reasonOf(() -> head(longest)));
    }

    @Test
    void shouldOnlyThrowTheDeclaredErrorForBrokenHeads() {
        byte[] whole = Upgrade.request("relay.example", "900a");
        Seeds.forEach(2000, random -> {
            byte[] bytes = Arrays.copyOf(whole, random.nextInt(3) == 0 ? random.nextInt(whole.length) : whole.length);
            for (int i = 0; i < 2 && bytes.length > 0; i++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                HttpHead head = HttpHead.parse(bytes, 0, bytes.length);
                Upgrade.form(head);
                head.requestLine();
            } catch (ProtocolException expected) {
                assertEquals(ProtocolException.Reason.BAD_HTTP, expected.reason());
            }
        });
    }

    private static HttpHead head(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return HttpHead.parse(bytes, 0, bytes.length);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
