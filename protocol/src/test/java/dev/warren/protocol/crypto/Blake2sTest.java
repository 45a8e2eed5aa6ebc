package dev.warren.protocol.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class Blake2sTest {
    /** RFC 7693 appendix B. */
    @Test
    void shouldHashAbcAsTheRfcDoes() {
        assertEquals(
                "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982",
                Hex.text(Blake2s.hash("abc".getBytes(US_ASCII))));
    }

    /** RFC 7693 appendix E: a hash over the hashes of many lengths, with and without key. */
    @Test
    void shouldPassTheSelfTestOfTheRfc() {
        Blake2s overall = new Blake2s(32, new byte[0]);
        for (int outputLength : new int[] {16, 20, 28, 32}) {
            for (int inputLength : new int[] {0, 3, 64, 65, 255, 1024}) {
                byte[] input = sequence(inputLength, inputLength);
                overall.update(
                        new Blake2s(outputLength, new byte[0]).update(input).finish());
                byte[] key = sequence(outputLength, outputLength);
                overall.update(new Blake2s(outputLength, key).update(input).finish());
            }
        }
        assertEquals("6a411f08ce25adcdfb02aba641451cec53c598b24f4fc787fbdc88797f4c1dfe", Hex.text(overall.finish()));
    }

    @Test
    void shouldAgreeWithBouncyCastleHoweverTheInputIsCut() {
        Seeds.forEach(300, random -> {
            byte[] key = new byte[random.nextInt(33)];
            byte[] input = new byte[random.nextInt(400)];
            random.nextBytes(key);
            random.nextBytes(input);
            int outputLength = 1 + random.nextInt(32);
            Blake2sDigest oracle = new Blake2sDigest(key, outputLength, null, null);
            oracle.update(input, 0, input.length);
            byte[] expected = new byte[outputLength];
            oracle.doFinal(expected, 0);

            Blake2s running = new Blake2s(outputLength, key);
            int at = 0;
            while (at < input.length) {
                int piece = Math.min(input.length - at, 1 + random.nextInt(130));
                running.update(input, at, piece);
                at += piece;
            }
            assertArrayEquals(expected, running.finish());
        });
    }

    @Test
    void shouldTakeAKeyOfAnyLengthForHmac() {
        byte[] longKey = sequence(100, 1);
        byte[] text = "what to do".getBytes(US_ASCII);
        assertArrayEquals(Blake2s.hmac(Blake2s.hash(longKey), text), Blake2s.hmac(longKey, text));
        assertArrayEquals(
                Blake2s.hmac(longKey, text),
                Blake2s.hmac(longKey, "what ".getBytes(US_ASCII), "to do".getBytes(US_ASCII)));
    }

    @Test
    void shouldRefuseLengthsThatDoNotExist() {
        assertThrows(IllegalArgumentException.class, () -> new Blake2s(33, new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> new Blake2s(0, new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> new Blake2s(32, new byte[33]));
    }

    /** The generator of RFC 7693 appendix E. */
    private static byte[] sequence(int length, int seed) {
        byte[] out = new byte[length];
        int a = 0xdead4bad * seed;
        int b = 1;
        for (int i = 0; i < length; i++) {
            int t = a + b;
            a = b;
            b = t;
            out[i] = (byte) (t >>> 24);
        }
        return out;
    }
}
