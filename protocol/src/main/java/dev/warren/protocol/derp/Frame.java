package dev.warren.protocol.derp;

import dev.warren.protocol.key.NodePublicKey;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** One DERP frame, one record for each {@link FrameType}; the payloads' layouts are there. */
public sealed interface Frame {
    /** Bytes in front of every payload: type and length. */
    int HEADER_LENGTH = 5;
    /** The longest packet that a relay carries. */
    int MAX_PACKET = 64 << 10;
    /** The longest payload that a client takes from a server. */
    int MAX_FROM_SERVER = 1 << 20;
    /** The longest payload of an unknown type that a server skips; a longer one ends the connection. */
    int MAX_UNKNOWN_FROM_CLIENT = 32 + MAX_PACKET;

    /** The frame's type. */
    FrameType type();

    /** The relay says which key it has. */
    record ServerKey(NodePublicKey key) implements Frame {
        @Override
        public FrameType type() {
            return FrameType.SERVER_KEY;
        }
    }

    /** The client says who it is; {@code box} is sealed from its key to the relay's, nonce first. */
    record ClientHello(NodePublicKey key, Payload box) implements Frame {
        @Override
        public FrameType type() {
            return FrameType.CLIENT_INFO;
        }
    }

    /** The relay's answer to a login; {@code box} is sealed from its key to the client's, nonce first. */
    record ServerHello(Payload box) implements Frame {
        @Override
        public FrameType type() {
            return FrameType.SERVER_INFO;
        }
    }

    /** A packet for {@code destination}. */
    record SendPacket(NodePublicKey destination, Payload packet) implements Frame {
        @Override
        public FrameType type() {
            return FrameType.SEND_PACKET;
        }
    }

    /** A packet from {@code source}. */
    record RecvPacket(NodePublicKey source, Payload packet) implements Frame {
        @Override
        public FrameType type() {
            return FrameType.RECV_PACKET;
        }
    }

    /** The relay is still there. */
    record KeepAlive() implements Frame {
        @Override
        public FrameType type() {
            return FrameType.KEEP_ALIVE;
        }
    }

    /** Whether the relay is the client's home. */
    record NotePreferred(boolean home) implements Frame {
        @Override
        public FrameType type() {
            return FrameType.NOTE_PREFERRED;
        }
    }

    /** The peer with {@code key} cannot be reached through this relay (any more). */
    record PeerGone(NodePublicKey key, PeerGoneReason reason) implements Frame {
        @Override
        public FrameType type() {
            return FrameType.PEER_GONE;
        }
    }

    /**
     * A client connected, or was connected when watching began.
     *
     * @param address where it connects from, when that was told
     * @param flags {@link #REGULAR}, or the sum of the others that hold; 0 when not told
     */
    record PeerPresent(NodePublicKey key, @Nullable InetSocketAddress address, int flags) implements Frame {
        /** An ordinary client; stands alone. */
        public static final int REGULAR = 1;
        /** Another relay of the region. */
        public static final int MESH_PEER = 2;
        /** It only measures. */
        public static final int PROBER = 4;
        /** It would rather be at another relay of the region. */
        public static final int NOT_IDEAL = 8;

        @Override
        public FrameType type() {
            return FrameType.PEER_PRESENT;
        }
    }

    /** A packet that another relay of the region got for a client of this one. */
    record ForwardPacket(NodePublicKey source, NodePublicKey destination, Payload packet) implements Frame {
        @Override
        public FrameType type() {
            return FrameType.FORWARD_PACKET;
        }
    }

    /** Asks to be told of every client that comes or goes. */
    record WatchConns() implements Frame {
        @Override
        public FrameType type() {
            return FrameType.WATCH_CONNS;
        }
    }

    /** Asks to end every connection of a client. */
    record ClosePeer(NodePublicKey key) implements Frame {
        @Override
        public FrameType type() {
            return FrameType.CLOSE_PEER;
        }
    }

    /** Asks for a {@link Pong}; {@code data} is its eight bytes, big-endian. */
    record Ping(long data) implements Frame {
        @Override
        public FrameType type() {
            return FrameType.PING;
        }
    }

    /** Answers a {@link Ping} with its data. */
    record Pong(long data) implements Frame {
        @Override
        public FrameType type() {
            return FrameType.PONG;
        }
    }

    /** What is wrong with the connection, for people; empty when all is well again. */
    record Health(String problem) implements Frame {
        @Override
        public FrameType type() {
            return FrameType.HEALTH;
        }
    }

    /**
     * The relay is about to restart: come back after the one time, and keep trying for the other (0 to 2^32-1 each).
     */
    record Restarting(long reconnectInMillis, long tryForMillis) implements Frame {
        @Override
        public FrameType type() {
            return FrameType.RESTARTING;
        }
    }
}
