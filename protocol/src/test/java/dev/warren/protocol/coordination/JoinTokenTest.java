package dev.warren.protocol.coordination;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class JoinTokenTest {
    private static final String PIN = "sha256-raw:" + "ab".repeat(32);
    private static final JoinToken TOKEN = new JoinToken(
            new MeshId("000102030405060708090a0b0c0d0e0f"),
            List.of(URI.create("https://192.0.2.1:8443")),
            List.of(PIN),
            "id.secret",
            1_000_000L);

    @Test
    void theLineIsThePrefixAndTheJson() {
        String line = TOKEN.encode();
        String json = "{\"m\":\"000102030405060708090a0b0c0d0e0f\",\"u\":[\"https://192.0.2.1:8443\"],\"p\":[\"" + PIN
                + "\"],\"s\":\"id.secret\",\"x\":1000000}";
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        assertEquals("warren1." + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes), line);
        assertEquals(TOKEN, JoinToken.decode(line));
    }

    @Test
    void anotherVersionIsRefusedByItsNumber() {
        String said = refusal("warren2.abcd");
        assertTrue(said.contains("version 2") && said.contains("version 1"), said);
    }

    @Test
    void somethingElseIsRefused() {
        assertTrue(refusal("tskey-auth-abc").contains("this is not a join token"));
        assertTrue(refusal("").contains("this is not a join token"));
        assertTrue(refusal("").contains("token create, for a relay with --relay"));
    }

    @Test
    void aCutTokenIsSaidToBeDamaged() {
        String line = TOKEN.encode();
        for (int length = "warren1.".length(); length < line.length(); length++) {
            assertTrue(refusal(line.substring(0, length)).contains("damaged"));
        }
    }

    @Test
    void anEndlessTokenIsRefusedUnread() {
        assertTrue(refusal("warren1." + "A".repeat(100_000)).contains("at most 8192"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://a:1", "https:///x", "ftp://a", "https://user@a:1", "a"})
    void urlsMustBeHttps(String url) {
        assertThrows(
                CoordinationFormatException.class,
                () -> new JoinToken(TOKEN.mesh(), List.of(URI.create(url)), List.of(PIN), "s", null));
    }

    @Test
    void pinsMustBeHashes() {
        assertThrows(
                CoordinationFormatException.class,
                () -> new JoinToken(TOKEN.mesh(), TOKEN.urls(), List.of("sha256-raw:00"), "s", null));
    }

    @Test
    void theSecretStaysOutOfToString() {
        assertFalse(TOKEN.toString().contains("id.secret"));
    }

    private static String refusal(String line) {
        return Refusal.of(() -> JoinToken.decode(line));
    }
}
