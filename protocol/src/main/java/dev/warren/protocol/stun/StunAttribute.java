package dev.warren.protocol.stun;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** One attribute of a message (RFC 8489 section 14). */
public sealed interface StunAttribute {
    /** The 16 bits that say which attribute it is. */
    int type();

    /**
     * Where the request came from, in the clear; the only form that RFC 3489 has.
     *
     * @param address as the server saw it
     */
    record MappedAddress(InetSocketAddress address) implements StunAttribute {
        @Override
        public int type() {
            return AttributeType.MAPPED_ADDRESS.code();
        }
    }

    /**
     * Where the request came from, masked so that no address translator on the way changes it.
     *
     * @param address as the server saw it, unmasked
     */
    record XorMappedAddress(InetSocketAddress address) implements StunAttribute {
        @Override
        public int type() {
            return AttributeType.XOR_MAPPED_ADDRESS.code();
        }
    }

    /**
     * The program that sent the message.
     *
     * @param description at most 763 bytes in UTF-8
     */
    record Software(String description) implements StunAttribute {
        @Override
        public int type() {
            return AttributeType.SOFTWARE.code();
        }
    }

    /**
     * Why a request was refused.
     *
     * @param code 300 to 699
     * @param reason for humans, at most 763 bytes in UTF-8
     */
    record ErrorCode(int code, String reason) implements StunAttribute {
        static final int MIN = 300;
        static final int MAX = 699;

        /** Throws IllegalArgumentException when the code is out of range. */
        public ErrorCode {
            if (code < MIN || code > MAX) {
                throw new IllegalArgumentException("error code " + code + " is outside 300 to 699");
            }
        }

        @Override
        public int type() {
            return AttributeType.ERROR_CODE.code();
        }
    }

    /**
     * What the sender of an error 420 did not understand.
     *
     * @param types codes, 0 to 0xffff
     */
    record UnknownAttributes(List<Integer> types) implements StunAttribute {
        /** Copies the list. */
        public UnknownAttributes {
            types = List.copyOf(types);
        }

        @Override
        public int type() {
            return AttributeType.UNKNOWN_ATTRIBUTES.code();
        }
    }

    /**
     * The checksum that tells STUN from other protocols on the same port.
     *
     * @param value CRC-32 of what is in front of it, XOR 0x5354554e
     */
    record Fingerprint(int value) implements StunAttribute {
        @Override
        public int type() {
            return AttributeType.FINGERPRINT.code();
        }
    }

    /** Any other attribute, and one whose value does not have the form of its type. Immutable. */
    final class Raw implements StunAttribute {
        private final int type;
        private final byte[] value;

        /** An attribute of {@code type} (0 to 0xffff) with {@code value} (without padding), which is copied. */
        public Raw(int type, byte[] value) {
            this.type = type;
            this.value = value.clone();
        }

        /** A raw attribute of a type that has a name. */
        public static Raw of(AttributeType type, byte[] value) {
            return new Raw(type.code(), value);
        }

        @Override
        public int type() {
            return type;
        }

        /** A copy of the value, without padding. */
        public byte[] value() {
            return value.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Raw raw && raw.type == type && Arrays.equals(raw.value, value);
        }

        @Override
        public int hashCode() {
            return 31 * type + Arrays.hashCode(value);
        }

        @Override
        public String toString() {
            return "Raw[" + Integer.toHexString(type) + " " + HexFormat.of().formatHex(value) + "]";
        }
    }
}
