package dev.warren.loadtest.bench;

import dev.warren.protocol.derp.ClientInfo;
import dev.warren.protocol.derp.ClientSession;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.protocol.derp.Upgrade;
import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.admission.Admission;
import dev.warren.relay.client.ClientRegistry;
import dev.warren.relay.client.LoginTimeout;
import dev.warren.relay.client.RegionKey;
import dev.warren.relay.client.RelayContext;
import dev.warren.relay.client.RelayMetrics;
import dev.warren.relay.http.HomePage;
import dev.warren.relay.http.HttpFront;
import dev.warren.relay.http.RelaySite;
import dev.warren.relay.limit.LimitMetrics;
import dev.warren.relay.limit.Limits;
import dev.warren.relay.limit.LiveLimits;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.random.RandomGenerator;

/**
 * A relay with two clients that are logged in, all in one thread: Netty's channels without sockets. A frame goes in at
 * one connection and comes out at the other by the relay's own handlers, so that what is measured is what runs. Belongs on
 * one of Netty's threads, which alone recycle buffers.
 */
final class RelayRoom {
    private final Connection sender;
    private final Connection receiver;
    private final byte[] frame;
    private final int bytesOut;

    /** A relay, and frames with packets of {@code packetBytes} from one of its clients to the other. */
    RelayRoom(int packetBytes, RandomGenerator random) {
        this(packetBytes, false, random);
    }

    /** With {@code forwarded} the frames come from another relay of the region, for a client of its own. */
    RelayRoom(int packetBytes, boolean forwarded, RandomGenerator random) {
        MeshKey meshKey = forwarded ? MeshKey.generate(random) : null;
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        RelayMetrics metrics = new RelayMetrics(registry);
        RelayContext relay = new RelayContext(
                NodePrivateKey.generate(random),
                Admission.OPEN,
                new ClientRegistry(metrics),
                metrics,
                random,
                RelayContext.Timing.DEFAULT,
                new LiveLimits(Limits.NONE, new LimitMetrics(registry)),
                new RegionKey(meshKey),
                null);
        sender = new Connection(relay);
        receiver = new Connection(relay);
        NodePrivateKey destination = NodePrivateKey.generate(random);
        ClientInfo info = new ClientInfo(meshKey, ClientInfo.VERSION, true, false, "");
        Client.logIn(sender, NodePrivateKey.generate(random), info, random);
        Client.logIn(receiver, destination, ClientInfo.node(), random);
        byte[] packet = new byte[packetBytes];
        random.nextBytes(packet);
        Payload payload = Payload.of(packet, 0, packetBytes);
        NodePublicKey to = destination.publicKey();
        frame = FrameCodec.encode(
                forwarded
                        ? new Frame.ForwardPacket(
                                NodePrivateKey.generate(random).publicKey(), to, payload)
                        : new Frame.SendPacket(to, payload));
        bytesOut = Frame.HEADER_LENGTH + NodePublicKey.LENGTH + packetBytes;
    }

    /** One frame through the relay; returns how many bytes have come out so far. */
    long forward() {
        sender.receive(frame);
        receiver.runPendingTasks();
        return receiver.bytes;
    }

    /** Bytes of one frame as the receiver gets it. */
    int frameBytes() {
        return bytesOut;
    }

    /** The relay's end of a connection. What it writes is kept while the client logs in, and counted then. */
    private static final class Connection extends EmbeddedChannel {
        private final Queue<byte[]> kept = new ArrayDeque<>();
        private boolean loggedIn;
        private long bytes;

        Connection(RelayContext relay) {
            super(new LoginTimeout(relay), new HttpFront(relay, new RelaySite(new HomePage.Blank(), null, false)));
            config().setAllocator(PooledByteBufAllocator.DEFAULT);
        }

        void receive(byte[] data) {
            pipeline().fireChannelRead(alloc().directBuffer(data.length).writeBytes(data));
            pipeline().fireChannelReadComplete();
        }

        @Override
        protected SocketAddress remoteAddress0() {
            return new InetSocketAddress("192.0.2.1", 1);
        }

        @Override
        protected void handleOutboundMessage(Object message) {
            ByteBuf out = (ByteBuf) message;
            if (loggedIn) {
                bytes += out.readableBytes();
            } else {
                kept.add(ByteBufUtil.getBytes(out));
            }
            out.release();
        }
    }

    /** A client that logs in. */
    private static final class Client implements ClientSession.Events {
        private static final int MAX_STEPS = 20;

        private final Queue<byte[]> toRelay = new ArrayDeque<>();
        private boolean connected;

        /** Logs {@code key} in over {@code connection}. */
        static void logIn(Connection connection, NodePrivateKey key, ClientInfo info, RandomGenerator random) {
            Client client = new Client();
            ClientSession session =
                    ClientSession.start(key, info, Upgrade.request("relay.example", null), random, client);
            for (int step = 0; step < MAX_STEPS && !client.connected; step++) {
                client.toRelay.forEach(connection::receive);
                client.toRelay.clear();
                connection.runPendingTasks();
                connection.kept.forEach(answer -> session.receive(answer, 0, answer.length));
                connection.kept.clear();
            }
            if (!client.connected) {
                throw new IllegalStateException("the relay did not let the client in");
            }
            connection.loggedIn = true;
        }

        @Override
        public void transmit(byte[] bytes) {
            toRelay.add(bytes);
        }

        @Override
        public void connected(ServerInfo info) {
            connected = true;
        }

        @Override
        public void packet(NodePublicKey source, byte[] buffer, int offset, int length) {}

        @Override
        public void frame(Frame frame) {}
    }
}
