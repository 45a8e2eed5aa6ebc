package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.LittleEndian;
import dev.warren.protocol.crypto.XChaCha20Poly1305;
import org.jspecify.annotations.Nullable;

/**
 * A busy receiver's answer to a handshake message (paper section 5.4.7), 64 bytes:
 *
 * <pre>
 *   0  type 3, three zero bytes       4
 *   4  receiver index                 4
 *   8  nonce                         24
 *  32  encrypted cookie          16 + 16
 * </pre>
 *
 * @param receiver the sender index of the message that is answered
 * @param nonce random, for XChaCha20
 * @param encryptedCookie the cookie, sealed
 */
record CookieReplyMessage(int receiver, Ciphertext nonce, Ciphertext encryptedCookie) {
    static final int LENGTH = 64;

    private static final int RECEIVER_AT = 4;
    private static final int NONCE_AT = 8;
    private static final int COOKIE_AT = 32;

    int encodedLength() {
        return LENGTH;
    }

    void encode(byte[] target, int offset) {
        MessageType.COOKIE_REPLY.encode(target, offset);
        LittleEndian.writeInt(target, offset + RECEIVER_AT, receiver);
        nonce.copyTo(target, offset + NONCE_AT);
        encryptedCookie.copyTo(target, offset + COOKIE_AT);
    }

    /** The message, or null for anything else. */
    static @Nullable CookieReplyMessage decode(byte[] source, int offset, int length) {
        if (MessageType.of(source, offset, length) != MessageType.COOKIE_REPLY) {
            return null;
        }
        return new CookieReplyMessage(
                LittleEndian.readInt(source, offset + RECEIVER_AT),
                Ciphertext.of(source, offset + NONCE_AT, XChaCha20Poly1305.NONCE_LENGTH),
                Ciphertext.of(source, offset + COOKIE_AT, LENGTH - COOKIE_AT));
    }
}
