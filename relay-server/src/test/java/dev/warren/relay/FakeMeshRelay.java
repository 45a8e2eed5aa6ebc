package dev.warren.relay;

import dev.warren.protocol.derp.ClientInfo;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.FrameReader;
import dev.warren.protocol.derp.HttpHead;
import dev.warren.protocol.derp.ProtocolException;
import dev.warren.protocol.derp.RelayAddresses;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.protocol.derp.ServerSession;
import dev.warren.protocol.derp.Upgrade;
import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Another relay of the region that says and hears what a test wants; takes one link at a time. */
final class FakeMeshRelay implements AutoCloseable, ServerSession.Events {
    /** What the link sent, and the mesh key of each login. */
    final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    /** Whoever holds it keeps the relay from reading. */
    final Semaphore reading = new Semaphore(1);

    private final NodePrivateKey key = NodePrivateKey.generate(new SecureRandom());
    private final ServerSocket listener;
    private volatile @Nullable Socket link;
    private ServerSession session = new ServerSession(key, new SecureRandom(), this);

    FakeMeshRelay() throws IOException {
        listener = new ServerSocket(0, 4, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
    }

    /** How to link to it. */
    DerpNode node() {
        return RelayAddresses.parse("127.0.0.1:" + listener.getLocalPort() + ",plaintext")
                .getFirst();
    }

    /** Waits until the link asked for the clients, and tells of {@code present}. */
    void welcome(NodePublicKey... present) throws InterruptedException {
        Object event = next();
        while (!(event instanceof Frame.WatchConns)) {
            event = next();
        }
        for (NodePublicKey each : present) {
            transmit(new Frame.PeerPresent(each, null, Frame.PeerPresent.REGULAR));
        }
    }

    Object next() throws InterruptedException {
        Object event = events.poll(10, TimeUnit.SECONDS);
        if (event == null) {
            throw new AssertionError("the link sent nothing in time");
        }
        return event;
    }

    void breakLink() throws IOException {
        Socket now = link;
        if (now != null) {
            now.close();
        }
    }

    private void serve() {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                link = socket;
                talk(socket);
            } catch (IOException | ProtocolException ended) {
                // The next one, if there is one.
                link = null;
            }
        }
    }

    private void talk(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[64 << 10];
        int filled = 0;
        while (HttpHead.length(buffer, 0, filled) < 0) {
            filled += Math.max(0, in.read(buffer, filled, buffer.length - filled));
        }
        socket.getOutputStream().write(Upgrade.answer(key.publicKey()));
        session = new ServerSession(key, new SecureRandom(), this);
        FrameReader reader = new FrameReader(session);
        session.start();
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            reading.acquireUninterruptibly();
            reading.release();
            reader.receive(buffer, 0, count);
        }
    }

    @Override
    public void transmit(Frame frame) {
        Socket now = link;
        try {
            if (now != null) {
                now.getOutputStream().write(FrameCodec.encode(frame));
                now.getOutputStream().flush();
            }
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    @Override
    public void login(NodePublicKey from, ClientInfo info) {
        MeshKey claimed = info.meshKey();
        events.add(claimed == null ? "no mesh key" : claimed);
        session.admitMeshPeer(ServerInfo.unlimited());
    }

    @Override
    public void frame(Frame frame) {
        events.add(frame);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        breakLink();
    }
}
