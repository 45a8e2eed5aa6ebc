package dev.warren.protocol.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Our lists beside IANA's: of "STUN Attributes" the rows that come from RFC 8489, 5780, 8445 and 3489, of "STUN Error
 * Codes" those of RFC 8489, "STUN Methods" without TURN's, "STUN Password Algorithms" and "STUN Security Features".
 */
@Timeout(30)
final class IanaTest {
    @Test
    void shouldHaveEveryAttributeOfTheRegistryAndNoOther() throws IOException {
        Map<Integer, String> ours = new LinkedHashMap<>();
        Arrays.stream(AttributeType.values()).forEach(type -> ours.put(type.code(), type.toString()));
        Map<Integer, String> registry = registry("stun-attributes");
        assertTrue(registry.size() > 25, registry::toString);
        assertEquals(registry, ours);
    }

    @Test
    void shouldFindAttributesByCode() {
        for (AttributeType type : AttributeType.values()) {
            assertEquals(type, AttributeType.of(type.code()));
        }
        assertNull(AttributeType.of(0x0000));
        assertNull(AttributeType.of(0x7fff));
    }

    @Test
    void shouldKnowWhatMustBeUnderstood() {
        assertTrue(AttributeType.isComprehensionRequired(0x7fff));
        assertTrue(!AttributeType.isComprehensionRequired(0x8000));
    }

    @Test
    void shouldHaveTheErrorCodesOfTheRegistry() throws IOException {
        Map<Integer, String> ours = new LinkedHashMap<>();
        Arrays.stream(StunError.values()).forEach(error -> ours.put(error.code(), error.reason()));
        assertEquals(registry("stun-error-codes"), ours);
    }

    @Test
    void shouldHaveThePasswordAlgorithmsOfTheRegistry() throws IOException {
        Map<Integer, String> ours = new LinkedHashMap<>();
        Arrays.stream(PasswordAlgorithm.values()).forEach(algorithm -> ours.put(algorithm.code(), algorithm.hash()));
        assertEquals(registry("stun-password-algorithms"), ours);
    }

    @Test
    void shouldHaveTheMethodOfTheRegistry() throws IOException {
        assertEquals(registry("stun-methods"), Map.of(MessageType.BINDING, "Binding"));
    }

    /** Bit 0 is the leftmost one (RFC 8489 section 18.1), or the rightmost one by erratum 6290; both are read. */
    @Test
    void shouldHaveTheSecurityFeaturesOfTheRegistry() throws IOException {
        Map<Integer, String> ours = new LinkedHashMap<>();
        for (int bit = 0; bit < 12; bit++) {
            for (int place : new int[] {1 << (23 - bit), 1 << bit}) {
                byte[] features = {(byte) (place >>> 16), (byte) (place >>> 8), (byte) place};
                byte[] nonce = ("obMatJos2" + Base64.getEncoder().encodeToString(features) + "x")
                        .getBytes(StandardCharsets.US_ASCII);
                if (NonceCookie.offersPasswordAlgorithms(nonce)) {
                    ours.put(bit, "Password algorithms");
                }
                if (NonceCookie.offersUsernameAnonymity(nonce)) {
                    ours.put(bit, "Username anonymity");
                }
            }
        }
        assertEquals(registry("stun-security-features"), ours);
    }

    private static Map<Integer, String> registry(String name) throws IOException {
        Map<Integer, String> rows = new LinkedHashMap<>();
        try (InputStream file = Objects.requireNonNull(IanaTest.class.getResourceAsStream("/iana/" + name + ".csv"))) {
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            text.lines().skip(1).map(line -> line.split(",", -1)).forEach(row -> {
                assertEquals(3, row.length, () -> Arrays.toString(row));
                assertNull(rows.put(Integer.decode(row[0]), row[1]), () -> "twice: " + row[0]);
            });
        }
        return rows;
    }
}
