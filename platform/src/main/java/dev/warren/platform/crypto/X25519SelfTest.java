package dev.warren.platform.crypto;

import dev.warren.protocol.crypto.X25519;
import java.util.HexFormat;

/** A look whether an implementation of X25519 does what RFC 7748 says, before anything is entrusted to it. */
final class X25519SelfTest {
    private static final String ALICE = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";

    private X25519SelfTest() {}

    /** Whether {@code x25519} gives the keys and secrets of RFC 7748, and refuses what it has to. */
    static boolean passes(X25519 x25519) {
        try {
            return agrees(x25519) && publishes(x25519) && refusesLowOrder(x25519);
        } catch (RuntimeException failed) {
            return false;
        }
    }

    /** Section 5.2, both test vectors, of which one has the bit set that is to be ignored; section 6.1; one iteration. */
    private static boolean agrees(X25519 x25519) {
        return isAgreed(
                        x25519,
                        "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
                        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
                        "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")
                && isAgreed(
                        x25519,
                        "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
                        "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
                        "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")
                && isAgreed(
                        x25519,
                        ALICE,
                        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
                        "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
                && isAgreed(
                        x25519,
                        "09" + "00".repeat(31),
                        "09" + "00".repeat(31),
                        "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
    }

    /** Section 6.1. */
    private static boolean publishes(X25519 x25519) {
        byte[] published = new byte[X25519.LENGTH];
        x25519.publish(bytes(ALICE), published);
        return HexFormat.of()
                .formatHex(published)
                .equals("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    }

    /** A point of order 8, in Curve25519's form. */
    private static boolean refusesLowOrder(X25519 x25519) {
        byte[] secret = bytes(ALICE);
        return !x25519.agree(
                        bytes(ALICE), bytes("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"), secret)
                && HexFormat.of().formatHex(secret).equals("00".repeat(X25519.LENGTH));
    }

    private static boolean isAgreed(X25519 x25519, String privateKey, String publicKey, String expected) {
        byte[] secret = new byte[X25519.LENGTH];
        return x25519.agree(bytes(privateKey), bytes(publicKey), secret)
                && HexFormat.of().formatHex(secret).equals(expected);
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
