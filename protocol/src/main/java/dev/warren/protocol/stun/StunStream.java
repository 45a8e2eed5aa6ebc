package dev.warren.protocol.stun;

import org.jspecify.annotations.Nullable;

/**
 * Cuts a byte stream into STUN messages (RFC 8489 section 6.2.2): over TCP and TLS one follows the other, told apart by
 * nothing but the length in their headers. Messages without the magic cookie are not taken: RFC 3489 sends binding
 * requests over UDP only, and in a stream nothing else tells STUN from noise. Once there is noise there is no way back;
 * the connection is to be closed. Belongs to one connection.
 */
public final class StunStream {
    /** Why a stream cannot go on. */
    public enum Trouble {
        /** A message does not begin like one, or its length is no multiple of four. */
        NOT_STUN,
        /** A message is longer than this side takes. */
        TOO_LONG
    }

    private final byte[] message;
    private int length;
    /** Bytes of the whole message; 0 as long as its header is not there. */
    private int expected;

    private @Nullable Trouble trouble;

    /** For messages of at most {@code maxLength} bytes, at least a header. */
    public StunStream(int maxLength) {
        if (maxLength < StunCodec.HEADER_LENGTH) {
            throw new IllegalArgumentException(maxLength + " bytes are less than a header");
        }
        message = new byte[maxLength];
    }

    /**
     * Takes bytes up to the end of the message that they belong to, and says how many; the rest is to be handed in
     * again once the message has been used and {@link #next} called. Takes none when a message is complete or the
     * stream broken.
     */
    public int take(byte[] source, int offset, int size) {
        int taken = 0;
        if (expected == 0 && trouble == null) {
            taken = copy(source, offset, Math.min(size, StunCodec.HEADER_LENGTH - length));
            if (length == StunCodec.HEADER_LENGTH) {
                readHeader();
            }
        }
        if (expected > 0 && trouble == null) {
            taken += copy(source, offset + taken, Math.min(size - taken, expected - length));
        }
        return taken;
    }

    /** Whether a whole message lies in {@link #message}. */
    public boolean isComplete() {
        return expected > 0 && length == expected && trouble == null;
    }

    /** Whether part of a message has come: a stream that ends now was cut off. */
    public boolean isPartial() {
        return length > 0 && !isComplete();
    }

    /** Where the message lies, from index 0 on; valid until {@link #next}. */
    public byte[] message() {
        return message;
    }

    /** Bytes of the message. */
    public int messageLength() {
        return length;
    }

    /** Why the stream cannot go on; null as long as it can. */
    public @Nullable Trouble trouble() {
        return trouble;
    }

    /** Forgets the complete message. */
    public void next() {
        if (!isComplete()) {
            throw new IllegalStateException("the message is not complete");
        }
        length = 0;
        expected = 0;
    }

    private int copy(byte[] source, int offset, int size) {
        System.arraycopy(source, offset, message, length, size);
        length += size;
        return size;
    }

    private void readHeader() {
        int body = Bytes.u16(message, 2);
        boolean begins = (message[0] & 0xc0) == 0
                && Bytes.i32(message, StunCodec.COOKIE_OFFSET) == StunCodec.MAGIC_COOKIE
                && body % 4 == 0;
        if (!begins) {
            trouble = Trouble.NOT_STUN;
        } else if (StunCodec.HEADER_LENGTH + body > message.length) {
            trouble = Trouble.TOO_LONG;
        } else {
            expected = StunCodec.HEADER_LENGTH + body;
        }
    }
}
