package dev.warren.protocol.stun;

import dev.warren.protocol.stun.StunAttribute.ErrorCode;
import dev.warren.protocol.stun.StunAttribute.Fingerprint;
import dev.warren.protocol.stun.StunAttribute.MappedAddress;
import dev.warren.protocol.stun.StunAttribute.Raw;
import dev.warren.protocol.stun.StunAttribute.Software;
import dev.warren.protocol.stun.StunAttribute.UnknownAttributes;
import dev.warren.protocol.stun.StunAttribute.XorMappedAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * STUN messages as bytes: type 2, length 2, cookie 4, transaction id 12, then attributes of type 2, length 2, value,
 * padding to four bytes (RFC 8489 sections 5 and 14). Padding is written as zero and may be read as anything.
 *
 * <p>What is tolerated: an attribute whose value does not have the form of its type stays {@link Raw}. Behind
 * MESSAGE-INTEGRITY only MESSAGE-INTEGRITY-SHA256 and FINGERPRINT count, others are left out (section 14.5). The old
 * code 0x8020 is read as XOR-MAPPED-ADDRESS. The length field must be right; nothing may follow FINGERPRINT.
 */
public final class StunCodec {
    /** The fixed value in the second four bytes of every message since RFC 5389. */
    public static final int MAGIC_COOKIE = 0x2112a442;
    /** Bytes of a message without attributes. */
    public static final int HEADER_LENGTH = 20;

    static final int COOKIE_OFFSET = 4;
    static final int ID_OFFSET = 8;
    static final int ATTRIBUTE_HEADER_LENGTH = 4;

    /** Longest SOFTWARE and reason phrase (RFC 8489 sections 14.8, 14.14). */
    private static final int MAX_TEXT_LENGTH = 763;

    private static final int ERROR_HEADER_LENGTH = 4;

    private StunCodec() {}

    /** Whether bytes are STUN with the magic cookie, judged by the header alone (RFC 8489 section 6.3); cheap. */
    public static boolean looksLike(byte[] buffer, int offset, int length) {
        return length >= HEADER_LENGTH
                && (buffer[offset] & 0xc0) == 0
                && Bytes.i32(buffer, offset + COOKIE_OFFSET) == MAGIC_COOKIE
                && Bytes.u16(buffer, offset + 2) == length - HEADER_LENGTH;
    }

    /** Bytes that {@link #encode} makes of {@code message}. */
    public static int encodedLength(StunMessage message) {
        int length = HEADER_LENGTH;
        for (StunAttribute attribute : message.attributes()) {
            length += ATTRIBUTE_HEADER_LENGTH + Bytes.padded(value(attribute).length);
        }
        return length;
    }

    /** The bytes of {@code message}; throws IllegalArgumentException when an attribute or the whole is too long. */
    public static byte[] encode(StunMessage message) {
        byte[] target = new byte[encodedLength(message)];
        if (target.length - HEADER_LENGTH > 0xffff) {
            throw new IllegalArgumentException("a message of " + target.length + " bytes is too long");
        }
        Bytes.putU16(target, 0, message.type().code());
        Bytes.putU16(target, 2, target.length - HEADER_LENGTH);
        Bytes.putI32(target, COOKIE_OFFSET, message.cookie());
        message.id().copyTo(target, ID_OFFSET);
        int at = HEADER_LENGTH;
        for (StunAttribute attribute : message.attributes()) {
            byte[] value = value(attribute);
            Bytes.putU16(target, at, attribute.type());
            Bytes.putU16(target, at + 2, value.length);
            at += ATTRIBUTE_HEADER_LENGTH;
            System.arraycopy(value, 0, target, at, value.length);
            if (attribute instanceof XorMappedAddress) {
                AddressValue.xor(target, at, value.length, target, COOKIE_OFFSET);
            }
            at += Bytes.padded(value.length);
        }
        return target;
    }

    /** What the {@code length} bytes at {@code offset} are; never throws. */
    public static StunDecoded decode(byte[] source, int offset, int length) {
        NotStun wrong = checkHeader(source, offset, length);
        if (wrong != null) {
            return wrong;
        }
        List<StunAttribute> attributes = new ArrayList<>();
        AttributeCursor cursor = new AttributeCursor().start(source, offset, length);
        boolean sealed = false;
        while (cursor.next()) {
            if (!sealed || isAfterIntegrity(cursor.type())) {
                attributes.add(attribute(cursor, source, offset));
            }
            sealed |= cursor.type() == AttributeType.MESSAGE_INTEGRITY.code()
                    || cursor.type() == AttributeType.MESSAGE_INTEGRITY_SHA256.code();
        }
        if (cursor.isBroken()) {
            return NotStun.ATTRIBUTES;
        }
        return new StunMessage(
                MessageType.of(Bytes.u16(source, offset)),
                Bytes.i32(source, offset + COOKIE_OFFSET),
                TransactionId.of(source, offset + ID_OFFSET),
                attributes);
    }

