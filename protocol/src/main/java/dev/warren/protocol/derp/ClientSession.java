package dev.warren.protocol.derp;

import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one connection, from the HTTP request on: bytes in, bytes and events out. Owned by one thread.
 * Every method that takes bytes may throw {@link ProtocolException}; the connection is then to be closed.
 *
 * <p>Tolerance: frames that a client does not know, or knows with another length, are skipped up to 1 MiB; a longer one
 * ends the connection.
 */
public final class ClientSession {
    /** What happens on the connection; called during {@link #receive}, on the caller's thread. */
    public interface Events {
        /** Bytes for the server, in order. */
        void transmit(byte[] bytes);

        /** The server let the client in. */
        void connected(ServerInfo info);

        /** A packet from {@code source}; the bytes are the listener's until it returns. */
        void packet(NodePublicKey source, byte[] buffer, int offset, int length);

        /** Any other frame that a server sends after the login. Pings are answered already. */
        void frame(Frame frame);
    }

    private enum Phase {
        HTTP_ANSWER,
        SERVER_KEY,
        SERVER_INFO,
        OPEN
    }

    private final NodePrivateKey key;
    private final ClientInfo info;
    private final RandomGenerator random;
    private final Events events;
    private final FrameReader reader = new FrameReader(new Sink());
    private Phase phase;
    private byte[] head = new byte[0];
    private @Nullable NodePublicKey serverKey;
    /** Between the login and its answer. */
    private @Nullable NaclBox pair;

    private @Nullable NodePublicKey lastSource;

    private ClientSession(NodePrivateKey key, ClientInfo info, RandomGenerator random, Events events, Phase phase) {
        this.key = key;
        this.info = info;
        this.random = random;
        this.events = events;
        this.phase = phase;
    }

    /**
     * A session in the normal form; transmits the request.
     *
     * @param request the bytes of {@link Upgrade#request}
     */
    public static ClientSession start(
            NodePrivateKey key, ClientInfo info, byte[] request, RandomGenerator random, Events events) {
        ClientSession session = new ClientSession(key, info, random, events, Phase.HTTP_ANSWER);
        events.transmit(request);
        return session;
    }

    /**
     * A session in the fast-start form; transmits request and login at once.
     *
     * @param request the bytes of {@link Upgrade#fastRequest}
     * @param serverKey the key in the server's meta certificate
     */
    public static ClientSession startFast(
            NodePrivateKey key,
            ClientInfo info,
            byte[] request,
            NodePublicKey serverKey,
            RandomGenerator random,
            Events events) {
        ClientSession session = new ClientSession(key, info, random, events, Phase.SERVER_INFO);
        session.serverKey = serverKey;
        byte[] login = session.login(serverKey);
        byte[] both = Arrays.copyOf(request, request.length + login.length);
        System.arraycopy(login, 0, both, request.length, login.length);
        events.transmit(both);
        return session;
    }

    private byte[] login(NodePublicKey server) {
        NaclBox shared = NaclBox.between(key, server);
        pair = shared;
        return FrameCodec.encode(LoginCodec.seal(info, key.publicKey(), shared, random));
    }

    /** The server's key, or null before it is known. */
    public @Nullable NodePublicKey serverKey() {
        return serverKey;
    }

    /** Takes the next bytes from the server. */
    public void receive(byte[] buffer, int offset, int length) {
        if (phase == Phase.HTTP_ANSWER) {
            receiveHead(buffer, offset, length);
        } else {
            reader.receive(buffer, offset, length);
        }
    }

    private void receiveHead(byte[] buffer, int offset, int length) {
        int before = head.length;
        head = Arrays.copyOf(head, before + length);
        System.arraycopy(buffer, offset, head, before, length);
        int headLength = HttpHead.length(head, 0, head.length);
        if (headLength < 0) {
            if (head.length > HttpHead.MAX_LENGTH) {
                throw new ProtocolException(
                        ProtocolException.Reason.BAD_HTTP, "the server's HTTP answer does not come to an end");
            }
            return;
        }
        Upgrade.checkAnswer(HttpHead.parse(head, 0, headLength));
        byte[] behind = Arrays.copyOfRange(head, headLength, head.length);
        head = new byte[0];
        phase = Phase.SERVER_KEY;
        reader.receive(behind, 0, behind.length);
    }

    /** The source at {@code offset}; the same object as last time when it is the same key, which it mostly is. */
    private NodePublicKey source(byte[] buffer, int offset) {
        NodePublicKey last = lastSource;
        if (last != null && last.matches(buffer, offset)) {
            return last;
        }
        NodePublicKey source = NodePublicKey.of(buffer, offset);
        lastSource = source;
        return source;
    }

    private final class Sink implements FrameSink {
        @Override
        public boolean begin(int code, long length) {
            FrameType type = FrameType.ofCode(code);
            if (phase == Phase.SERVER_KEY && type != FrameType.SERVER_KEY) {
                throw new ProtocolException(
                        ProtocolException.Reason.UNEXPECTED_FRAME, "the server's first frame has the type " + code);
            }
            if (length > Frame.MAX_FROM_SERVER && type != FrameType.SERVER_INFO) {
                throw new ProtocolException(
                        ProtocolException.Reason.FRAME_TOO_LONG, "a frame of " + length + " bytes from the server");
            }
            if (type == null || !isWanted(type)) {
                return false;
            }
            if (type == FrameType.SERVER_KEY || type == FrameType.SERVER_INFO) {
                type.check(length);
            }
            return length >= type.minLength() && length <= type.maxLength();
        }

        private boolean isWanted(FrameType type) {
            return switch (phase) {
                case HTTP_ANSWER -> false;
                case SERVER_KEY -> true;
                case SERVER_INFO -> type == FrameType.SERVER_INFO;
                case OPEN -> type.isFromServer() && type != FrameType.SERVER_KEY && type != FrameType.SERVER_INFO;
            };
        }

        @Override
        public void frame(FrameType type, byte[] buffer, int offset, int length) {
            if (type == FrameType.RECV_PACKET) {
                int at = offset + NodePublicKey.LENGTH;
                events.packet(source(buffer, offset), buffer, at, length - NodePublicKey.LENGTH);
                return;
            }
            Frame frame = FrameCodec.decodePayload(type, buffer, offset, length);
            if (frame instanceof Frame.ServerKey server) {
                serverKey = server.key();
                phase = Phase.SERVER_INFO;
                events.transmit(login(server.key()));
            } else if (frame instanceof Frame.ServerHello hello && pair != null) {
                ServerInfo answer = LoginCodec.open(hello, pair);
                pair = null;
                phase = Phase.OPEN;
                events.connected(answer);
            } else {
                if (frame instanceof Frame.Ping ping) {
                    events.transmit(FrameCodec.encode(new Frame.Pong(ping.data())));
                }
                events.frame(frame);
            }
        }
    }
}
