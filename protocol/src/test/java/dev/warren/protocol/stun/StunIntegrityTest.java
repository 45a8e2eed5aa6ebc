package dev.warren.protocol.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.stun.StunAttribute.Raw;
import dev.warren.protocol.testing.Seeds;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class StunIntegrityTest {
    private static final byte[] KEY = StunIntegrity.shortTermKey("secret");

    @Test
    void shouldSealAndCheckAnyMessage() {
        Seeds.forEach(100, random -> {
            StunMessage message = StunSamples.message(random);
            byte[] bytes = StunCodec.encode(StunIntegrity.withFingerprint(
                    StunIntegrity.withIntegritySha256(StunIntegrity.withIntegrity(message, KEY), KEY)));
            assertTrue(StunIntegrity.hasIntegrity(bytes, 0, bytes.length, KEY));
            assertTrue(StunIntegrity.hasIntegritySha256(bytes, 0, bytes.length, KEY));
            assertTrue(StunIntegrity.hasFingerprint(bytes, 0, bytes.length));
            byte[] other = StunIntegrity.shortTermKey("secreT");
            assertFalse(StunIntegrity.hasIntegrity(bytes, 0, bytes.length, other));
            assertFalse(StunIntegrity.hasIntegritySha256(bytes, 0, bytes.length, other));
        });
    }

    @Test
    void shouldNotFindASealThatIsNotThere() {
        byte[] bytes = BindingRequest.plain(TransactionId.random(Seeds.random(1)));
        assertFalse(StunIntegrity.hasIntegrity(bytes, 0, bytes.length, KEY));
        assertFalse(StunIntegrity.hasIntegritySha256(bytes, 0, bytes.length, KEY));
        assertFalse(StunIntegrity.hasFingerprint(bytes, 0, bytes.length));
    }

    @Test
    void shouldAcceptATruncatedSha256OfAtLeastSixteenBytes() {
        assertTrue(hasTruncated(32));
        assertTrue(hasTruncated(16));
        assertFalse(hasTruncated(12));
        assertFalse(hasTruncated(18));
    }

    @Test
    void shouldKnowTheHashesOfLongTermKeys() {
        assertEquals(16, StunIntegrity.longTermKey("MD5", "a", "b", "c").length);
        assertThrows(IllegalArgumentException.class, () -> StunIntegrity.longTermKey("MD6", "a", "b", "c"));
    }

    @FuzzTest
    void shouldSurviveHostileBytes(byte[] bytes) {
        assertFalse(StunIntegrity.hasIntegrity(bytes, 0, bytes.length, KEY));
        assertFalse(StunIntegrity.hasIntegritySha256(bytes, 0, bytes.length, KEY));
    }

    /** The HMAC covers the length field, so each length has its own; only equal lengths can match. */
    private static boolean hasTruncated(int length) {
        StunMessage message = StunMessage.of(MessageType.BINDING_REQUEST, new TransactionId(1, 2));
        StunMessage shaped = message.with(Raw.of(AttributeType.MESSAGE_INTEGRITY_SHA256, new byte[length]));
        byte[] bytes = StunCodec.encode(shaped);
        byte[] mac = hmac(Arrays.copyOf(bytes, StunCodec.HEADER_LENGTH));
        System.arraycopy(mac, 0, bytes, 24, length);
        return StunIntegrity.hasIntegritySha256(bytes, 0, bytes.length, KEY);
    }

    private static byte[] hmac(byte[] covered) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
            return mac.doFinal(covered);
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
