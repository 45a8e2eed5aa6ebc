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
class PlainSiteTest {
    @ParameterizedTest
    @CsvSource({
        "443, relay.example, /x?y=1, https://relay.example/x?y=1",
        "443, relay.example:80, /, https://relay.example/",
        "8443, relay.example, /, https://relay.example:8443/",
        "443, 192.0.2.1:8080, /, https://192.0.2.1/",
        "443, [2001:db8::1]:80, /a, https://[2001:db8::1]/a",
        "443, [2001:db8::1], /a, https://[2001:db8::1]/a",
    })
    void shouldShowTheWayToTls(int tlsPort, String host, String uri, String location) {
        Answer answer = answer(tlsPort, "GET " + uri, "Host: " + host);
        assertEquals(302, answer.status());
        assertTrue(answer.text().contains("\r\nLocation: " + location + "\r\n"), answer.text());
        assertEquals(302, answer(tlsPort, "HEAD " + uri, "Host: " + host).status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host: ", "Host: a b", "Host: evil/..", "Host: u@h", "Host: 2001:db8::1", "Other: x"})
    void shouldNotShowAWayToNowhere(String field) {
        assertEquals(400, answer(443, "GET /", field).status());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /generate_204, 204",
        "HEAD, /generate_204, 204",
        "POST, /generate_204, 204",
        "POST, /, 400",
        "GET, /.well-known/acme-challenge/unknown, 404",
        "POST, /.well-known/acme-challenge/token, 405",
        "GET, /derp, 302",
    })
    void shouldAnswer(String method, String path, int status) {
        assertEquals(
                status, answer(443, method + " " + path, "Host: relay.example").status());
    }

    @Test
    void shouldEchoAChallengeOfClients() {
        String text = answer(443, "GET /generate_204", "X-Tailscale-Challenge: ts_relay.example")
                .text();
        assertTrue(text.contains("\r\nX-Tailscale-Response: response ts_relay.example\r\n"), text);
    }

    @Test
    void shouldAnswerWhatACertificateAuthorityAsks() {
        Answer answer = answer(443, "GET /.well-known/acme-challenge/token", "Host: relay.example");
        assertEquals(200, answer.status());
        assertTrue(answer.text().endsWith("\r\n\r\ntoken.thumbprint"), answer.text());
        assertFalse(new PlainSite(443, AcmeChallenges.NONE).isRelay());
    }

    private static Answer answer(int tlsPort, String line, String field) {
        byte[] text = (line + " HTTP/1.1\r\n" + field + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
        HttpHead head = HttpHead.parse(text, 0, text.length);
        AcmeChallenges challenges = token -> token.equals("token") ? "token.thumbprint" : null;
        return new PlainSite(tlsPort, challenges).answer(head, Target.of(head));
    }
}
