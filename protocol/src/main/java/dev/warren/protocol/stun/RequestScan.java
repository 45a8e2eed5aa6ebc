package dev.warren.protocol.stun;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** What matters of a request's attributes to a {@link BindingResponder}, read in one pass; one reads many requests. */
final class RequestScan {
    /** At most this many unknown attributes are remembered: enough for a sender to see what is wrong. */
    static final int MAX_UNKNOWN = 16;

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

    private final boolean discovery;
    private final AttributeCursor cursor = new AttributeCursor();
    private final int[] unknown = new int[MAX_UNKNOWN];
    private int unknownCount;
    private int change;
    private boolean changeSeen;
    private boolean padded;
    private boolean fingerprinted;
    private boolean tailscale;

    /** With {@code discovery} the attributes of RFC 5780 that have a use then are understood. */
    RequestScan(boolean discovery) {
        this.discovery = discovery;
    }

    /** Reads the attributes of a message whose header is right; false when they do not fit into it. */
    boolean read(byte[] request, int offset, int length) {
        unknownCount = 0;
        change = 0;
        changeSeen = false;
        padded = false;
        fingerprinted = false;
        boolean tailnode = false;
        boolean sealed = false;
        cursor.start(request, offset, length);
        while (cursor.next()) {
            int type = cursor.type();
            if (type == AttributeType.FINGERPRINT.code()) {
                fingerprinted = true;
            } else if (!sealed) {
                if (AttributeType.isComprehensionRequired(type)) {
                    sealed = required(type, request);
                } else {
                    tailnode |= isTailscale(type, request);
                }
            }
        }
        tailscale = tailnode && fingerprinted && !changeSeen && !padded;
        return !cursor.isBroken();
    }

    /** The 32 bits of CHANGE-REQUEST; 0 when there is none. */
    int change() {
        return change;
    }

    /** Whether there is a PADDING that is understood. */
    boolean isPadded() {
        return padded;
    }

    boolean isFingerprinted() {
        return fingerprinted;
    }

    /** Whether it has what Tailscale's server insists on, and nothing that asks for behaviour discovery. */
    boolean isTailscale() {
        return tailscale;
    }

    /** How many attributes are not understood and must be. */
    int unknownCount() {
        return unknownCount;
    }

    int unknown(int index) {
        return unknown[index];
    }

    /** Adds to the attributes that are not understood. */
    void noteUnknown(int type) {
        if (unknownCount < MAX_UNKNOWN) {
            unknown[unknownCount++] = type;
        }
    }

    /** Takes one that must be understood; true when nothing behind it counts but FINGERPRINT. */
    private boolean required(int type, byte[] request) {
        if (type == AttributeType.CHANGE_REQUEST.code()) {
            noteChange(request);
        } else if (type == AttributeType.PADDING.code() && discovery) {
            padded = true;
        } else if (!isUnderstood(type)) {
            noteUnknown(type);
        }
        return type == AttributeType.MESSAGE_INTEGRITY.code() || type == AttributeType.MESSAGE_INTEGRITY_SHA256.code();
    }

    /** The first one counts (RFC 8489 section 14). One of a wrong length is not understood. */
    private void noteChange(byte[] request) {
        if (changeSeen) {
            return;
        }
        changeSeen = true;
        if (cursor.length() != Integer.BYTES) {
            noteUnknown(AttributeType.CHANGE_REQUEST.code());
        } else {
            change = Bytes.i32(request, cursor.valueAt());
        }
    }

    private boolean isTailscale(int type, byte[] request) {
        int at = cursor.valueAt();
        return type == AttributeType.SOFTWARE.code()
                && Arrays.equals(request, at, at + cursor.length(), TAILSCALE_SOFTWARE, 0, TAILSCALE_SOFTWARE.length);
    }

    private static boolean isUnderstood(int type) {
        return type < UNDERSTOOD_CODES.length && UNDERSTOOD_CODES[type];
    }

    private static boolean[] understoodCodes() {
        int last = UNDERSTOOD.stream().mapToInt(AttributeType::code).max().orElseThrow();
        boolean[] codes = new boolean[last + 1];
        UNDERSTOOD.forEach(type -> codes[type.code()] = true);
        return codes;
    }
}
