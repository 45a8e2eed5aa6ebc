package dev.warren.protocol.stun;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What a server's nonce begins with to say what it supports (RFC 8489 section 9.2): "obMatJos2" and four characters of
 * base64, 24 bits. Nobody on the way can take an offer out of an answer unseen, for the nonce comes back under the MAC.
 *
 * <p>The RFC numbers the bits from the left (section 9.2), its own test vector in appendix B.1 and erratum 6290 from
 * the right, and programs of both kinds exist. No bit but two is assigned, so both places are written, and either is
 * read.
 */
final class NonceCookie {
    private static final byte[] PREFIX = "obMatJos2".getBytes(StandardCharsets.US_ASCII);
    private static final int FEATURES_LENGTH = 4;
    /** Characters of the whole. */
    static final int LENGTH = PREFIX.length + FEATURES_LENGTH;

    private static final int PASSWORD_ALGORITHMS = 0x800001;
    private static final int USERNAME_ANONYMITY = 0x400002;

    private NonceCookie() {}

    /** The cookie of a server that offers password algorithms and takes users' names as hashes. */
    static String ours() {
        int bits = PASSWORD_ALGORITHMS | USERNAME_ANONYMITY;
        byte[] features = {(byte) (bits >>> 16), (byte) (bits >>> 8), (byte) bits};
        return new String(PREFIX, StandardCharsets.US_ASCII)
                + Base64.getEncoder().encodeToString(features);
    }

    /** Whether whoever made {@code nonce} offers password algorithms. */
    static boolean offersPasswordAlgorithms(byte[] nonce) {
        return (features(nonce) & PASSWORD_ALGORITHMS) != 0;
    }

    /** Whether whoever made {@code nonce} wants the user's name as a hash. */
    static boolean offersUsernameAnonymity(byte[] nonce) {
        return (features(nonce) & USERNAME_ANONYMITY) != 0;
    }

    private static int features(byte[] nonce) {
        if (nonce.length < LENGTH) {
            return 0;
        }
        for (int i = 0; i < PREFIX.length; i++) {
            if (nonce[i] != PREFIX[i]) {
                return 0;
            }
        }
        try {
            byte[] bits = Base64.getDecoder()
                    .decode(new String(nonce, PREFIX.length, FEATURES_LENGTH, StandardCharsets.ISO_8859_1));
            return bits.length == 3
                    ? Byte.toUnsignedInt(bits[0]) << 16 | Byte.toUnsignedInt(bits[1]) << 8 | Byte.toUnsignedInt(bits[2])
                    : 0;
        } catch (IllegalArgumentException notBase64) {
            return 0;
        }
    }
}
