package dev.warren.protocol.derp;

/** Why a {@link Frame.PeerGone} was sent. */
public enum PeerGoneReason {
    /** Its last connection to the region ended. */
    DISCONNECTED(0x00),
    /** A packet was sent to it, and the region does not know it. */
    NOT_HERE(0x01),
    /** A client's own finding that the link it watched broke; never on the wire of a healthy server. */
    MESH_CONNECTION_BROKE(0xf0);

    private final int code;

    PeerGoneReason(int code) {
        this.code = code;
    }

    /** The number on the wire. */
    public int code() {
        return code;
    }

    /** The reason with this number; one that is not known yet still means that the peer is gone. */
    public static PeerGoneReason ofCode(int code) {
        for (PeerGoneReason reason : values()) {
            if (reason.code == code) {
                return reason;
            }
        }
        return DISCONNECTED;
    }
}
