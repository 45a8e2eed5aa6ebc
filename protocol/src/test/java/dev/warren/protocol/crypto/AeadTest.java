package dev.warren.protocol.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AeadTest {
    private static final byte[] SUNSCREEN =
            ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip "
                            + "for the future, sunscreen would be it.")
                    .getBytes(US_ASCII);
    private static final byte[] ASSOCIATED = Hex.bytes("50515253c0c1c2c3c4c5c6c7");
    private static final byte[] KEY = Hex.bytes("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");

    /** RFC 8439 section 2.8.2. */
    @Test
    void shouldSealAsTheRfcDoes() {
        byte[] buffer = Arrays.copyOf(SUNSCREEN, SUNSCREEN.length + Aead.TAG_LENGTH);
        try (JdkAead aead = new JdkAead(KEY)) {
            aead.sealWithNonce(Hex.bytes("070000004041424344454647"), ASSOCIATED, buffer, 0, SUNSCREEN.length);
        }
        assertEquals(
                "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
                        + "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
                        + "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
                        + "3ff4def08e4b7a9de576d26586cec64b6116"
                        + "1ae10b594f09e26a7e902ecbd0600691",
                Hex.text(buffer));
    }

    @Test
    void shouldPutTheCounterInLittleEndianOrderBehindFourZeros() {
        byte[] byCounter = new byte[24];
        byte[] byNonce = new byte[24];
        try (JdkAead one = new JdkAead(KEY);
                JdkAead other = new JdkAead(KEY)) {
            one.seal(0x8877665544332211L, Aead.NOTHING, byCounter, 0, 8);
            other.sealWithNonce(Hex.bytes("000000001122334455667788"), Aead.NOTHING, byNonce, 0, 8);
        }
        assertArrayEquals(byNonce, byCounter);
    }

    @Test
    void shouldOpenWhatItSealedAndNothingElse() {
        Seeds.forEach(100, random -> {
            byte[] message = new byte[random.nextInt(200)];
            random.nextBytes(message);
            long counter = random.nextLong();
            int offset = random.nextInt(20);
            byte[] buffer = new byte[offset + message.length + Aead.TAG_LENGTH + 5];
            System.arraycopy(message, 0, buffer, offset, message.length);
            int sealedLength = message.length + Aead.TAG_LENGTH;
            try (Aead sealing = Aead.of(KEY);
                    Aead opening = Aead.of(KEY)) {
                sealing.seal(counter, ASSOCIATED, buffer, offset, message.length);
                byte[] flipped = buffer.clone();
                flipped[offset + random.nextInt(sealedLength)] ^= (byte) (1 << random.nextInt(8));

                assertFalse(opening.open(counter, ASSOCIATED, flipped, offset, sealedLength));
                assertFalse(opening.open(counter + 1, ASSOCIATED, buffer.clone(), offset, sealedLength));
                assertFalse(opening.open(counter, Aead.NOTHING, buffer.clone(), offset, sealedLength));
                assertFalse(opening.open(counter, ASSOCIATED, buffer.clone(), offset, random.nextInt(sealedLength)));
                assertTrue(opening.open(counter, ASSOCIATED, buffer, offset, sealedLength));
                assertArrayEquals(message, Arrays.copyOfRange(buffer, offset, offset + message.length));
            }
        });
    }

    @Test
    void shouldNotUseTheTrueKeyAfterItIsClosed() {
        byte[] sealed = new byte[40];
        Aead aead = Aead.of(KEY);
        aead.seal(0, Aead.NOTHING, sealed, 0, 24);
        aead.close();
        assertFalse(aead.open(0, Aead.NOTHING, sealed, 0, 40));
    }

    @Test
    void shouldRefuseAKeyOfAnotherLength() {
        assertThrows(IllegalArgumentException.class, () -> Aead.of(new byte[31]));
    }

    /** draft-irtf-cfrg-xchacha-03 section 2.2.1. */
    @Test
    void shouldDeriveTheSubkeyOfTheDraft() {
        byte[] key = Hex.bytes("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
        byte[] nonce = Hex.bytes("000000090000004a0000000031415927");
        assertEquals(
                "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc",
                Hex.text(XChaCha20Poly1305.subkey(key, nonce)));
    }

    /** draft-irtf-cfrg-xchacha-03 appendix A.3.1. */
    @Test
    void shouldSealUnderALongNonceAsTheDraftDoes() {
        byte[] nonce = Hex.bytes("404142434445464748494a4b4c4d4e4f5051525354555657");
        byte[] sealed = XChaCha20Poly1305.seal(KEY, nonce, ASSOCIATED, SUNSCREEN);
        assertEquals(
                "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
                        + "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
                        + "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
                        + "21f9664c97637da9768812f615c68b13b52e"
                        + "c0875924c1c7987947deafd8780acf49",
                Hex.text(sealed));
        assertArrayEquals(SUNSCREEN, XChaCha20Poly1305.open(KEY, nonce, ASSOCIATED, sealed));
        sealed[3] ^= 4;
        assertNull(XChaCha20Poly1305.open(KEY, nonce, ASSOCIATED, sealed));
        assertNull(XChaCha20Poly1305.open(KEY, nonce, ASSOCIATED, new byte[15]));
        assertThrows(
                IllegalArgumentException.class, () -> XChaCha20Poly1305.open(KEY, new byte[12], ASSOCIATED, sealed));
    }
}
