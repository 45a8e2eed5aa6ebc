package dev.warren.protocol.wireguard;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.protocol.crypto.Blake2s;
import dev.warren.protocol.key.NodePublicKey;
import java.util.Arrays;

/**
 * The two MACs at the end of a handshake message (paper section 5.4.4). The first covers all before itself under a key
 * made from the receiver's public key; the second covers the first too, under a cookie, and is zero without one.
 */
final class Macs {
    static final int LENGTH = Blake2s.MAC_LENGTH;

    private static final byte[] MAC1_LABEL = "mac1----".getBytes(US_ASCII);
    private static final byte[] COOKIE_LABEL = "cookie--".getBytes(US_ASCII);

    private Macs() {}

    /** The key of the first MAC in messages to {@code receiver}. */
    static byte[] mac1Key(NodePublicKey receiver) {
        return Blake2s.hash(MAC1_LABEL, receiver.bytes());
    }

    /** The key that seals cookies made by {@code maker}. */
    static byte[] cookieKey(NodePublicKey maker) {
        return Blake2s.hash(COOKIE_LABEL, maker.bytes());
    }

    static byte[] mac1(byte[] key, byte[] message, int offset, int length) {
        return mac(key, message, offset, length - 2 * LENGTH);
    }

    static byte[] mac2(byte[] cookie, byte[] message, int offset, int length) {
        return mac(cookie, message, offset, length - LENGTH);
    }

    /** The first MAC that the message carries. */
    static byte[] carriedMac1(byte[] message, int offset, int length) {
        int at = offset + length - 2 * LENGTH;
        return Arrays.copyOfRange(message, at, at + LENGTH);
    }

    /** Whether the sender had a cookie to make a second MAC with. */
    static boolean hasMac2(byte[] message, int offset, int length) {
        int bits = 0;
        for (int i = offset + length - LENGTH; i < offset + length; i++) {
            bits |= message[i];
        }
        return bits != 0;
    }

    /** The second MAC that the message carries. */
    static byte[] carriedMac2(byte[] message, int offset, int length) {
        int at = offset + length - LENGTH;
        return Arrays.copyOfRange(message, at, at + LENGTH);
    }

    private static byte[] mac(byte[] key, byte[] message, int offset, int length) {
        return new Blake2s(LENGTH, key).update(message, offset, length).finish();
    }
}
