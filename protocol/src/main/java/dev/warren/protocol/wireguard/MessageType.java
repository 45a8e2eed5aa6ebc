package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.LittleEndian;
import org.jspecify.annotations.Nullable;

/**
 * The four messages (paper section 5.4). The type is one byte with three zero bytes behind it, compared as one
 * little-endian word; a message of another length than the table says is garbage.
 */
enum MessageType {
    /** First handshake message, initiator to responder. */
    INITIATION(1, InitiationMessage.LENGTH, InitiationMessage.LENGTH),
    /** Second handshake message, responder to initiator. */
    RESPONSE(2, ResponseMessage.LENGTH, ResponseMessage.LENGTH),
    /** A busy receiver's answer to either of them. */
    COOKIE_REPLY(3, CookieReplyMessage.LENGTH, CookieReplyMessage.LENGTH),
    /** A packet of a session, or a keepalive when it holds nothing. */
    DATA(4, DataMessage.OVERHEAD, Integer.MAX_VALUE);

    /** Bytes of the type field. */
    static final int FIELD_LENGTH = 4;

    private static final MessageType[] ALL = values();

    private final int code;
    private final int minLength;
    private final int maxLength;

    MessageType(int code, int minLength, int maxLength) {
        this.code = code;
        this.minLength = minLength;
        this.maxLength = maxLength;
    }

    int code() {
        return code;
    }

    /** The type of a whole message, or null when it is none or has the wrong length. */
    static @Nullable MessageType of(byte[] source, int offset, int length) {
        if (length < FIELD_LENGTH) {
            return null;
        }
        int word = LittleEndian.readInt(source, offset);
        for (MessageType type : ALL) {
            if (type.code == word) {
                return length >= type.minLength && length <= type.maxLength ? type : null;
            }
        }
        return null;
    }

    void encode(byte[] target, int offset) {
        LittleEndian.writeInt(target, offset, code);
    }
}
