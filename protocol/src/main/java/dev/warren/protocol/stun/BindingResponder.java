package dev.warren.protocol.stun;

import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * The server's side of a binding request, without state between requests (RFC 8489 section 6.3; RFC 3489 section 8.1;
 * derp.md section 3). Belongs to one thread: the response lies in a buffer that the next request overwrites.
 *
 * <p>What is answered, and how small: a request with the cookie gets XOR-MAPPED-ADDRESS (32 bytes for IPv4, 44 for
 * IPv6), and a FINGERPRINT (8 more) if it brought one; Tailscale's form gets no FINGERPRINT, as from its own server. A
 * request without the cookie gets MAPPED-ADDRESS. SOFTWARE is left out, so that a forged source address gains little.
 * An attribute below 0x8000 that is not known gets error 420; so does CHANGE-REQUEST when it asks for a change,
 * except from classic clients: they take silence for "no", and an error for a server's failure. Credentials are not
 * asked for and not checked (section 9: a server without authentication ignores them).
 */
public final class BindingResponder {
    /** Bytes of the longest response: error 420 with {@link #MAX_UNKNOWN} attributes. */
    public static final int MAX_RESPONSE_LENGTH = 96;

    /** At most this many unknown attributes are named in an error: enough for a sender to see what is wrong. */
    private static final int MAX_UNKNOWN = 16;

    private static final int BINDING_REQUEST = 0x0001;
    /** The two bits of the class in a message type (RFC 8489 section 5, figure 3). */
    private static final int KIND_BITS = 0x0110;

