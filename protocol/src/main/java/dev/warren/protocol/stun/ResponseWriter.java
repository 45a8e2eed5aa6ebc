package dev.warren.protocol.stun;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;

/** Writes one response after the other into the same bytes; allocates nothing. */
final class ResponseWriter {
    /** Twenty bytes, so that classic clients, which know no padding, read it too (RFC 3489 section 11.2.9). */
    private static final byte[] UNKNOWN_REASON = "Unknown Attribute(s)".getBytes(StandardCharsets.US_ASCII);

    private final byte[] buffer;
    private int length;

    ResponseWriter(int maxLength) {
        buffer = new byte[maxLength];
    }

    byte[] buffer() {
        return buffer;
    }

    int length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    /** The header of a response; the four bytes that are the cookie go back as they came, whatever they are. */
    void begin(byte[] request, int offset, MessageType type) {
        Bytes.putU16(buffer, 0, type.code());
        Bytes.putU16(buffer, 2, 0);
        System.arraycopy(
                request,
                offset + StunCodec.COOKIE_OFFSET,
                buffer,
                StunCodec.COOKIE_OFFSET,
                StunCodec.HEADER_LENGTH - StunCodec.COOKIE_OFFSET);
        length = StunCodec.HEADER_LENGTH;
    }

    /** XOR-MAPPED-ADDRESS. */
    void maskedAddress(byte[] address, int port) {
        int size = AddressValue.length(address.length);
        int at = beginAttribute(AttributeType.XOR_MAPPED_ADDRESS, size);
        AddressValue.write(address, port, buffer, at);
        AddressValue.xor(buffer, at, size, buffer, StunCodec.COOKIE_OFFSET);
    }

    /** MAPPED-ADDRESS. */
    void clearAddress(byte[] address, int port) {
        int at = beginAttribute(AttributeType.MAPPED_ADDRESS, AddressValue.length(address.length));
        AddressValue.write(address, port, buffer, at);
    }

    /** An attribute whose value (a multiple of four bytes) is there already. */
    void attribute(AttributeType type, byte[] value) {
        int at = beginAttribute(type, value.length);
        System.arraycopy(value, 0, buffer, at, value.length);
    }

    /** PADDING that makes the whole {@code target} bytes long or a little less; none when there is no room. */
    void padding(int target) {
        int size = (target - length - StunCodec.ATTRIBUTE_HEADER_LENGTH) & ~3;
        if (size >= 0) {
            int at = beginAttribute(AttributeType.PADDING, size);
            Arrays.fill(buffer, at, at + size, (byte) 0);
        }
    }

    /** Takes a whole response that was made elsewhere. */
    void message(byte[] whole) {
        System.arraycopy(whole, 0, buffer, 0, whole.length);
        length = whole.length;
    }

    /** MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256. */
    void integrity(byte[] key, boolean sha256) {
        length = StunIntegrity.appendIntegrity(buffer, length, key, sha256);
    }

    void fingerprint(CRC32 crc) {
        length = StunIntegrity.appendFingerprint(buffer, length, crc);
    }

    /** The two attributes of error 420. */
    void unknownAttributes(RequestScan scan) {
        int code = StunError.UNKNOWN_ATTRIBUTE.code();
        int at = beginAttribute(AttributeType.ERROR_CODE, Integer.BYTES + UNKNOWN_REASON.length);
        Bytes.putI32(buffer, at, ((code / 100) << 8) | (code % 100));
        System.arraycopy(UNKNOWN_REASON, 0, buffer, at + Integer.BYTES, UNKNOWN_REASON.length);
        // An odd number is made even by naming the last one twice: classic clients know no padding (RFC 3489, 11.2.10).
        int count = scan.unknownCount();
        int named = count + (count & 1);
        at = beginAttribute(AttributeType.UNKNOWN_ATTRIBUTES, Short.BYTES * named);
        for (int i = 0; i < named; i++) {
            Bytes.putU16(buffer, at + Short.BYTES * i, scan.unknown(Math.min(i, count - 1)));
        }
    }

    /**
     * Writes an attribute's header, counts the whole (a multiple of four bytes) in, and gives the place of its value.
     */
    private int beginAttribute(AttributeType type, int size) {
        Bytes.putU16(buffer, length, type.code());
        Bytes.putU16(buffer, length + 2, size);
        int at = length + StunCodec.ATTRIBUTE_HEADER_LENGTH;
        length = at + size;
        Bytes.putU16(buffer, 2, length - StunCodec.HEADER_LENGTH);
        return at;
    }
}
