package dev.warren.protocol.derp;

import org.jspecify.annotations.Nullable;

/**
 * Every DERP v2 frame, and the specification of each: its number, who sends it, and how long its payload may be. A
 * frame is one byte type, four bytes payload length (big-endian), payload. Payloads of a server may grow by fields that
 * a client does not know yet, hence the wide upper limits there; those of a client may not.
 */
public enum FrameType {
    /** Server, first: 8 bytes magic, 32 bytes server key, then what later versions add. */
    SERVER_KEY(0x01, 40, 1024, true, false),
    /** Client, first: 32 bytes client key, 24 bytes nonce, box with the JSON of {@link ClientInfo}. */
    CLIENT_INFO(0x02, 56, 256 << 10, false, true),
    /** Server, second: 24 bytes nonce, box with the JSON of {@link ServerInfo}. */
    SERVER_INFO(0x03, 24, 24 + (1 << 20), true, false),
    /** Client: 32 bytes destination, packet. */
    SEND_PACKET(0x04, 32, 32 + Frame.MAX_PACKET, false, true),
    /** Server: 32 bytes source, packet. */
    RECV_PACKET(0x05, 32, Frame.MAX_FROM_SERVER, true, false),
    /** Server, about once a minute: empty. */
    KEEP_ALIVE(0x06, 0, Frame.MAX_FROM_SERVER, true, false),
    /** Client: one byte, 0 = this relay is not my home, anything else = it is. */
    NOTE_PREFERRED(0x07, 1, 1, false, true),
    /** Server: 32 bytes key, one byte {@link PeerGoneReason} (absent in old servers). */
    PEER_GONE(0x08, 32, Frame.MAX_FROM_SERVER, true, false),
    /**
     * Server to a watcher: 32 bytes key, then 16 bytes IP, two bytes port, one byte flags, as far as they are there.
     */
    PEER_PRESENT(0x09, 32, Frame.MAX_FROM_SERVER, true, false),
    /** Mesh peer: 32 bytes source, 32 bytes destination, packet. */
    FORWARD_PACKET(0x0a, 64, 64 + Frame.MAX_PACKET, false, true),
    /** Mesh peer: empty; asks for a PEER_PRESENT or PEER_GONE about every client. */
    WATCH_CONNS(0x10, 0, 0, false, true),
    /** Mesh peer: 32 bytes key of the client to be disconnected. */
    CLOSE_PEER(0x11, 32, 32, false, true),
    /** Both: eight bytes to be sent back, then up to 992 that are not. */
    PING(0x12, 8, 1000, true, true),
    /** Both: the eight bytes of the ping. */
    PONG(0x13, 8, 1000, true, true),
    /** Server: UTF-8 text about what is wrong with the connection; empty = nothing any more. */
    HEALTH(0x14, 0, Frame.MAX_FROM_SERVER, true, false),
    /** Server: four bytes milliseconds to wait, four bytes milliseconds to keep trying (big-endian). */
    RESTARTING(0x15, 8, Frame.MAX_FROM_SERVER, true, false);

    private static final @Nullable FrameType[] BY_CODE = byCode();

    private final int code;
    private final int minLength;
    private final int maxLength;
    private final boolean fromServer;
    private final boolean fromClient;

    FrameType(int code, int minLength, int maxLength, boolean fromServer, boolean fromClient) {
        this.code = code;
        this.minLength = minLength;
        this.maxLength = maxLength;
        this.fromServer = fromServer;
        this.fromClient = fromClient;
    }

    /** The number on the wire. */
    public int code() {
        return code;
    }

    /** The least bytes of payload. */
    public int minLength() {
        return minLength;
    }

    /** The most bytes of payload. */
    public int maxLength() {
        return maxLength;
    }

    /** Whether a server sends it. */
    public boolean isFromServer() {
        return fromServer;
    }

    /** Whether a client, a mesh peer included, sends it. */
    public boolean isFromClient() {
        return fromClient;
    }

    /** The type with this number, or null when there is none: such frames are skipped. */
    public static @Nullable FrameType ofCode(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }

    /** Throws {@link ProtocolException} when a payload of {@code length} bytes is too short or too long. */
    public void check(long length) {
        if (length < minLength) {
            throw new ProtocolException(
                    ProtocolException.Reason.FRAME_TOO_SHORT,
                    this + " has " + length + " bytes; it needs " + minLength + " or more");
        }
        if (length > maxLength) {
            throw new ProtocolException(
                    ProtocolException.Reason.FRAME_TOO_LONG,
                    this + " has " + length + " bytes; it may have " + maxLength);
        }
    }

    private static @Nullable FrameType[] byCode() {
        int highest = 0;
        for (FrameType type : values()) {
            highest = Math.max(highest, type.code);
        }
        @Nullable FrameType[] table = new @Nullable FrameType[highest + 1];
        for (FrameType type : values()) {
            table[type.code] = type;
        }
        return table;
    }
}
