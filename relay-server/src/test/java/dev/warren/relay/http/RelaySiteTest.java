package dev.warren.relay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.HttpHead;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class RelaySiteTest {
    @ParameterizedTest
    @CsvSource({
        "GET, /derp/probe, 200",
        "HEAD, /derp/probe, 200",
        "POST, /derp/probe, 405",
        "GET, /derp/latency-check, 200",
        "DELETE, /derp/latency-check, 405",
        "GET, /generate_204, 204",
        "POST, /generate_204, 204",
        "GET, /robots.txt, 200",
        "PUT, /robots.txt, 405",
        "GET, /derp, 426",
        "GET, /derp/, 404",
        "GET, /, 200",
        "POST, /, 405",
        "GET, /bootstrap-dns, 200",
        "POST, /bootstrap-dns, 405",
        "GET, /debug/vars, 404"
    })
    void shouldAnswer(String method, String path, int status) {
        Answer answer = answer(method, path);
        assertEquals(status, answer.status());
        assertTrue(answer.text().startsWith("HTTP/1.1 " + status + " "), answer.text());
        assertEquals(path.equals("/bootstrap-dns") && method.equals("GET"), answer.closes());
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
        Answer answer = answer("GET", "/derp", "Upgrade: h2c");
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
        assertTrue(Answer.badRequest(Map.of()).closes());
        assertTrue(answer(new HomePage.Blank(), true, "GET / HTTP/1.0").closes());
    }

    @Test
    void shouldShowABlankPage() {
        String text = answer(new HomePage.Blank(), true, "GET / HTTP/1.1").text();
        assertTrue(text.contains("\r\nContent-Type: text/html; charset=utf-8\r\n"), text);
        assertTrue(text.contains("\r\nContent-Length: 0\r\n"), text);
        assertTrue(text.endsWith("\r\n\r\n"), text);
    }

    @Test
    void shouldSayWhatThisIs() {
        String text = answer(new HomePage.Words(), true, "GET / HTTP/1.1").text();
        assertTrue(text.contains("This is a relay"), text);
    }

    @Test
    void shouldSendBrowsersElsewhere() {
        HomePage elsewhere = HomePage.parse("https://example.com/about?x=1");
        Answer answer = answer(elsewhere, true, "GET / HTTP/1.1");
        assertEquals(302, answer.status());
        assertTrue(answer.text().contains("\r\nLocation: https://example.com/about?x=1\r\n"), answer.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"blanc", "ftp://h/x", "https:///x", "https://h/\u00e9", "a b", "http:"})
    void shouldTakeNoOtherHome(String home) {
        assertThrows(IllegalArgumentException.class, () -> HomePage.parse(home));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/robots.txt"})
    void shouldTellBrowsersToTrustNothingHere(String path) {
        String secure =
                answer(new HomePage.Blank(), true, "GET " + path + " HTTP/1.1").text();
        for (String field : List.of(
                "Strict-Transport-Security: max-age=63072000",
                "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; form-action 'none';"
                        + " base-uri 'none'",
                "X-Frame-Options: DENY",
                "X-Content-Type-Options: nosniff")) {
            assertTrue(secure.contains("\r\n" + field + "\r\n"), secure);
        }
        String plain =
                answer(new HomePage.Blank(), false, "GET " + path + " HTTP/1.1").text();
        assertFalse(plain.contains("Strict-Transport-Security"), plain);
    }

    @Test
    void shouldGiveReadableJsonWhenThereAreNoNames() {
        String text = answer("GET", "/bootstrap-dns").text();
        assertTrue(text.endsWith("\r\n\r\n{}"), text);
        assertTrue(text.contains("\r\nContent-Type: application/json\r\n"), text);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "/a?q=relay.example, /a, relay.example",
                "/a?x=1&q=b%2Ec&q=d, /a, b.c",
                "/a?q=%zz, /a, ''",
                "/a?q, /a, ''",
                "/a?, /a, ''",
                "http://host:80/a?q=b, /a, b",
                "HTTPS://host, /, ''",
            })
    void shouldReadTargets(String uri, String path, String q) {
        Target target = Target.of(head("GET " + uri + " HTTP/1.1"));
        assertEquals(path, target.path());
        assertEquals(q, target.parameter("q"));
    }

    private static Answer answer(String method, String path, String... fields) {
        return answer(new HomePage.Blank(), true, method + " " + path + " HTTP/1.1", fields);
    }

    private static Answer answer(HomePage home, boolean secure, String line, String... fields) {
        HttpHead head = head(line, fields);
        return new RelaySite(home, null, secure).answer(head, Target.of(head));
    }

    private static HttpHead head(String line, String... fields) {
        String[] all = new String[fields.length + 1];
        all[0] = line;
        System.arraycopy(fields, 0, all, 1, fields.length);
        byte[] head = lines(all).getBytes(StandardCharsets.US_ASCII);
        return HttpHead.parse(head, 0, head.length);
    }

    private static String lines(String... lines) {
        return String.join("\r\n", lines) + "\r\n\r\n";
    }
}
