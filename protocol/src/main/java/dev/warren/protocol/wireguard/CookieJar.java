package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.XChaCha20Poly1305;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.SecretMemory;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The sender's half of the cookie exchange with one peer: puts the MACs on handshake messages and keeps the cookie that
 * the peer answers with when it is busy (paper sections 5.4.4 and 5.4.7). A cookie goes into the next timed retry; it
 * never triggers one.
 */
final class CookieJar {
    private final byte[] mac1Key;
    private final byte[] cookieKey;
    private byte @Nullable [] unansweredMac1;
    private @Nullable SecretMemory cookie;
    private long cookieSinceNanos;

    CookieJar(NodePublicKey peer) {
        this.mac1Key = Macs.mac1Key(peer);
        this.cookieKey = Macs.cookieKey(peer);
    }

    /** Writes both MACs of the message, which is about to be sent. */
    void stamp(byte[] message, int offset, int length, long nowNanos) {
        byte[] mac1 = Macs.mac1(mac1Key, message, offset, length);
        System.arraycopy(mac1, 0, message, offset + length - 2 * Macs.LENGTH, Macs.LENGTH);
        unansweredMac1 = mac1;
        if (cookie != null && nowNanos - cookieSinceNanos < Constants.COOKIE_USE_NANOS) {
            byte[] copy = cookie.bytes();
            byte[] mac2 = Macs.mac2(copy, message, offset, length);
            Arrays.fill(copy, (byte) 0);
            System.arraycopy(mac2, 0, message, offset + length - Macs.LENGTH, Macs.LENGTH);
        }
    }

    /** Forgets the cookie: the peer is removed. */
    void wipe() {
        if (cookie != null) {
            cookie.close();
            cookie = null;
        }
        unansweredMac1 = null;
    }

    /** Keeps the cookie of a reply to our last message; false when it is none. One message takes one reply. */
    boolean accept(CookieReplyMessage reply, long nowNanos) {
        if (unansweredMac1 == null) {
            return false;
        }
        byte[] opened = XChaCha20Poly1305.open(
                cookieKey,
                reply.nonce().bytes(),
                unansweredMac1,
                reply.encryptedCookie().bytes());
        if (opened == null) {
            return false;
        }
        unansweredMac1 = null;
        if (cookie != null) {
            cookie.close();
        }
        cookie = SecretMemory.taking(opened);
        cookieSinceNanos = nowNanos;
        return true;
    }
}
