package dev.warren.protocol.derp;

import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The relay's side of one connection, from behind the HTTP upgrade on: frames in, frames and events out. Owned by one
 * thread. An owner that moves packets itself calls {@link #begin} for every header, which checks it, and {@link #frame}
 * for every frame but SEND_PACKET and FORWARD_PACKET.
 *
 * <p>Tolerance: frames of types that a client does not send, or that nobody knows, are skipped up to
 * {@link Frame#MAX_UNKNOWN_FROM_CLIENT}. The mesh's frames are taken from mesh peers only; from anybody else they end
 * the connection.
 */
public final class ServerSession implements FrameSink {
    /** What happens on the connection; called on the caller's thread. */
    public interface Events {
        /** A frame for the client, in order. */
        void transmit(Frame frame);

        /**
         * The client proved that it has {@code key}. The owner decides: {@link ServerSession#admit} or an end; it gives
         * no more frames to the session before that.
         */
        void login(NodePublicKey key, ClientInfo info);

        /** A frame of a client that was let in. */
        void frame(Frame frame);
    }

    private enum Phase {
        CLIENT_INFO,
        ADMISSION,
        OPEN
    }

    private final NodePrivateKey key;
    private final RandomGenerator random;
    private final Events events;
    private Phase phase = Phase.CLIENT_INFO;
    /** Between the login and its answer: making it is what costs most in a login. */
    private @Nullable NaclBox pair;

    private boolean meshPeer;

    /** A session of the relay with the key {@code key}; {@link #start} begins it. */
    public ServerSession(NodePrivateKey key, RandomGenerator random, Events events) {
        this.key = key;
        this.random = random;
        this.events = events;
    }

    /** Transmits the first frame, which tells the client the relay's key. */
    public void start() {
        events.transmit(new Frame.ServerKey(key.publicKey()));
    }

    /** Lets a client in that has the mesh's key: another relay of the region, which may forward, watch and close. */
    public void admitMeshPeer(ServerInfo info) {
        meshPeer = true;
        admit(info);
    }

    /** Lets the client in: transmits the answer to its login. */
    public void admit(ServerInfo info) {
        NaclBox shared = pair;
        if (phase != Phase.ADMISSION || shared == null) {
            throw new IllegalStateException("nobody waits for admission");
        }
        phase = Phase.OPEN;
        pair = null;
        events.transmit(LoginCodec.seal(info, shared, random));
    }

    /** Whether the client was let in. */
    public boolean isOpen() {
        return phase == Phase.OPEN;
    }

    @Override
    public boolean begin(int code, long length) {
        FrameType type = FrameType.ofCode(code);
        return switch (phase) {
            case CLIENT_INFO -> beginLogin(type, code, length);
            case ADMISSION -> throw new IllegalStateException("the client's admission is not decided");
            case OPEN -> beginOpen(type, code, length);
        };
    }

    private static boolean beginLogin(@Nullable FrameType type, int code, long length) {
        if (type != FrameType.CLIENT_INFO) {
            throw new ProtocolException(
                    ProtocolException.Reason.UNEXPECTED_FRAME, "the client's first frame has the type " + code);
        }
        type.check(length);
        return true;
    }

    private boolean beginOpen(@Nullable FrameType type, int code, long length) {
        if (type == null
                || !type.isFromClient()
                || type == FrameType.CLIENT_INFO
                // The answer to a ping, and this side sends none.
                || type == FrameType.PONG) {
            if (length > Frame.MAX_UNKNOWN_FROM_CLIENT) {
                throw new ProtocolException(
                        ProtocolException.Reason.FRAME_TOO_LONG,
                        "a frame of " + length + " bytes of the type " + code + ", which is not a client's");
            }
            return false;
        }
        boolean ofMesh =
                type == FrameType.FORWARD_PACKET || type == FrameType.WATCH_CONNS || type == FrameType.CLOSE_PEER;
        if (ofMesh && !meshPeer) {
            throw new ProtocolException(
                    ProtocolException.Reason.NOT_A_MESH_PEER, type + " from a client that is no relay of this region");
        }
        type.check(length);
        return true;
    }

    @Override
    public void frame(FrameType type, byte[] buffer, int offset, int length) {
        Frame frame = FrameCodec.decodePayload(type, buffer, offset, length);
        if (frame instanceof Frame.ClientHello hello) {
            NaclBox shared = NaclBox.between(key, hello.key());
            ClientInfo info = LoginCodec.open(hello, shared);
            pair = shared;
            phase = Phase.ADMISSION;
            events.login(hello.key(), info);
        } else {
            events.frame(frame);
        }
    }
}
