package dev.warren.protocol.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.crypto.JavaX25519;
import dev.warren.protocol.crypto.X25519;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link X25519} has to do; each implementation's test extends this. */
public abstract class X25519Contract {
    private final X25519 x25519;

    /** Tests {@code x25519}. */
    protected X25519Contract(X25519 x25519) {
        this.x25519 = x25519;
    }

    /** What is tested. */
    protected final X25519 x25519() {
        return x25519;
    }

    /** RFC 7748 section 5.2: the scalar and the point that become each other. */
    @ParameterizedTest
    @CsvSource({
        "1,422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
        "1000,684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"
    })
    final void shouldDoTheIterationsOfTheRfc(int rounds, String expected) {
        byte[] scalar = Hex.bytes("09" + "00".repeat(31));
        byte[] point = scalar.clone();
        for (int i = 0; i < rounds; i++) {
            byte[] secret = new byte[X25519.LENGTH];
            assertTrue(x25519.agree(scalar, point, secret));
            point = scalar;
            scalar = secret;
        }
        assertEquals(expected, Hex.text(scalar));
    }

    /** RFC 7748 section 6.1. */
    @ParameterizedTest
    @CsvSource({
        "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a,8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
        "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb,de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
    })
    final void shouldPublishAsTheRfcDoes(String privateKey, String publicKey) {
        byte[] published = new byte[X25519.LENGTH];
        x25519.publish(Hex.bytes(privateKey), published);
        assertEquals(publicKey, Hex.text(published));
    }

    @Test
    final void shouldGiveTheBytesThatJavaGives() {
        Seeds.forEach(50, random -> {
            byte[] scalar = new byte[X25519.LENGTH];
            byte[] point = new byte[X25519.LENGTH];
            random.nextBytes(scalar);
            random.nextBytes(point);
            byte[] expected = new byte[X25519.LENGTH];
            byte[] actual = new byte[X25519.LENGTH];
            byte[] untouchedScalar = scalar.clone();
            byte[] untouchedPoint = point.clone();
            assertEquals(JavaX25519.INSTANCE.agree(scalar, point, expected), x25519.agree(scalar, point, actual));
            assertArrayEquals(expected, actual);
            JavaX25519.INSTANCE.publish(scalar, expected);
            x25519.publish(scalar, actual);
            assertArrayEquals(expected, actual);
            assertArrayEquals(untouchedScalar, scalar);
            assertArrayEquals(untouchedPoint, point);
        });
    }

    /** The points of order 1, 2, 4 and 8, and forms of them that are not reduced. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
            })
    final void shouldRefusePointsOfLowOrder(String point) {
        byte[] secret = new byte[X25519.LENGTH];
        Arrays.fill(secret, (byte) 1);
        assertFalse(x25519.agree(Hex.bytes("40".repeat(X25519.LENGTH)), Hex.bytes(point), secret));
        assertArrayEquals(new byte[X25519.LENGTH], secret);
    }
}
