package dev.warren.protocol.stun;

import dev.warren.protocol.stun.CredentialCheck.Accepted;
import java.net.InetSocketAddress;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of a binding request, without state between requests (RFC 8489 section 6.3; RFC 5780 section 6;
 * RFC 3489 section 8.1; derp.md section 3). Belongs to one thread: the response lies in a buffer that the next request
 * overwrites.
 *
 * <p>What is answered, and how small: a request with the cookie gets XOR-MAPPED-ADDRESS (32 bytes for IPv4, 44 for
 * IPv6), and a FINGERPRINT (8 more) if it brought one; Tailscale's form gets no FINGERPRINT, as from its own server. A
 * request without the cookie gets MAPPED-ADDRESS, unless {@link ResponderConfig#classic} says no. SOFTWARE is left out,
 * so that a forged source address gains little. An attribute below 0x8000 that is not known gets error 420. Credentials
 * are asked for and checked only with {@link ResponderConfig#credentials} set (section 9: a server without
 * authentication ignores them); such a server allocates for each request.
 *
 * <p>With {@link ResponderConfig#other} set, clients can discover how their NAT behaves: every answer but those to
 * Tailscale's form says where it is sent from and which address else the server has (RESPONSE-ORIGIN and OTHER-ADDRESS,
 * to classic clients SOURCE-ADDRESS and CHANGED-ADDRESS), CHANGE-REQUEST is honoured, and PADDING is answered with
 * PADDING, by which the answer never grows longer than the request. Without it a wish for a change gets error 420,
 * except from classic clients: they take silence for "no", and an error for a server's failure; and PADDING is unknown.
 *
 * <p>RESPONSE-PORT is refused with 420 always (optional by RFC 5780 section 7.5), like RFC 3489's RESPONSE-ADDRESS: who
 * may name the port that is answered can have us knock on every port of a host whose address it forges. What it is good
 * for, the lifetime of a mapping, can be found with a change of port as well.
 */
public final class BindingResponder {
    /** Bytes of the longest response: with PADDING just long enough for IPv4 to cut it into fragments on Ethernet. */
    public static final int MAX_RESPONSE_LENGTH = 1500;
    /** The bit of CHANGE-REQUEST for an answer from the other port (RFC 5780 section 7.2). */
    public static final int CHANGE_PORT = 2;
    /** The bit of CHANGE-REQUEST for an answer from the other address (RFC 5780 section 7.2). */
    public static final int CHANGE_ADDRESS = 4;

    /** Error 420 with {@link RequestScan#MAX_UNKNOWN} attributes: 84 bytes. Three IPv6 addresses, FINGERPRINT: 100. */
    private static final int MAX_PLAIN_LENGTH = 100;

    private static final int BINDING_REQUEST = 0x0001;
    /** The two bits of the class in a message type (RFC 8489 section 5, figure 3). */
    private static final int KIND_BITS = 0x0110;

    private static final int KIND_REQUEST = 0x0000;
    private static final int KIND_INDICATION = 0x0010;

    private final boolean classic;
    private final @Nullable Corners corners;
    private final @Nullable CredentialCheck check;
    private final RequestScan scan;
    private final ResponseWriter response;
    private final CRC32 crc = new CRC32();
    private int change;
    private @Nullable Accepted accepted;

    /** One of a server with one address. */
    public BindingResponder() {
        this(ResponderConfig.SIMPLE);
    }

    /** One for a socket of which {@code config} tells. */
    public BindingResponder(ResponderConfig config) {
        InetSocketAddress origin = config.origin();
        InetSocketAddress other = config.other();
        StunCredentials credentials = config.credentials();
        check = credentials == null ? null : new CredentialCheck(credentials);
        classic = config.classic() && check == null;
        corners = origin == null || other == null ? null : new Corners(origin, other);
        scan = new RequestScan(corners != null);
        response = new ResponseWriter(corners == null && check == null ? MAX_PLAIN_LENGTH : MAX_RESPONSE_LENGTH);
    }

    /**
     * Takes the {@code length} bytes at {@code offset}, which came from {@code source}. Never throws for their
     * content.
     */
    public Disposition handle(byte[] request, int offset, int length, InetSocketAddress source) {
        return handle(request, offset, length, source.getAddress().getAddress(), source.getPort());
    }

    /** The same for a source of 4 or 16 bytes of address; allocates nothing. */
    public Disposition handle(byte[] request, int offset, int length, byte[] address, int port) {
        response.clear();
        change = 0;
        accepted = null;
        boolean modern = length >= StunCodec.HEADER_LENGTH
                && Bytes.i32(request, offset + StunCodec.COOKIE_OFFSET) == StunCodec.MAGIC_COOKIE;
        Disposition ignored = scan(request, offset, length, modern);
        if (ignored != null) {
            return ignored;
        }
        Disposition refused = check == null ? null : judge(check, request, offset, length, address, port);
        if (refused != null) {
            return refused;
        }
        if (scan.change() != 0 && corners == null) {
            if (!modern) {
                return Disposition.IGNORED_CHANGE_REQUEST;
            }
            scan.noteUnknown(AttributeType.CHANGE_REQUEST.code());
        }
        if (scan.unknownCount() > 0) {
            response.begin(request, offset, MessageType.BINDING_ERROR);
            response.unknownAttributes(scan);
            seal();
            return Disposition.REFUSED_UNKNOWN_ATTRIBUTE;
        }
        response.begin(request, offset, MessageType.BINDING_SUCCESS);
        return modern ? answer(address, port, length) : answerClassic(address, port);
    }

    /** Where the response to the last request lies, from index 0 on; valid until the next request. */
    public byte[] response() {
        return response.buffer();
    }

    /** Bytes of the response; 0 when there is none. */
    public int responseLength() {
        return response.length();
    }

    /** Bytes of the longest response of this one: no more than 100 without {@link ResponderConfig#other}. */
    public int maxResponseLength() {
        return response.buffer().length;
    }

    /**
     * In what the address that the response is sent from must differ from the one that the request came to:
     * {@link #CHANGE_PORT}, {@link #CHANGE_ADDRESS}, both added up, or 0. Errors come from where the request went.
     */
    public int change() {
        return change;
    }

    private Disposition answer(byte[] address, int port, int requestLength) {
        response.maskedAddress(address, port);
        if (scan.isTailscale() && accepted == null) {
            return Disposition.ANSWERED_TAILSCALE;
        }
        if (corners != null) {
            change = scan.change() & (CHANGE_PORT | CHANGE_ADDRESS);
            response.attribute(AttributeType.RESPONSE_ORIGIN, corners.from(change));
            response.attribute(AttributeType.OTHER_ADDRESS, corners.other());
            if (scan.isPadded()) {
                response.padding(Math.min(requestLength, MAX_RESPONSE_LENGTH) - endLength());
            }
        }
        seal();
        if (scan.isFingerprinted()) {
            response.fingerprint(crc);
        }
        return Disposition.ANSWERED_RFC8489;
    }

    /** Why the request is ignored; null when it is a binding request, which has been read then. */
    private @Nullable Disposition scan(byte[] request, int offset, int length, boolean modern) {
        NotStun wrong = StunCodec.checkHeader(request, offset, length);
        if (wrong != null) {
            return ignored(wrong);
        }
        int type = Bytes.u16(request, offset);
        if (type != BINDING_REQUEST) {
            return otherType(type);
        }
        if (!modern && !classic) {
            return Disposition.IGNORED_CLASSIC;
        }
        if (!scan.read(request, offset, length)) {
            return Disposition.IGNORED_ATTRIBUTES;
        }
        return scan.isFingerprinted() && !StunIntegrity.hasFingerprint(request, offset, length, crc)
                ? Disposition.IGNORED_FINGERPRINT
                : null;
    }

    /** Why the sender is refused; null when it knows a password. */
    private @Nullable Disposition judge(
            CredentialCheck check, byte[] request, int offset, int length, byte[] address, int port) {
        switch (check.judge(request, offset, length, address, port)) {
            case Accepted right -> {
                accepted = right;
                return null;
            }
            case CredentialCheck.Refused wrong -> {
                response.message(wrong.response(TransactionId.of(request, offset + StunCodec.ID_OFFSET)));
                return switch (wrong.error()) {
                    case UNAUTHENTICATED -> Disposition.REFUSED_UNAUTHENTICATED;
                    case STALE_NONCE -> Disposition.REFUSED_STALE_NONCE;
                    default -> Disposition.REFUSED_BAD_REQUEST;
                };
            }
        }
    }

    private void seal() {
        if (accepted != null) {
            response.integrity(accepted.key(), accepted.sha256());
        }
    }

    /** Bytes of what comes behind everything else. */
    private int endLength() {
        return (accepted == null ? 0 : StunIntegrity.integrityLength(accepted.sha256()))
                + (scan.isFingerprinted() ? StunIntegrity.FINGERPRINT_LENGTH : 0);
    }

    private Disposition answerClassic(byte[] address, int port) {
        response.clearAddress(address, port);
        if (corners != null) {
            change = scan.change() & (CHANGE_PORT | CHANGE_ADDRESS);
            response.attribute(AttributeType.SOURCE_ADDRESS, corners.from(change));
            response.attribute(AttributeType.CHANGED_ADDRESS, corners.other());
        }
        return Disposition.ANSWERED_CLASSIC;
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

    /** The server's four addresses as seen from one of them, as the values of attributes. */
    private static final class Corners {
        private final byte[][] from;

        Corners(InetSocketAddress origin, InetSocketAddress other) {
            from = new byte[][] {
                AddressValue.of(origin),
                AddressValue.of(new InetSocketAddress(origin.getAddress(), other.getPort())),
                AddressValue.of(new InetSocketAddress(other.getAddress(), origin.getPort())),
                AddressValue.of(other)
            };
        }

        /** Where an answer with this change comes from. */
        byte[] from(int change) {
            return from[change / CHANGE_PORT];
        }

        byte[] other() {
            return from(CHANGE_PORT | CHANGE_ADDRESS);
        }
    }
}
