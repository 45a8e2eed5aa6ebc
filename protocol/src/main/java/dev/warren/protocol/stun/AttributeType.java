package dev.warren.protocol.stun;

import org.jspecify.annotations.Nullable;

/**
 * The attributes that have a name here, with their codes in IANA's registry "STUN Attributes". A test compares this
 * list with the registry's.
 */
public enum AttributeType {
    /** The address as seen by the server, in the clear (RFC 8489 section 14.1). */
    MAPPED_ADDRESS(0x0001),
    /** RFC 3489's wish for an answer to somebody else; reserved now, never honoured. */
    RESPONSE_ADDRESS(0x0002),
    /** Four bytes of flags: answer from another address (4), another port (2) (RFC 5780 section 7.2). */
    CHANGE_REQUEST(0x0003),
    /** RFC 3489: where the answer was sent from; reserved now. */
    SOURCE_ADDRESS(0x0004),
    /** RFC 3489: the server's other address; reserved now. */
    CHANGED_ADDRESS(0x0005),
    /** Who asks (RFC 8489 section 14.3). */
    USERNAME(0x0006),
    /** RFC 3489's password; reserved now. */
    PASSWORD(0x0007),
    /** 20 bytes of HMAC-SHA1 (RFC 8489 section 14.5). */
    MESSAGE_INTEGRITY(0x0008),
    /** Class, number and reason of a refusal (RFC 8489 section 14.8). */
    ERROR_CODE(0x0009),
    /** The attributes that were not understood (RFC 8489 section 14.13). */
    UNKNOWN_ATTRIBUTES(0x000a),
    /** RFC 3489: who had the answer sent; reserved now. */
    REFLECTED_FROM(0x000b),
    /** Of the long-term credential (RFC 8489 section 14.9). */
    REALM(0x0014),
    /** Of the long-term credential (RFC 8489 section 14.10). */
    NONCE(0x0015),
    /** 16 to 32 bytes of HMAC-SHA256 (RFC 8489 section 14.6). */
    MESSAGE_INTEGRITY_SHA256(0x001c),
    /** The hash chosen for the password (RFC 8489 section 14.12). */
    PASSWORD_ALGORITHM(0x001d),
    /** The user's name as a hash (RFC 8489 section 14.4). */
    USERHASH(0x001e),
    /** The address as seen by the server, masked (RFC 8489 section 14.2). */
    XOR_MAPPED_ADDRESS(0x0020),
    /** Of an ICE candidate (RFC 8445 section 16.1). */
    PRIORITY(0x0024),
    /** ICE's choice (RFC 8445 section 16.1). */
    USE_CANDIDATE(0x0025),
    /** Makes a message long (RFC 5780 section 7.6). */
    PADDING(0x0026),
    /** Wish for an answer to another port (RFC 5780 section 7.5); never honoured. */
    RESPONSE_PORT(0x0027),
    /** The hashes that a server offers (RFC 8489 section 14.11). */
    PASSWORD_ALGORITHMS(0x8002),
    /** The domain of another server (RFC 8489 section 14.16). */
    ALTERNATE_DOMAIN(0x8003),
    /** Who wrote the sender's program (RFC 8489 section 14.14). */
    SOFTWARE(0x8022),
    /** The address of another server (RFC 8489 section 14.15). */
    ALTERNATE_SERVER(0x8023),
    /** How long a mapping was seen to live (RFC 5780 section 7.7). */
    CACHE_TIMEOUT(0x8027),
    /** CRC-32 of the message, masked (RFC 8489 section 14.7). */
    FINGERPRINT(0x8028),
    /** ICE's role and tie-breaker (RFC 8445 section 16.1). */
    ICE_CONTROLLED(0x8029),
    /** ICE's role and tie-breaker (RFC 8445 section 16.1). */
    ICE_CONTROLLING(0x802a),
    /** Where the answer was sent from (RFC 5780 section 7.3). */
    RESPONSE_ORIGIN(0x802b),
    /** The server's other address (RFC 5780 section 7.4). */
    OTHER_ADDRESS(0x802c);

    /** The code that drafts and old servers used for XOR-MAPPED-ADDRESS; in no registry. */
    static final int OLD_XOR_MAPPED_ADDRESS = 0x8020;

    private static final int FIRST_OPTIONAL = 0x8000;

    private final int code;

    AttributeType(int code) {
        this.code = code;
    }

    /** The type with this code; null for one without a name here. */
    public static @Nullable AttributeType of(int code) {
        for (AttributeType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        return null;
    }

    /** The 16 bits on the wire. */
    public int code() {
        return code;
    }

    /** Whether a receiver that does not know {@code code} must refuse the message (RFC 8489 section 14). */
    public static boolean isComprehensionRequired(int code) {
        return code < FIRST_OPTIONAL;
    }

    /** The registry's spelling. */
    @Override
    public String toString() {
        return name().replace('_', '-');
    }
}
