package dev.warren.relay;

import dev.warren.platform.tls.Pin;
import dev.warren.platform.tls.PinnedTrust;
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
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A DERP client on a plain socket, read by a virtual thread; every frame it gets waits in a queue. */
final class TestClient implements AutoCloseable, ClientSession.Events {
    /** What {@link #next} gives when the relay has ended the connection. */
    static final String END = "end";

    final NodePrivateKey key;
    final Socket socket;
    final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    /** What the relay says about the connection, apart from the rest. */
    final BlockingQueue<Object> health = new LinkedBlockingQueue<>();
    /** Whoever holds it keeps the client from reading. */
    final Semaphore reading = new Semaphore(1);

    private final ByteArrayOutputStream early = new ByteArrayOutputStream();
    private @Nullable ClientSession session;
    private boolean started;
    private ClientInfo info = ClientInfo.node();
    private @Nullable String idealNode;

    private TestClient(Socket socket, NodePrivateKey key) {
        this.socket = socket;
        this.key = key;
    }

    /** Connects in plaintext and waits until it is let in. */
    static TestClient connect(int port) throws Exception {
        return connect(port, NodePrivateKey.generate(new SecureRandom()));
    }

    static TestClient connect(int port, NodePrivateKey key) throws Exception {
        TestClient client = start(port, key);
        if (!(client.next() instanceof ServerInfo)) {
            throw new AssertionError("the relay did not let the client in");
        }
        return client;
    }

    /** Another relay of the region, as far as the relay at {@code port} can see. */
    static TestClient meshPeer(int port, MeshKey meshKey, NodePrivateKey key) throws Exception {
        return connect(port, key, new ClientInfo(meshKey, ClientInfo.VERSION, true, false, ""));
    }

    /** A client that would rather be at another relay of the region. */
    static TestClient away(int port) throws Exception {
        return connect(port, NodePrivateKey.generate(new SecureRandom()), ClientInfo.node(), "900b");
    }

    static TestClient connect(int port, NodePrivateKey key, ClientInfo info) throws Exception {
        return connect(port, key, info, null);
    }

    private static TestClient connect(int port, NodePrivateKey key, ClientInfo info, @Nullable String idealNode)
            throws Exception {
        TestClient client = new TestClient(new Socket(InetAddress.getLoopbackAddress(), port), key);
        client.info = info;
        client.idealNode = idealNode;
        begin(client, null);
        if (!(client.next() instanceof ServerInfo)) {
            throw new AssertionError("the relay did not let the client in");
        }
        return client;
    }

    /** Connects in plaintext, sends its login and does not wait. */
    static TestClient start(int port, NodePrivateKey key) throws IOException {
        return begin(new TestClient(new Socket(InetAddress.getLoopbackAddress(), port), key), null);
    }

    static NodePrivateKey newKey() {
        return NodePrivateKey.generate(new SecureRandom());
    }

    /** As {@link #start}, of a client that would rather be at the node {@code idealNode}. */
    static TestClient start(int port, NodePrivateKey key, String idealNode) throws IOException {
        TestClient client = new TestClient(new Socket(InetAddress.getLoopbackAddress(), port), key);
        client.idealNode = idealNode;
        return begin(client, null);
    }

    /** Sends a login over {@code socket}, which is connected, and does not wait. */
    static TestClient over(Socket socket) throws IOException {
        return begin(new TestClient(socket, NodePrivateKey.generate(new SecureRandom())), null);
    }

    static TestClient tls(int port, Pin pin, String version) throws Exception {
        SSLSocket socket = (SSLSocket) PinnedTrust.clientContext(Set.of(pin))
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setEnabledProtocols(new String[] {version});
        return begin(new TestClient(socket, NodePrivateKey.generate(new SecureRandom())), null);
    }

    /** Starts fast: request, login and {@code more} frames in one write. */
    static TestClient fast(int port, NodePublicKey serverKey, Frame... more) throws IOException {
        TestClient client = new TestClient(
                new Socket(InetAddress.getLoopbackAddress(), port), NodePrivateKey.generate(new SecureRandom()));
        return begin(client, serverKey, more);
    }

    private static TestClient begin(TestClient client, @Nullable NodePublicKey serverKey, Frame... more)
            throws IOException {
        SecureRandom random = new SecureRandom();
        client.session = serverKey == null
                ? ClientSession.start(
                        client.key, client.info, Upgrade.request("relay", client.idealNode), random, client)
                : ClientSession.startFast(
                        client.key, client.info, Upgrade.fastRequest("relay"), serverKey, random, client);
        for (Frame frame : more) {
            client.early.writeBytes(FrameCodec.encode(frame));
        }
        client.started = true;
        client.raw(client.early.toByteArray());
        Thread.ofVirtual().start(client::read);
        return client;
    }

    NodePublicKey publicKey() {
        return key.publicKey();
    }

    void send(Frame... frames) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Frame frame : frames) {
            all.writeBytes(FrameCodec.encode(frame));
        }
        raw(all.toByteArray());
    }

    void raw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** The next frame, or {@link #END}. */
    Object next() throws InterruptedException {
        Object event = events.poll(10, TimeUnit.SECONDS);
        if (event == null) {
            throw new AssertionError("nothing came in time");
        }
        return event;
    }

    /** What is there after a ping went forth and back, behind which nothing earlier can still be on its way. */
    BlockingQueue<Object> settled() throws Exception {
        long data = System.nanoTime();
        send(new Frame.Ping(data));
        BlockingQueue<Object> before = new LinkedBlockingQueue<>();
        for (Object event = next(); !event.equals(new Frame.Pong(data)); event = next()) {
            before.add(event);
        }
        return before;
    }

    private void read() {
        byte[] buffer = new byte[64 << 10];
        try {
            InputStream in = socket.getInputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                reading.acquireUninterruptibly();
                reading.release();
                java.util.Objects.requireNonNull(session).receive(buffer, 0, count);
            }
        } catch (IOException reset) {
            // The same to a client as an end.
        }
        events.add(END);
    }

    @Override
    public void transmit(byte[] bytes) {
        if (!started) {
            early.writeBytes(bytes);
            return;
        }
        try {
            raw(bytes);
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    @Override
    public void connected(ServerInfo info) {
        events.add(info);
    }

    @Override
    public void packet(NodePublicKey source, byte[] buffer, int offset, int length) {
        events.add(new Frame.RecvPacket(source, Payload.of(buffer, offset, length)));
    }

    @Override
    public void frame(Frame frame) {
        (frame instanceof Frame.Health ? health : events).add(frame);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
