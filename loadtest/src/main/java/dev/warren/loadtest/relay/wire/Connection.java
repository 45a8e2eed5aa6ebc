package dev.warren.loadtest.relay.wire;

import dev.warren.platform.linux.TcpSocket;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.FrameType;
import dev.warren.protocol.derp.ProtocolException;
import dev.warren.protocol.key.NodePrivateKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** One client of a relay. Belongs to its {@link Loop}'s thread. */
public final class Connection implements InboundFrames.Sink {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** How far it is. */
    public enum Phase {
        /** The TCP handshake is under way. */
        CONNECTING,
        /** The TLS handshake is. */
        SECURING,
        /** The relay is asked to let the client in. */
        LOGGING_IN,
        /** Packets can be sent. */
        OPEN,
        /** It is over. */
        CLOSED
    }

    /** Told of what happens on a connection, on the loop's thread. */
    public interface Owner {
        /** The relay let the client in. */
        void opened(Connection connection);

        /** A packet of the load came, complete; {@code packet} is valid until this returns. */
        void packet(Connection connection, InboundFrames packet);

        /** All bytes of one read have been handled. */
        default void readDone(Connection connection) {}

        /** A packet came that is not of the load. */
        default void stranger(Connection connection) {}

        /** What waited is gone: more can be sent. */
        default void unblocked(Connection connection) {}

        /**
         * It failed or was ended by the relay; closing it oneself is not told.
         *
         * @param reason a half-sentence
         */
        void ended(Connection connection, String reason);
    }

    private final Loop loop;
    private final NodePrivateKey key;
    private final TcpSocket socket;
    private final Wire wire;
    private final int token;
    private final InboundFrames frames = new InboundFrames(this);
    private Owner owner;
    private Phase phase = Phase.CONNECTING;
    private @Nullable Login login;

    Connection(Loop loop, NodePrivateKey key, TcpSocket socket, Wire wire, int token, Owner owner) {
        this.loop = loop;
        this.key = key;
        this.socket = socket;
        this.wire = wire;
        this.token = token;
        this.owner = owner;
    }

    /** The key with which it logs in. */
    public NodePrivateKey key() {
        return key;
    }

    /** How far it is. */
    public Phase phase() {
        return phase;
    }

    /** How it is protected, for people. */
    public String protection() {
        return wire.protection();
    }

    /** From now on {@code next} is told. */
    public void hand(Owner next) {
        owner = next;
    }

    /** Whether bytes wait for the socket: what is sent now waits too. */
    public boolean isBlocked() {
        return !wire.backlog().isEmpty();
    }

    /**
     * Sends the first {@code length} bytes of {@link Loop#out}, frames of an open connection. What the socket does not
     * take is kept. A failure is told to the owner.
     */
    public void send(int length) {
        if (phase != Phase.OPEN) {
            return;
        }
        try {
            wire.send(length);
            if (isBlocked()) {
                loop.watch(this);
            }
        } catch (IOException broken) {
            fail(loop.why(broken));
        }
    }

    /** Stops the loop from reading, or lets it read again; {@link #read} works all the same. */
    public void pauseReading(boolean paused) {
        loop.pause(this, paused);
    }

    /** Takes at most {@code most} bytes off the socket and handles them. */
    public void read(int most) {
        try {
            readBytes(most);
        } catch (IOException broken) {
            fail(loop.why(broken));
        } catch (ProtocolException | UncheckedIOException wrong) {
            fail(loop.why(wrong));
        }
    }

    /** Closes it; the owner is not told. */
    public void close() {
        if (phase != Phase.CLOSED) {
            phase = Phase.CLOSED;
            wire.release();
            socket.close();
            loop.closed(this);
        }
    }

    int token() {
        return token;
    }

    int descriptor() {
        return socket.descriptor();
    }

    /** The socket can be written: it is connected, or takes more. */
    void writable() {
        try {
            if (phase == Phase.CONNECTING) {
                socket.finishConnect();
                phase = Phase.SECURING;
                wire.start();
                logInWhenReady();
                loop.watch(this);
            } else if (wire.backlog().flush()) {
                loop.watch(this);
                owner.unblocked(this);
            }
        } catch (IOException broken) {
            fail(loop.why(broken));
        }
    }

    void fail(String reason) {
        if (phase != Phase.CLOSED) {
            close();
            owner.ended(this, reason);
        }
    }

    private void readBytes(int most) throws IOException {
        if (phase == Phase.CONNECTING || phase == Phase.CLOSED) {
            return;
        }
        int kept = phase == Phase.OPEN ? frames.restore(loop.scratch().in) : 0;
        int count = wire.receive(kept, most);
        if (count == Wire.END) {
            fail(phase == Phase.OPEN ? "it closed the connection" : "it closed the connection before the login");
            return;
        }
        logInWhenReady();
        if (count > 0) {
            take(kept, count);
        }
        if (isBlocked()) {
            loop.watch(this);
        }
    }

    private void take(int kept, int count) {
        MemorySegment in = loop.scratch().in;
        Login pending = login;
        if (pending == null) {
            loop.tick();
            frames.take(in, kept + count);
            owner.readDone(this);
            return;
        }
        byte[] bytes = new byte[count];
        MemorySegment.copy(in, ValueLayout.JAVA_BYTE, kept, bytes, 0, count);
        pending.receive(bytes);
        if (pending.isDone()) {
            login = null;
            phase = Phase.OPEN;
            loop.opened(this);
            owner.opened(this);
            byte[] rest = pending.rest();
            if (phase == Phase.OPEN && rest.length > 0) {
                MemorySegment.copy(rest, 0, in, ValueLayout.JAVA_BYTE, 0, rest.length);
                frames.take(in, rest.length);
            }
        }
    }

    private void logInWhenReady() {
        if (phase == Phase.SECURING && wire.isReady()) {
            phase = Phase.LOGGING_IN;
            loop.began(this);
            login = new Login(loop.target(), key, loop.random(), this::transmit);
        }
    }

    private void transmit(byte[] bytes) {
        try {
            wire.send(bytes, loop.scratch());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    @Override
    public void packet(InboundFrames packet) {
        owner.packet(this, packet);
    }

    @Override
    public void stranger() {
        owner.stranger(this);
    }

    @Override
    public void other(int type, MemorySegment source, long offset, int length) {
        if (type == FrameType.PING.code() && length >= Long.BYTES) {
            transmit(FrameCodec.encode(new Frame.Pong(source.get(LONG, offset))));
        }
    }
}
