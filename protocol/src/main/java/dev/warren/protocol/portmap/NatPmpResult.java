package dev.warren.protocol.portmap;

import org.jspecify.annotations.Nullable;

/** Result codes (RFC 6886 section 3.5). */
public enum NatPmpResult {
    SUCCESS(0, "success"),
    UNSUPPORTED_VERSION(1, "unsupported version"),
    NOT_AUTHORIZED(2, "not authorized"),
    NETWORK_FAILURE(3, "the router has no public address itself"),
    OUT_OF_RESOURCES(4, "out of resources"),
    UNSUPPORTED_OPCODE(5, "unsupported opcode");

    /** On the wire. */
    public final int code;
    /** For people. */
    public final String words;

    NatPmpResult(int code, String words) {
        this.code = code;
        this.words = words;
    }

    /** The result with this code; null for an unknown one. */
    public static @Nullable NatPmpResult of(int code) {
        for (NatPmpResult result : values()) {
            if (result.code == code) {
                return result;
            }
        }
        return null;
    }
}
