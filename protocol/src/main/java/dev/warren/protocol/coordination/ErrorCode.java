package dev.warren.protocol.coordination;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;
import com.fasterxml.jackson.annotation.JsonProperty;

/** Why a request was refused, for programs; {@link ErrorAnswer} has the sentence for people. */
public enum ErrorCode {
    /** The body or a header is not in the form that it must have. */
    @JsonProperty("bad-request")
    BAD_REQUEST(400),
    /** The signature is missing, or not the identity's over this request. */
    @JsonProperty("bad-signature")
    BAD_SIGNATURE(401),
    /** The nonce is unknown, too old, or was used before; the answer's header has a fresh one. */
    @JsonProperty("bad-nonce")
    BAD_NONCE(401),
    /** No such join token here. */
    @JsonProperty("token-unknown")
    TOKEN_UNKNOWN(403),
    /** The join token's time is over. */
    @JsonProperty("token-expired")
    TOKEN_EXPIRED(403),
    /** The join token was for one node, and that node has joined. */
    @JsonProperty("token-used")
    TOKEN_USED(403),
    /** The identity is not in the mesh and has no token with it. */
    @JsonProperty("not-a-member")
    NOT_A_MEMBER(403),
    /** The node key belongs to another identity. */
    @JsonProperty("key-taken")
    KEY_TAKEN(409),
    /** Another relay has a lease for the same host and port. */
    @JsonProperty("address-taken")
    ADDRESS_TAKEN(409),
    /** The relays of one region say different codes for it. */
    @JsonProperty("region-differs")
    REGION_DIFFERS(409),
    /** The statement's sequence is not greater than that of the one which is held; the answer says which that is. */
    @JsonProperty("stale-sequence")
    STALE_SEQUENCE(409),
    /** The body is longer than the coordinator reads. */
    @JsonProperty("too-large")
    TOO_LARGE(413),
    /** The node speaks a version of the protocol that the coordinator does not. */
    @JsonProperty("version-refused")
    VERSION_REFUSED(426),
    /** The address pool is full. */
    @JsonProperty("pool-empty")
    POOL_EMPTY(507),
    /** No such path. */
    @JsonProperty("not-found")
    NOT_FOUND(404),
    /** The path is not for this method; the answer's header Allow has the one that it is for. */
    @JsonProperty("method-not-allowed")
    METHOD_NOT_ALLOWED(405),
    /** Anything else, and codes of later versions. */
    @JsonEnumDefaultValue
    @JsonProperty("internal")
    INTERNAL(500);

    private final int status;

    ErrorCode(int status) {
        this.status = status;
    }

    /** The HTTP status that goes with it. */
    public int status() {
        return status;
    }
}
