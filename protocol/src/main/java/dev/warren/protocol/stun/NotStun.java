package dev.warren.protocol.stun;

/** Why bytes are not a STUN message (RFC 8489 sections 5, 6.3 and 14). */
public enum NotStun implements StunDecoded {
    /** Shorter than a header. */
    TOO_SHORT,
    /** The top two bits of the first byte are not zero. */
    LEADING_BITS,
    /** The length field is not a multiple of four, or not the length of what follows the header. */
    LENGTH,
    /** An attribute reaches beyond the end, or FINGERPRINT is not the last one. */
    ATTRIBUTES
}