    /** Null when the header may be one of STUN, with or without the cookie. */
    static @Nullable NotStun checkHeader(byte[] source, int offset, int length) {
        if (length < HEADER_LENGTH) {
            return NotStun.TOO_SHORT;
        }
        if ((source[offset] & 0xc0) != 0) {
            return NotStun.LEADING_BITS;
        }
        int declared = Bytes.u16(source, offset + 2);
        return declared % 4 != 0 || declared != length - HEADER_LENGTH ? NotStun.LENGTH : null;
    }

    private static boolean isAfterIntegrity(int type) {
        return type == AttributeType.MESSAGE_INTEGRITY_SHA256.code() || type == AttributeType.FINGERPRINT.code();
    }

    private static byte[] value(StunAttribute attribute) {
        return switch (attribute) {
            case MappedAddress(InetSocketAddress address) -> AddressValue.of(address);
            case XorMappedAddress(InetSocketAddress address) -> AddressValue.of(address);
            case Software(String description) -> text(description);
            case ErrorCode(int code, String reason) -> error(code, text(reason));
            case UnknownAttributes(List<Integer> types) -> types(types);
            case Fingerprint(int crc) ->
                ByteBuffer.allocate(Integer.BYTES).putInt(crc).array();
            case Raw raw -> raw.value();
        };
    }

    private static byte[] text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_TEXT_LENGTH) {
            throw new IllegalArgumentException("a text of " + bytes.length + " bytes; at most " + MAX_TEXT_LENGTH);
        }
        return bytes;
    }

    private static byte[] error(int code, byte[] reason) {
        byte[] value = new byte[ERROR_HEADER_LENGTH + reason.length];
        value[2] = (byte) (code / 100);
        value[3] = (byte) (code % 100);
        System.arraycopy(reason, 0, value, ERROR_HEADER_LENGTH, reason.length);
        return value;
    }

    private static byte[] types(List<Integer> types) {
        byte[] value = new byte[Short.BYTES * types.size()];
        for (int i = 0; i < types.size(); i++) {
            Bytes.putU16(value, Short.BYTES * i, types.get(i));
        }
        return value;
    }

    private static StunAttribute attribute(AttributeCursor cursor, byte[] source, int offset) {
        byte[] value = Arrays.copyOfRange(source, cursor.valueAt(), cursor.valueAt() + cursor.length());
        int code = cursor.type() == AttributeType.OLD_XOR_MAPPED_ADDRESS
                ? AttributeType.XOR_MAPPED_ADDRESS.code()
                : cursor.type();
        StunAttribute known = known(AttributeType.of(code), value, source, offset);
        return known == null ? new Raw(cursor.type(), value) : known;
    }

    private static @Nullable StunAttribute known(
            @Nullable AttributeType type, byte[] value, byte[] source, int offset) {
        return switch (type) {
            case MAPPED_ADDRESS -> {
                InetSocketAddress address = AddressValue.read(value);
                yield address == null ? null : new MappedAddress(address);
            }
            case XOR_MAPPED_ADDRESS -> xorMapped(value, source, offset);
            case SOFTWARE -> {
                String text = text(value, 0);
                yield text == null ? null : new Software(text);
            }
            case ERROR_CODE -> errorCode(value);
            case UNKNOWN_ATTRIBUTES -> unknown(value);
            case FINGERPRINT -> value.length == Integer.BYTES ? new Fingerprint(Bytes.i32(value, 0)) : null;
            case null, default -> null;
        };
    }

    private static @Nullable StunAttribute xorMapped(byte[] value, byte[] source, int offset) {
        if (value.length != AddressValue.IPV4_LENGTH && value.length != AddressValue.IPV6_LENGTH) {
            return null;
        }
        byte[] clear = value.clone();
        AddressValue.xor(clear, 0, clear.length, source, offset + COOKIE_OFFSET);
        InetSocketAddress address = AddressValue.read(clear);
        return address == null ? null : new XorMappedAddress(address);
    }

    private static @Nullable StunAttribute errorCode(byte[] value) {
        if (value.length < ERROR_HEADER_LENGTH) {
            return null;
        }
        int code = 100 * (value[2] & 7) + Byte.toUnsignedInt(value[3]);
        String reason = text(value, ERROR_HEADER_LENGTH);
        boolean fits = value[3] >= 0 && value[3] < 100 && code >= ErrorCode.MIN && code <= ErrorCode.MAX;
        return fits && reason != null ? new ErrorCode(code, reason) : null;
    }

    private static @Nullable StunAttribute unknown(byte[] value) {
        if (value.length % Short.BYTES != 0) {
            return null;
        }
        List<Integer> types = new ArrayList<>(value.length / Short.BYTES);
        for (int at = 0; at < value.length; at += Short.BYTES) {
            types.add(Bytes.u16(value, at));
        }
        return new UnknownAttributes(types);
    }

    private static @Nullable String text(byte[] value, int from) {
        if (value.length - from > MAX_TEXT_LENGTH) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value, from, value.length - from))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return null;
        }
    }
}
