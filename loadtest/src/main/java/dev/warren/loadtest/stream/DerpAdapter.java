package dev.warren.loadtest.stream;

import dev.warren.loadtest.tunnel.End;
import dev.warren.loadtest.tunnel.PeerText;
import dev.warren.platform.config.UserError;
import dev.warren.platform.net.DerpClient;
import dev.warren.platform.net.Transport;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * Carries the datagrams of a WireGuard program that knows UDP only to a relay, as packets for one other client, and that
 * client's packets back. Owns the thread {@code derp-adapter}, which reads the program's datagrams; the relay's packets
 * are written to the program by the DERP client's own thread.
 */
final class DerpAdapter implements AutoCloseable {
    /** Where the program sends to, on its loopback. */
    static final int PORT = PeerText.PORT + 1;

    private static final int BUFFER_BYTES = 4 << 20;
    private static final int LONGEST_BYTES = 65_536;
    private static final long CONNECT_SECONDS = 10;

    private final DatagramChannel program;
    private final NodePublicKey other;
    private final FromRelay fromRelay;
    private final DerpClient client;
    private final LongAdder unreachable = new LongAdder();
    private final Thread reader;

    private DerpAdapter(DatagramChannel program, NodePublicKey other, FromRelay fromRelay, DerpClient client) {
        this.program = program;
        this.other = other;
        this.fromRelay = fromRelay;
        this.client = client;
        this.reader = Thread.ofPlatform().name("derp-adapter").daemon().start(this::read);
    }

    /** An adapter at {@code end}; the UserError says why the relay did not let it in within 10 s. */
    static DerpAdapter start(End end, DerpRegion region, NodePrivateKey key, NodePublicKey other)
            throws IOException, InterruptedException {
        DatagramChannel program = end.network().call(DerpAdapter::socket);
        FromRelay fromRelay = new FromRelay(program);
        // The client's thread is a child of the namespace's, and opens its sockets there for as long as it lives.
        DerpClient client = end.network().call(() -> DerpClient.connect(Transport.AUTO, region, key, fromRelay));
        DerpAdapter adapter = new DerpAdapter(program, other, fromRelay, client);
        if (!fromRelay.connected.await(CONNECT_SECONDS, TimeUnit.SECONDS)) {
            String problem = client.lastProblem();
            adapter.close();
            throw new UserError("the relay did not let a client in within " + CONNECT_SECONDS + " s"
                    + (problem.isEmpty() ? "" : ": " + problem));
        }
        return adapter;
    }

    /** Bytes that came from the relay. */
    long relayedBytes() {
        return fromRelay.bytes.sum();
    }

    /** Packets that did not go to the relay: its queue was full or slow, or it was not there. */
    long droppedBefore() {
        return Stream.of(DerpClient.Drop.values()).mapToLong(client::drops).sum();
    }

    /** Packets of the relay that the program did not take. */
    long droppedBehind() {
        return fromRelay.dropped.sum() + unreachable.sum();
    }

    private static DatagramChannel socket() throws IOException {
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        DatagramChannel socket = DatagramChannel.open();
        // WireGuard hands over dozens of packets at a time; the buffer is for the time until this one's turn comes.
        socket.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
        socket.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER_BYTES);
        socket.bind(new InetSocketAddress(loopback, PORT));
        return socket.connect(new InetSocketAddress(loopback, PeerText.PORT));
    }

    private void read() {
        ByteBuffer room = ByteBuffer.allocateDirect(LONGEST_BYTES);
        byte[] packet = new byte[LONGEST_BYTES];
        while (program.isOpen()) {
            try {
                room.clear();
                int length = program.read(room);
                room.flip().get(packet, 0, length);
                client.send(other, packet, 0, length); // counts what it drops
            } catch (ClosedChannelException closed) {
                return;
            } catch (IOException notThere) {
                // The program does not listen, yet or any more; what it missed tells of it here.
                unreachable.increment();
            }
        }
    }

    @Override
    public void close() {
        client.close();
        try {
            program.close();
            reader.join();
        } catch (IOException closed) {
            throw new java.io.UncheckedIOException("a UDP socket could not be closed", closed);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }

    /** Writes the relay's packets to the program; called on the client's thread. */
    private static final class FromRelay implements DerpClient.Listener {
        private final DatagramChannel program;
        private final CountDownLatch connected = new CountDownLatch(1);
        private final LongAdder bytes = new LongAdder();
        private final LongAdder dropped = new LongAdder();

        FromRelay(DatagramChannel program) {
            this.program = program;
        }

        @Override
        public void connected(int region) {
            connected.countDown();
        }

        @Override
        public void packet(int region, NodePublicKey source, byte[] buffer, int offset, int length) {
            bytes.add(length);
            try {
                program.write(ByteBuffer.wrap(buffer, offset, length));
            } catch (IOException gone) {
                dropped.increment(); // a datagram to nobody; the stream's own TCP finds out
            }
        }

        @Override
        public void peerGone(int region, NodePublicKey peer, PeerGoneReason reason) {
            // The handshake is tried again until the other end is there.
        }

        @Override
        public void disconnected(int region, String reason) {
            // The client connects again by itself.
        }
    }
}
