package dev.warren.protocol.stun;

/**
 * Class and method of a message, which share its first 16 bits (RFC 8489 section 5, figure 3).
 *
 * @param kind the class
 * @param method 0 to 0xfff
 */
public record MessageType(Kind kind, int method) {
    /** The method Binding (RFC 8489 section 18.2). */
    public static final int BINDING = 0x001;
    /** 0x0001, the same in RFC 3489. */
    public static final MessageType BINDING_REQUEST = new MessageType(Kind.REQUEST, BINDING);
    /** 0x0011. */
    public static final MessageType BINDING_INDICATION = new MessageType(Kind.INDICATION, BINDING);
    /** 0x0101, the same in RFC 3489. */
    public static final MessageType BINDING_SUCCESS = new MessageType(Kind.SUCCESS, BINDING);
    /** 0x0111, the same in RFC 3489. */
    public static final MessageType BINDING_ERROR = new MessageType(Kind.ERROR, BINDING);

    private static final int MAX_METHOD = 0xfff;

    /** The class: bits 4 and 8. */
    public enum Kind {
        /** Wants an answer. */
        REQUEST(0x0000),
        /** Wants none. */
        INDICATION(0x0010),
        /** The answer to a request that worked. */
        SUCCESS(0x0100),
        /** The answer to a request that did not. */
        ERROR(0x0110);

        private static final int MASK = 0x0110;

        private final int bits;

        Kind(int bits) {
            this.bits = bits;
        }

        private static Kind of(int code) {
            for (Kind kind : values()) {
                if (kind.bits == (code & MASK)) {
                    return kind;
                }
            }
            throw new AssertionError("two bits have four values");
        }
    }

    /** Throws IllegalArgumentException when the method has more than 12 bits. */
    public MessageType {
        if (method < 0 || method > MAX_METHOD) {
            throw new IllegalArgumentException("method " + method + " is outside 0 to " + MAX_METHOD);
        }
    }

    /** From the first 16 bits of a message, whose top two must be zero. */
    public static MessageType of(int code) {
        int method = (code & 0x000f) | ((code & 0x00e0) >>> 1) | ((code & 0x3e00) >>> 2);
        return new MessageType(Kind.of(code), method);
    }

    /** The first 16 bits of a message. */
    public int code() {
        return (method & 0x00f) | ((method & 0x070) << 1) | ((method & 0xf80) << 2) | kind.bits;
    }
}