    private static final int KIND_REQUEST = 0x0000;
    private static final int KIND_INDICATION = 0x0010;
    private static final int UNKNOWN_ATTRIBUTE = 420;
    /** Twenty bytes, so that classic clients, which know no padding, read it too (RFC 3489 section 11.2.9). */
    private static final byte[] REASON = "Unknown Attribute(s)".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] TAILSCALE_SOFTWARE =
            BindingRequest.TAILSCALE_SOFTWARE.getBytes(StandardCharsets.US_ASCII);

    /** Known and harmless in a request, as far as comprehension is required. */
    private static final Set<AttributeType> UNDERSTOOD = EnumSet.of(
            AttributeType.MAPPED_ADDRESS,
            AttributeType.CHANGE_REQUEST,
            AttributeType.USERNAME,
            AttributeType.MESSAGE_INTEGRITY,
            AttributeType.ERROR_CODE,
            AttributeType.UNKNOWN_ATTRIBUTES,
            AttributeType.REALM,
            AttributeType.NONCE,
            AttributeType.MESSAGE_INTEGRITY_SHA256,
            AttributeType.PASSWORD_ALGORITHM,
            AttributeType.USERHASH,
            AttributeType.XOR_MAPPED_ADDRESS);

    private static final boolean[] UNDERSTOOD_CODES = understoodCodes();

    private final AttributeCursor cursor = new AttributeCursor();
    private final CRC32 crc = new CRC32();
    private final byte[] response = new byte[MAX_RESPONSE_LENGTH];
    private final int[] unknown = new int[MAX_UNKNOWN];
    private int responseLength;
    private int unknownCount;
    private boolean changeWanted;
    private boolean fingerprinted;
    private boolean tailscale;

    /**
     * Takes the {@code length} bytes at {@code offset}, which came from {@code source}. Never throws for their
     * content.
     */
    public Disposition handle(byte[] request, int offset, int length, InetSocketAddress source) {
        return handle(request, offset, length, source.getAddress().getAddress(), source.getPort());
    }

    /** The same for a source of 4 or 16 bytes of address; allocates nothing. */
    public Disposition handle(byte[] request, int offset, int length, byte[] address, int port) {
        responseLength = 0;
        NotStun wrong = StunCodec.checkHeader(request, offset, length);
        if (wrong != null) {
            return ignored(wrong);
        }
        int type = Bytes.u16(request, offset);
        if (type != BINDING_REQUEST) {
            return otherType(type);
        }
        if (!scan(request, offset, length)) {
            return Disposition.IGNORED_ATTRIBUTES;
        }
        if (fingerprinted && !StunIntegrity.hasFingerprint(request, offset, length, crc)) {
            return Disposition.IGNORED_FINGERPRINT;
        }
        boolean classic = Bytes.i32(request, offset + StunCodec.COOKIE_OFFSET) != StunCodec.MAGIC_COOKIE;
        if (changeWanted && classic) {
            return Disposition.IGNORED_CHANGE_REQUEST;
        }
        begin(request, offset);
        return answer(address, port, classic);
    }

    /** Where the response to the last request lies, from index 0 on; valid until the next request. */
    public byte[] response() {
        return response;
    }

    /** Bytes of the response; 0 when there is none. */
    public int responseLength() {
        return responseLength;
    }

    private Disposition answer(byte[] address, int port, boolean classic) {
        if (changeWanted) {
            noteUnknown(AttributeType.CHANGE_REQUEST.code());
        }
        if (unknownCount > 0) {
            writeError();
            return Disposition.REFUSED_UNKNOWN_ATTRIBUTE;
        }
        writeAddress(address, port, classic);
        if (classic) {
            return Disposition.ANSWERED_CLASSIC;
        }
        if (tailscale) {
            return Disposition.ANSWERED_TAILSCALE;
        }
        if (fingerprinted) {
            responseLength = StunIntegrity.appendFingerprint(response, responseLength, crc);
        }
        return Disposition.ANSWERED_RFC8489;
    }

    /** Reads what matters of the attributes; false when they do not fit into the message. */
    private boolean scan(byte[] request, int offset, int length) {
        cursor.start(request, offset, length);
        unknownCount = 0;
        changeWanted = false;
        fingerprinted = false;
        boolean tailnode = false;
        boolean sealed = false;
        while (cursor.next()) {
            int type = cursor.type();
            if (type == AttributeType.FINGERPRINT.code()) {
                fingerprinted = true;
            } else if (!sealed) {
                tailnode |= isTailscale(request);
                changeWanted |= isChange(request);
                sealed = type == AttributeType.MESSAGE_INTEGRITY.code()
                        || type == AttributeType.MESSAGE_INTEGRITY_SHA256.code();
                if (AttributeType.isComprehensionRequired(type) && !isUnderstood(type)) {
                    noteUnknown(type);
                }
            }
        }
        tailscale = tailnode && fingerprinted;
        return !cursor.isBroken();
    }

    private static boolean isUnderstood(int type) {
        return type < UNDERSTOOD_CODES.length && UNDERSTOOD_CODES[type];
    }

    private boolean isTailscale(byte[] request) {
        int at = cursor.valueAt();
        return cursor.type() == AttributeType.SOFTWARE.code()
                && Arrays.equals(request, at, at + cursor.length(), TAILSCALE_SOFTWARE, 0, TAILSCALE_SOFTWARE.length);
    }

    private boolean isChange(byte[] request) {
        return cursor.type() == AttributeType.CHANGE_REQUEST.code()
                && (cursor.length() != Integer.BYTES || Bytes.i32(request, cursor.valueAt()) != 0);
    }

    private void noteUnknown(int type) {
        if (unknownCount < MAX_UNKNOWN) {
            unknown[unknownCount++] = type;
        }
    }

    /** The header but for its type; the four bytes that are the cookie go back as they came, whatever they are. */
    private void begin(byte[] request, int offset) {
        System.arraycopy(
                request,
                offset + StunCodec.COOKIE_OFFSET,
                response,
                StunCodec.COOKIE_OFFSET,
                StunCodec.HEADER_LENGTH - StunCodec.COOKIE_OFFSET);
        responseLength = StunCodec.HEADER_LENGTH;
    }

    private void writeAddress(byte[] address, int port, boolean classic) {
        Bytes.putU16(response, 0, MessageType.BINDING_SUCCESS.code());
        int length = AddressValue.length(address.length);
        AttributeType type = classic ? AttributeType.MAPPED_ADDRESS : AttributeType.XOR_MAPPED_ADDRESS;
        int at = beginAttribute(type, length);
        AddressValue.write(address, port, response, at);
        if (!classic) {
            AddressValue.xor(response, at, length, response, StunCodec.COOKIE_OFFSET);
        }
    }

    private void writeError() {
        Bytes.putU16(response, 0, MessageType.BINDING_ERROR.code());
        int at = beginAttribute(AttributeType.ERROR_CODE, Integer.BYTES + REASON.length);
        Bytes.putI32(response, at, ((UNKNOWN_ATTRIBUTE / 100) << 8) | (UNKNOWN_ATTRIBUTE % 100));
        System.arraycopy(REASON, 0, response, at + Integer.BYTES, REASON.length);
        // An odd number is made even by naming the last one twice: classic clients know no padding (RFC 3489, 11.2.10).
        int named = unknownCount + (unknownCount & 1);
        at = beginAttribute(AttributeType.UNKNOWN_ATTRIBUTES, Short.BYTES * named);
        for (int i = 0; i < named; i++) {
            Bytes.putU16(response, at + Short.BYTES * i, unknown[Math.min(i, unknownCount - 1)]);
        }
    }

    /**
     * Writes an attribute's header, counts the whole (a multiple of four bytes) in, and gives the place of its value.
     */
    private int beginAttribute(AttributeType type, int length) {
        Bytes.putU16(response, responseLength, type.code());
        Bytes.putU16(response, responseLength + 2, length);
        int at = responseLength + StunCodec.ATTRIBUTE_HEADER_LENGTH;
        responseLength = at + length;
        Bytes.putU16(response, 2, responseLength - StunCodec.HEADER_LENGTH);
        return at;
    }

    private static Disposition otherType(int type) {
        return switch (type & KIND_BITS) {
            case KIND_REQUEST -> Disposition.IGNORED_METHOD;
            case KIND_INDICATION -> Disposition.IGNORED_INDICATION;
            default -> Disposition.IGNORED_RESPONSE;
        };
    }

    private static Disposition ignored(NotStun reason) {
        return switch (reason) {
            case TOO_SHORT -> Disposition.IGNORED_TOO_SHORT;
            case LEADING_BITS -> Disposition.IGNORED_NOT_STUN;
            case LENGTH -> Disposition.IGNORED_LENGTH;
            case ATTRIBUTES -> Disposition.IGNORED_ATTRIBUTES;
        };
    }

    private static boolean[] understoodCodes() {
        int last = UNDERSTOOD.stream().mapToInt(AttributeType::code).max().orElseThrow();
        boolean[] codes = new boolean[last + 1];
        UNDERSTOOD.forEach(type -> codes[type.code()] = true);
        return codes;
    }
}
