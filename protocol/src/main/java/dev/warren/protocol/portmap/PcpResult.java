package dev.warren.protocol.portmap;

import org.jspecify.annotations.Nullable;

/** Result codes (RFC 6887 section 7.4). */
public enum PcpResult {
    SUCCESS(0, "success"),
    UNSUPP_VERSION(1, "unsupported version"),
    NOT_AUTHORIZED(2, "not authorized"),
    MALFORMED_REQUEST(3, "malformed request"),
    UNSUPP_OPCODE(4, "unsupported opcode"),
    UNSUPP_OPTION(5, "unsupported option"),
    MALFORMED_OPTION(6, "malformed option"),
    NETWORK_FAILURE(7, "network failure"),
    NO_RESOURCES(8, "no resources"),
    UNSUPP_PROTOCOL(9, "unsupported protocol"),
    USER_EX_QUOTA(10, "quota exceeded"),
    CANNOT_PROVIDE_EXTERNAL(11, "cannot provide the external address"),
    ADDRESS_MISMATCH(12, "the request came through another NAT"),
    EXCESSIVE_REMOTE_PEERS(13, "too many remote peers");

    /** On the wire. */
    public final int code;
    /** For people. */
    public final String words;

    PcpResult(int code, String words) {
        this.code = code;
        this.words = words;
    }

    /** The result with this code; null for an unknown one. */
    public static @Nullable PcpResult of(int code) {
        for (PcpResult result : values()) {
            if (result.code == code) {
                return result;
            }
        }
        return null;
    }
}
