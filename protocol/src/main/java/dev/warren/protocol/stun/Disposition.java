package dev.warren.protocol.stun;

/** What became of a datagram at a {@link BindingResponder}. The name in lower case is the value in metrics. */
public enum Disposition {
    /** A binding request of RFC 8489, answered with XOR-MAPPED-ADDRESS. */
    ANSWERED_RFC8489(true),
    /** A request in Tailscale's form, answered with 32 or 44 bytes. */
    ANSWERED_TAILSCALE(true),
    /** A request of RFC 3489, without the cookie, answered with MAPPED-ADDRESS. */
    ANSWERED_CLASSIC(true),
    /** An attribute that must be understood is not: answered with error 420. */
    REFUSED_UNKNOWN_ATTRIBUTE(true),
    /** Credentials are asked for, and the request lacks part of them or contradicts itself: answered with error 400. */
    REFUSED_BAD_REQUEST(true),
    /** Credentials are asked for, and there are none or wrong ones: answered with error 401. */
    REFUSED_UNAUTHENTICATED(true),
    /** The credentials are right and the nonce is too old: answered with error 438. */
    REFUSED_STALE_NONCE(true),
    /** Shorter than a STUN header. */
    IGNORED_TOO_SHORT(false),
    /** The top two bits are not zero: some other protocol. */
    IGNORED_NOT_STUN(false),
    /** The length field is wrong. */
    IGNORED_LENGTH(false),
    /** An attribute reaches beyond the end, or follows FINGERPRINT. */
    IGNORED_ATTRIBUTES(false),
    /** FINGERPRINT is wrong. */
    IGNORED_FINGERPRINT(false),
    /** An indication, which wants no answer. */
    IGNORED_INDICATION(false),
    /** Somebody's answer. */
    IGNORED_RESPONSE(false),
    /** A request for something other than Binding. */
    IGNORED_METHOD(false),
    /** A classic request to be answered from another address or port, which this server does not have. */
    IGNORED_CHANGE_REQUEST(false),
    /** A request without the cookie, and this server does not answer those. */
    IGNORED_CLASSIC(false);

    private final boolean answered;

    Disposition(boolean answered) {
        this.answered = answered;
    }

    /** Whether there is a response to send. */
    public boolean isAnswered() {
        return answered;
    }
}
