package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.LittleEndian;
import dev.warren.protocol.key.NodePublicKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The first handshake message (paper section 5.4.2), 148 bytes:
 *
 * <pre>
 *   0  type 1, three zero bytes       4
 *   4  sender index                   4
 *   8  ephemeral                     32
 *  40  encrypted static          32 + 16
 *  88  encrypted timestamp       12 + 16
 * 116  mac1                          16   {@link Macs}
 * 132  mac2                          16
 * </pre>
 *
 * @param sender the initiator's index for this handshake
 * @param ephemeral the initiator's ephemeral key
 * @param encryptedStatic the initiator's public key, sealed
 * @param encryptedTimestamp the TAI64N timestamp, sealed
 */
record InitiationMessage(
        int sender, NodePublicKey ephemeral, Ciphertext encryptedStatic, Ciphertext encryptedTimestamp) {
    static final int LENGTH = 148;

    private static final int SENDER_AT = 4;
    private static final int EPHEMERAL_AT = 8;
    private static final int STATIC_AT = 40;
    private static final int TIMESTAMP_AT = 88;
    private static final int MACS_AT = 116;

    int encodedLength() {
        return LENGTH;
    }

    /** Writes the message with zero MACs; {@link CookieJar#stamp} fills them in. */
    void encode(byte[] target, int offset) {
        MessageType.INITIATION.encode(target, offset);
        LittleEndian.writeInt(target, offset + SENDER_AT, sender);
        ephemeral.copyTo(target, offset + EPHEMERAL_AT);
        encryptedStatic.copyTo(target, offset + STATIC_AT);
        encryptedTimestamp.copyTo(target, offset + TIMESTAMP_AT);
        Arrays.fill(target, offset + MACS_AT, offset + LENGTH, (byte) 0);
    }

    /** The message, or null for anything else. The MACs are the business of {@link CookieChecker}. */
    static @Nullable InitiationMessage decode(byte[] source, int offset, int length) {
        if (MessageType.of(source, offset, length) != MessageType.INITIATION) {
            return null;
        }
        return new InitiationMessage(
                LittleEndian.readInt(source, offset + SENDER_AT),
                NodePublicKey.of(source, offset + EPHEMERAL_AT),
                Ciphertext.of(source, offset + STATIC_AT, TIMESTAMP_AT - STATIC_AT),
                Ciphertext.of(source, offset + TIMESTAMP_AT, MACS_AT - TIMESTAMP_AT));
    }
}
