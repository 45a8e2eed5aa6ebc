package dev.warren.relay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.HttpHead;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class HttpPagesTest {
    @ParameterizedTest
    @CsvSource({
        "GET, /derp/probe, 200",
        "HEAD, /derp/probe, 200",
        "POST, /derp/probe, 405",
        "GET, /derp/latency-check, 200",
        "DELETE, /derp/latency-check, 405",
        "GET, /generate_204, 204",
        "POST, /generate_204, 405",
        "GET, /robots.txt, 200",
        "PUT, /robots.txt, 405",
        "GET, /derp, 426",
        "GET, /derp/, 404",
        "GET, /, 404",
        "GET, /debug/vars, 404"
    })
    void shouldAnswer(String method, String path, int status) {
        HttpPages.Answer answer = answer(method, path);
        assertEquals(status, answer.status());
        assertTrue(answer.text().startsWith("HTTP/1.1 " + status + " "), answer.text());
        assertFalse(answer.closes());
    }

    @Test
    void shouldLetBrowsersProbe() {
        assertEquals(
                lines("HTTP/1.1 200 OK", "Access-Control-Allow-Origin: *", "Content-Length: 0"),
                answer("HEAD", "/derp/probe").text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ts_relay.example", "a", "A-Z._:9"})
    void shouldEchoAChallenge(String challenge) {
        String text = answer("GET", "/generate_204", "X-Tailscale-Challenge: " + challenge)
                .text();
        assertTrue(text.contains("\r\nX-Tailscale-Response: response " + challenge + "\r\n"), text);
        assertTrue(text.contains("\r\nCache-Control: no-cache"), text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a b", "<script>", "x123456789012345678901234567890123456789012345678901234567890123456"})
    void shouldNotEchoAnythingElse(String challenge) {
        String text = answer("GET", "/generate_204", "X-Tailscale-Challenge: " + challenge)
                .text();
        assertFalse(text.contains("X-Tailscale-Response"), text);
    }

    @Test
    void shouldSayWhatAnUpgradeNeeds() {
        HttpPages.Answer answer = answer("GET", "/derp", "Upgrade: h2c");
        assertTrue(answer.text().contains("\r\nUpgrade: DERP\r\n"), answer.text());
        assertTrue(answer.text().endsWith("\r\n\r\nThis is a relay: it speaks DERP after an upgrade.\n"));
    }

    @Test
    void shouldLeaveTheBodyOutForHead() {
        String text = answer("HEAD", "/robots.txt").text();
        assertTrue(text.contains("\r\nContent-Length: 26\r\n"), text);
        assertTrue(text.endsWith("\r\n\r\n"), text);
        assertTrue(answer("GET", "/robots.txt").text().endsWith("\r\n\r\nUser-agent: *\nDisallow: /\n"));
    }

    @Test
    void shouldEndTheConnectionWhenAsked() {
        assertTrue(answer("GET", "/robots.txt", "Connection: close").closes());
        assertTrue(HttpPages.badRequest().closes());
        byte[] old = "GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        assertTrue(
                HttpPages.answer(HttpHead.parse(old, 0, old.length), "GET", "/").closes());
    }

    private static HttpPages.Answer answer(String method, String path, String... fields) {
        String[] all = new String[fields.length + 1];
        all[0] = method + " " + path + " HTTP/1.1";
        System.arraycopy(fields, 0, all, 1, fields.length);
        byte[] head = lines(all).getBytes(StandardCharsets.US_ASCII);
        return HttpPages.answer(HttpHead.parse(head, 0, head.length), method, path);
    }

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n\r\n";
    }
}
