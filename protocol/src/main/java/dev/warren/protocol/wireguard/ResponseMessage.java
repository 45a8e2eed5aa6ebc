package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.LittleEndian;
import dev.warren.protocol.key.NodePublicKey;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The second handshake message (paper section 5.4.3), 92 bytes:
 *
 * <pre>
 *   0  type 2, three zero bytes       4
 *   4  sender index                   4
 *   8  receiver index                 4
 *  12  ephemeral                     32
 *  44  encrypted nothing             16
 *  60  mac1                          16   {@link Macs}
 *  76  mac2                          16
 * </pre>
 *
 * @param sender the responder's index for the session
 * @param receiver the initiator's index, from its message
 * @param ephemeral the responder's ephemeral key
 * @param encryptedNothing the tag over nothing
 */
record ResponseMessage(int sender, int receiver, NodePublicKey ephemeral, Ciphertext encryptedNothing) {
    static final int LENGTH = 92;

    private static final int SENDER_AT = 4;
    private static final int RECEIVER_AT = 8;
    private static final int EPHEMERAL_AT = 12;
    private static final int NOTHING_AT = 44;
    private static final int MACS_AT = 60;

    int encodedLength() {
        return LENGTH;
    }

    /** Writes the message with zero MACs; {@link CookieJar#stamp} fills them in. */
    void encode(byte[] target, int offset) {
        MessageType.RESPONSE.encode(target, offset);
        LittleEndian.writeInt(target, offset + SENDER_AT, sender);
        LittleEndian.writeInt(target, offset + RECEIVER_AT, receiver);
        ephemeral.copyTo(target, offset + EPHEMERAL_AT);
        encryptedNothing.copyTo(target, offset + NOTHING_AT);
        Arrays.fill(target, offset + MACS_AT, offset + LENGTH, (byte) 0);
    }

    /** The message, or null for anything else. The MACs are the business of {@link CookieChecker}. */
    static @Nullable ResponseMessage decode(byte[] source, int offset, int length) {
        if (MessageType.of(source, offset, length) != MessageType.RESPONSE) {
            return null;
        }
        return new ResponseMessage(
                LittleEndian.readInt(source, offset + SENDER_AT),
                LittleEndian.readInt(source, offset + RECEIVER_AT),
                NodePublicKey.of(source, offset + EPHEMERAL_AT),
                Ciphertext.of(source, offset + NOTHING_AT, MACS_AT - NOTHING_AT));
    }
}
