package dev.warren.loadtest.relay.wire;

import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.TcpSocket;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * DERP in TLS by the JDK's engine. It works on arrays, where its cipher is fastest; plaintext lies in native memory,
 * ciphertext is copied between the two.
 */
final class TlsWire implements Wire {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final TcpSocket socket;
    private final SSLEngine engine;
    private final Scratch scratch;
    private final Backlog backlog;
    private byte @Nullable [] record;
    private int recorded;
    private String protection = "TLS";
    private boolean ready;
    private boolean ended;

    TlsWire(TcpSocket socket, SSLEngine engine, Scratch scratch) {
        this.socket = socket;
        this.engine = engine;
        this.scratch = scratch;
        backlog = new Backlog(socket, scratch);
    }

    @Override
    public void start() throws IOException {
        engine.beginHandshake();
        advance(engine.getHandshakeStatus());
    }

    @Override
    public boolean isReady() {
        return ready;
    }

    @Override
    public int receive(int offset, int most) throws IOException {
        int count = socket.receive(scratch.cipher, 0, Math.min(most, Scratch.READ_BYTES));
        if (count <= 0) {
            return count;
        }
        ByteBuffer source = gathered(count);
        ByteBuffer target = scratch.inBuffer.clear().position(offset);
        try {
            open(source, target);
        } catch (SSLException broken) {
            sayWhy();
            throw broken;
        }
        keep(source);
        int plain = target.position() - offset;
        return plain == 0 && ended ? END : plain;
    }

    @Override
    public void send(int length) throws IOException {
        ByteBuffer source = scratch.outBuffer.clear().limit(length);
        ByteBuffer target = scratch.cipherOut.clear();
        while (source.hasRemaining()) {
            SSLEngineResult result = engine.wrap(source, target);
            if (result.getStatus() != SSLEngineResult.Status.OK) {
                throw new SSLException("the TLS connection is over");
            }
        }
        transmit(target.position());
    }

    @Override
    public Backlog backlog() {
        return backlog;
    }

    @Override
    public String protection() {
        return protection;
    }

    @Override
    public void release() {
        backlog.drop();
        TlsEngines.release(engine);
        if (record != null) {
            scratch.give(record);
            record = null;
        }
    }

    /** What was left of a record, and the {@code count} bytes that came now. */
    private ByteBuffer gathered(int count) {
        ByteBuffer source = scratch.cipherIn.clear();
        if (record != null) {
            source.put(record, 0, recorded);
            scratch.give(record);
            record = null;
        }
        int start = source.position();
        MemorySegment.copy(scratch.cipher, ValueLayout.JAVA_BYTE, 0, scratch.cipherInBytes, start, count);
        return source.position(0).limit(start + count);
    }

    private void keep(ByteBuffer source) throws SSLException {
        if (source.hasRemaining()) {
            if (source.remaining() > Scratch.RECORD_BYTES) {
                throw new SSLException("a TLS record is longer than it may be");
            }
            record = scratch.takeRecord();
            recorded = source.remaining();
            source.get(record, 0, recorded);
        }
    }

    private void open(ByteBuffer source, ByteBuffer target) throws IOException {
        while (source.hasRemaining()) {
            SSLEngineResult result = engine.unwrap(source, target);
            switch (result.getStatus()) {
                case OK -> advance(result.getHandshakeStatus());
                case BUFFER_UNDERFLOW -> {
                    return;
                }
                case CLOSED -> {
                    ended = true;
                    source.position(source.limit());
                }
                case BUFFER_OVERFLOW -> throw new SSLException("a TLS record is longer than it may be");
            }
        }
    }

    /** Does what the handshake needs beside reading. */
    private void advance(HandshakeStatus first) throws IOException {
        HandshakeStatus status = first;
        while (status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_WRAP) {
            if (status == HandshakeStatus.NEED_TASK) {
                Runnable task;
                while ((task = engine.getDelegatedTask()) != null) {
                    task.run();
                }
                status = engine.getHandshakeStatus();
            } else {
                ByteBuffer target = scratch.cipherOut.clear();
                status = engine.wrap(NOTHING, target).getHandshakeStatus();
                transmit(target.position());
            }
        }
        if (status == HandshakeStatus.FINISHED) {
            ready = true;
            protection = engine.getSession().getProtocol() + " "
                    + engine.getSession().getCipherSuite();
        }
    }

    /** Sends the first {@code length} bytes that the engine wrote. */
    private void transmit(int length) throws LinuxException {
        if (length > 0) {
            MemorySegment.copy(scratch.cipherOutBytes, 0, scratch.cipher, ValueLayout.JAVA_BYTE, 0, length);
            backlog.send(scratch.cipher, length);
        }
    }

    /** Sends the alert that the engine has ready, as far as that still works. */
    private void sayWhy() {
        try {
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                ByteBuffer target = scratch.cipherOut.clear();
                engine.wrap(NOTHING, target);
                transmit(target.position());
            }
        } catch (IOException alsoBroken) {
            // The first failure is the one that is told.
        }
    }
}
