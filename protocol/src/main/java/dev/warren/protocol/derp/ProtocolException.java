package dev.warren.protocol.derp;

/**
 * The other end broke the protocol; the connection is closed and the reason counted. It carries no stack trace, since
 * strangers can cause as many as they like.
 */
public final class ProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What was broken; one metric label each. */
    public enum Reason {
        /** A frame is shorter than its type allows. */
        FRAME_TOO_SHORT,
        /** A frame is longer than its type, or an unknown type, may be. */
        FRAME_TOO_LONG,
        /** A frame that cannot stand in this phase or go in this direction. */
        UNEXPECTED_FRAME,
        /** A frame that only the relays of one region may send each other. */
        NOT_A_MESH_PEER,
        /** The first frame of a server does not start with the magic bytes. */
        BAD_MAGIC,
        /** A box does not open: the other end does not have the private key of its public one. */
        BAD_BOX,
        /** The JSON in a box, or one of its fields, is wrong. */
        BAD_JSON,
        /** The HTTP head is malformed or too long. */
        BAD_HTTP,
        /** A WebSocket frame or message is malformed, too long, or no binary one. */
        BAD_WEB_SOCKET,
        /** The server did not answer with 101 Switching Protocols. */
        NOT_UPGRADED
    }

    private final Reason reason;

    /** An error of the kind {@code reason}, with one sentence for the log. */
    public ProtocolException(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    /** What was broken. */
    public Reason reason() {
        return reason;
    }
}
