package dev.warren.protocol.stun;

/** The error codes of RFC 8489 section 14.8. A test compares this list with IANA's registry "STUN Error Codes". */
enum StunError {
    /** Ask another server. */
    TRY_ALTERNATE(300, "Try Alternate"),
    /** The request makes no sense. */
    BAD_REQUEST(400, "Bad Request"),
    /** Credentials are missing or wrong. */
    UNAUTHENTICATED(401, "Unauthenticated"),
    /** An attribute that must be understood is not. */
    UNKNOWN_ATTRIBUTE(420, "Unknown Attribute"),
    /** The nonce is too old; here is another. */
    STALE_NONCE(438, "Stale Nonce"),
    /** Try again. */
    SERVER_ERROR(500, "Server Error");

    private final int code;
    private final String reason;

    StunError(int code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    int code() {
        return code;
    }

    String reason() {
        return reason;
    }
}
