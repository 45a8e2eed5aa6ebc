package dev.warren.loadtest.interop;

import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.HttpHead;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.Upgrade;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One DERP connection on a plain socket, for saying what no client says. A virtual thread reads it. */
final class DerpWire implements AutoCloseable {
    /** What {@link #next} gives when the relay has ended the connection. */
    static final String CLOSED = "closed";

    private static final String USUAL_LOGIN = "{\"version\":2,\"CanAckPings\":true}";

    final NodePrivateKey key;
    private final Socket socket;
    private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final NodePublicKey relay;

    private DerpWire(Socket socket, NodePrivateKey key, NodePublicKey relay) {
        this.socket = socket;
        this.key = key;
        this.relay = relay;
    }

    /** Upgraded, and told the relay's key; not logged in. */
    static DerpWire upgrade(int port, NodePrivateKey key) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(15));
        socket.getOutputStream().write(Upgrade.request("relay", null));
        DataInputStream in = new DataInputStream(socket.getInputStream());
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (HttpHead.length(head.toByteArray(), 0, head.size()) < 0) {
            head.write(in.readUnsignedByte());
        }
        if (!(read(in) instanceof Frame.ServerKey server)) {
            throw new IOException("the relay did not say its key");
        }
        DerpWire wire = new DerpWire(socket, key, server.key());
        Thread.ofVirtual().start(() -> wire.receive(in));
        return wire;
    }

    /** Logged in as Tailscale's client does. */
    static DerpWire login(int port, NodePrivateKey key) throws Exception {
        DerpWire wire = upgrade(port, key);
        wire.login(USUAL_LOGIN);
        if (!(wire.next() instanceof Frame.ServerHello)) {
            throw new IOException("the relay did not let the client in");
        }
        return wire;
    }

    static DerpWire login(int port) throws Exception {
        return login(port, NodePrivateKey.generate(new SecureRandom()));
    }

    NodePublicKey publicKey() {
        return key.publicKey();
    }

    /** Sends the login with this JSON in its box. */
    void login(String json) throws IOException {
        byte[] box = NaclBox.between(key, relay).seal(json.getBytes(StandardCharsets.UTF_8), new SecureRandom());
        send(new Frame.ClientHello(key.publicKey(), Payload.of(box)));
    }

    void send(Frame... frames) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Frame frame : frames) {
            all.writeBytes(FrameCodec.encode(frame));
        }
        raw(all.toByteArray());
    }

    /** A frame of {@code length} zero bytes of payload; a relay may close the connection while it is written. */
    void zeros(String type, int length) {
        try {
            raw(ByteBuffer.allocate(Frame.HEADER_LENGTH + length)
                    .put(Hex.bytes(type))
                    .putInt(length)
                    .array());
        } catch (IOException closed) {
            // The reader sees the same.
        }
    }

    void raw(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** The next frame, or {@link #CLOSED}. */
    Object next() throws InterruptedException {
        Object event = events.poll(15, TimeUnit.SECONDS);
        if (event == null) {
            throw new AssertionError("nothing came in time");
        }
        return event;
    }

    /**
     * What comes before the answer to the last of several pings. derper picks by chance which of its queues it writes
     * from, so one ping would not do.
     */
    List<Object> settled() throws Exception {
        List<Object> others = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Frame.Pong awaited = new Frame.Pong(System.nanoTime());
            ping(awaited.data());
            for (Object event = next(); !event.equals(awaited); event = next()) {
                others.add(event);
                if (event.equals(CLOSED)) {
                    return others;
                }
            }
        }
        return others;
    }

    /** Whether {@code expected} comes within a few milliseconds; what comes before it is dropped. */
    boolean has(Frame expected) throws InterruptedException {
        for (Object event = poll(); event != null; event = poll()) {
            if (event.equals(expected)) {
                return true;
            }
        }
        return false;
    }

    private @Nullable Object poll() throws InterruptedException {
        return events.poll(5, TimeUnit.MILLISECONDS);
    }

    /** "open" when the relay still answers, "closed" when it has ended the connection. */
    String state() throws Exception {
        return settled().contains(CLOSED) ? CLOSED : "open";
    }

    private void ping(long data) {
        try {
            send(new Frame.Ping(data));
        } catch (IOException closed) {
            // The reader sees the same.
        }
    }

    private void receive(DataInputStream in) {
        try {
            while (true) {
                events.add(read(in));
            }
        } catch (EOFException | SocketException ended) {
            events.add(CLOSED);
        } catch (IOException failed) {
            events.add(failed);
        }
    }

    private static Frame read(DataInputStream in) throws IOException {
        byte[] header = in.readNBytes(Frame.HEADER_LENGTH);
        if (header.length < Frame.HEADER_LENGTH) {
            throw new EOFException();
        }
        byte[] payload = in.readNBytes((int) FrameCodec.payloadLength(header, 0));
        ByteBuffer whole =
                ByteBuffer.allocate(header.length + payload.length).put(header).put(payload);
        return FrameCodec.decode(whole.array(), 0, whole.capacity());
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
