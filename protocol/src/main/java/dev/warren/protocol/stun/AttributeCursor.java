package dev.warren.protocol.stun;

/** Walks the attributes of a message whose header is right. One may walk through many messages. */
final class AttributeCursor {
    private byte[] source = new byte[0];
    private int end;
    private int at;
    private int type;
    private int length;
    private boolean broken;
    private boolean fingerprintSeen;

    /** Goes in front of the attributes of the message of {@code size} bytes at {@code offset}. */
    AttributeCursor start(byte[] message, int offset, int size) {
        source = message;
        end = offset + size;
        at = offset + StunCodec.HEADER_LENGTH;
        type = 0;
        length = 0;
        broken = false;
        fingerprintSeen = false;
        return this;
    }

    /** Goes to the next attribute; false at the end, or where the bytes stop making sense. */
    boolean next() {
        if (broken || at == end) {
            return false;
        }
        if (fingerprintSeen || end - at < StunCodec.ATTRIBUTE_HEADER_LENGTH) {
            broken = true;
            return false;
        }
        type = Bytes.u16(source, at);
        length = Bytes.u16(source, at + 2);
        at += StunCodec.ATTRIBUTE_HEADER_LENGTH + Bytes.padded(length);
        broken = at > end;
        fingerprintSeen = type == AttributeType.FINGERPRINT.code();
        return !broken;
    }

    /** Whether {@link #next} stopped before the end. */
    boolean isBroken() {
        return broken;
    }

    int type() {
        return type;
    }

    /** Bytes of the value, without padding. */
    int length() {
        return length;
    }

    int valueAt() {
        return at - Bytes.padded(length);
    }
}
