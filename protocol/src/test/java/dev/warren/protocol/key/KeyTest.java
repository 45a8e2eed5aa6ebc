package dev.warren.protocol.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class KeyTest {
    /** Derived with libsodium; a client's pair and a relay's. */
    private static final String CLIENT_PRIVATE = "10" + "11".repeat(30) + "51";

    private static final String CLIENT_PUBLIC = "7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13";
    private static final String SERVER_PUBLIC = "0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20";

    /** One kind of key: how it is read, and the prefix of its text form. */
    record Kind(String prefix, Function<String, Object> parse) {
        @Override
        public String toString() {
            return prefix;
        }
    }

    static List<Kind> kinds() {
        return List.of(
                new Kind("nodekey:", NodePublicKey::parse),
                new Kind("discokey:", DiscoPublicKey::parse),
                new Kind("idkey:", IdentityPublicKey::parse),
                new Kind("privkey:", NodePrivateKey::parse),
                new Kind("discopriv:", DiscoPrivateKey::parse),
                new Kind("idpriv:", IdentityPrivateKey::parse),
                new Kind("", MeshKey::parse));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldReadItsTextForm(Kind kind) {
        Object key = kind.parse().apply(kind.prefix() + CLIENT_PRIVATE);
        assertEquals(key, kind.parse().apply(kind.prefix() + CLIENT_PRIVATE));
        assertEquals(
                key.hashCode(),
                kind.parse().apply(kind.prefix() + CLIENT_PRIVATE).hashCode());
        assertNotEquals(key, kind.parse().apply(kind.prefix() + SERVER_PUBLIC));
        assertNotEquals(key, "something else");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldRefuseWhatIsNoKeyWithoutRepeatingIt(Kind kind) {
        List<String> wrong = List.of(
                "",
                kind.prefix(),
                "otherkey:" + CLIENT_PRIVATE,
                kind.prefix() + CLIENT_PRIVATE.substring(2),
                kind.prefix() + CLIENT_PRIVATE + "00",
                kind.prefix() + "zz" + CLIENT_PRIVATE.substring(2),
                " " + kind.prefix() + CLIENT_PRIVATE);
        for (String text : wrong) {
            KeyFormatException refused =
                    assertThrows(KeyFormatException.class, () -> kind.parse().apply(text), text);
            assertFalse(String.valueOf(refused.getMessage()).contains("1111"), refused.getMessage());
        }
    }

    static Stream<SecretBytes> secrets() {
        return Stream.of(
                NodePrivateKey.parse("privkey:" + CLIENT_PRIVATE),
                DiscoPrivateKey.parse("discopriv:" + CLIENT_PRIVATE),
                IdentityPrivateKey.parse("idpriv:" + CLIENT_PRIVATE),
                MeshKey.parse(CLIENT_PRIVATE),
                PresharedKey.of(Hex.bytes(CLIENT_PRIVATE)));
    }

    @ParameterizedTest
    @MethodSource("secrets")
    void shouldNeverShowASecret(SecretBytes secret) {
        assertEquals(secret.getClass().getSimpleName() + "[hidden]", secret.toString());
        assertEquals(secret.getClass().hashCode(), secret.hashCode(), "a hash would be one more copy of the key");
    }

    @ParameterizedTest
    @MethodSource("secrets")
    void shouldWipeASecret(SecretBytes secret) {
        assertFalse(secret.isZero());
        secret.close();
        assertTrue(secret.isZero());
        assertArrayEquals(new byte[32], secret.bytes());
    }

    @ParameterizedTest
    @MethodSource("secrets")
    void shouldGiveCopiesOnly(SecretBytes secret) {
        secret.bytes()[5] = 99;
        assertEquals(CLIENT_PRIVATE, Hex.text(secret.bytes()));
    }

    @Test
    void shouldNotBeEqualAcrossKinds() {
        byte[] bytes = Hex.bytes(CLIENT_PRIVATE);
        assertNotEquals(NodePrivateKey.of(bytes), DiscoPrivateKey.of(bytes));
        assertNotEquals(NodePublicKey.of(bytes), DiscoPublicKey.of(bytes));
    }

    @Test
    void shouldWriteTheTextFormsOfTailscale() {
        NodePrivateKey secret = NodePrivateKey.parse("privkey:" + CLIENT_PRIVATE);
        assertEquals("privkey:" + CLIENT_PRIVATE, secret.secretText());
        assertEquals("nodekey:" + CLIENT_PUBLIC, secret.publicKey().toString());
        assertSame(secret.publicKey(), secret.publicKey());
        assertEquals(
                "discokey:" + CLIENT_PUBLIC,
                DiscoPublicKey.parseHex(CLIENT_PUBLIC).toString());
        assertEquals(
                "idkey:" + CLIENT_PUBLIC,
                IdentityPublicKey.parseHex(CLIENT_PUBLIC).toString());
        assertEquals(CLIENT_PRIVATE, MeshKey.parse(CLIENT_PRIVATE).secretText());
    }

    @Test
    void shouldReadAndWriteWgsBase64() {
        String base64 = Base64.getEncoder().encodeToString(Hex.bytes(CLIENT_PUBLIC));
        NodePublicKey key = NodePublicKey.parseBase64(base64);
        assertEquals(base64, key.base64());
        assertEquals(CLIENT_PUBLIC, key.hex());
        assertEquals("[" + base64.substring(0, 5) + "]", key.shortText());
        assertThrows(KeyFormatException.class, () -> NodePublicKey.parseBase64("AAAA"));
        assertThrows(KeyFormatException.class, () -> NodePublicKey.parseBase64("not base64 !"));
        assertThrows(KeyFormatException.class, () -> PresharedKey.parseBase64(""));
    }

    @Test
    void shouldClampPrivateKeysWhenTheyAreMade() {
        byte[] ones = new byte[32];
        java.util.Arrays.fill(ones, (byte) 0xff);
        assertEquals(
                "f8" + "ff".repeat(30) + "7f", Hex.text(NodePrivateKey.of(ones).bytes()));
        assertEquals(
                "00".repeat(31) + "40",
                Hex.text(DiscoPrivateKey.of(new byte[32]).bytes()));
        assertEquals("ff".repeat(32), Hex.text(PresharedKey.of(ones).bytes()));
    }

    @Test
    void shouldAgreeAsInRfc7748() {
        // RFC 7748 section 6.1: Bob's private key, his public key, Alice's public key, their secret.
        NodePrivateKey bob =
                NodePrivateKey.of(Hex.bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
        assertEquals(
                "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
                bob.publicKey().hex());
        byte[] secret = new byte[32];
        assertTrue(bob.agree(
                NodePublicKey.parseHex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"), secret));
        assertEquals("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742", Hex.text(secret));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            })
    void shouldNoticePointsOfLowOrder(String point) {
        byte[] secret = new byte[32];
        assertFalse(NodePrivateKey.parse("privkey:" + CLIENT_PRIVATE).agree(NodePublicKey.parseHex(point), secret));
    }

    @Test
    void shouldSignAsInRfc8032() {
        // RFC 8032 section 7.1, test 2.
        IdentityPrivateKey secret =
                IdentityPrivateKey.parse("idpriv:4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        IdentityPublicKey open =
                IdentityPublicKey.parseHex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assertEquals(open, secret.publicKey());
        byte[] message = {0x72};
        byte[] signature = secret.sign(message);
        assertEquals(
                "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
                Hex.text(signature));
        assertTrue(open.verify(message, signature));
        assertFalse(open.verify(new byte[] {0x73}, signature));
        assertFalse(open.verify(message, new byte[63]));
        signature[0] ^= 1;
        assertFalse(open.verify(message, signature));
    }

    @Test
    void shouldFindAKeyInABuffer() {
        byte[] buffer = Hex.bytes("aaaa", CLIENT_PUBLIC, "bb");
        NodePublicKey key = NodePublicKey.of(buffer, 2);
        assertEquals(CLIENT_PUBLIC, key.hex());
        assertTrue(key.matches(buffer, 2));
        assertFalse(key.matches(buffer, 1));
        for (int i = 0; i < 4; i++) {
            assertEquals(ByteBuffer.wrap(buffer).getLong(2 + 8 * i), key.word(i));
        }
        byte[] target = new byte[34];
        key.copyTo(target, 1);
        assertEquals("00" + CLIENT_PUBLIC + "00", Hex.text(target));
        assertFalse(key.isZero());
        assertTrue(NodePublicKey.of(new byte[32]).isZero());
        assertTrue(PresharedKey.none().isZero());
    }

    @Test
    void shouldMakeDifferentKeys() {
        Seeds.forEach(20, random -> {
            NodePrivateKey one = NodePrivateKey.generate(random);
            NodePrivateKey other = NodePrivateKey.generate(random);
            assertNotEquals(one, other);
            byte[] mine = new byte[32];
            byte[] theirs = new byte[32];
            assertTrue(one.agree(other.publicKey(), mine));
            assertTrue(other.agree(one.publicKey(), theirs));
            assertArrayEquals(mine, theirs);
        });
    }
}
