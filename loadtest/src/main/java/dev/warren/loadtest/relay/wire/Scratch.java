package dev.warren.loadtest.relay.wire;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The buffers of one thread, which all its connections share: a connection has bytes of its own only while a frame, a
 * TLS record or a write is partial. Belongs to that thread.
 */
final class Scratch {
    /** The most that one read takes off a socket. */
    static final int READ_BYTES = 224 << 10;
    /** More than the longest TLS record (RFC 8446 section 5.2: 5 + 2^14 + 256). */
    static final int RECORD_BYTES = 17 << 10;

    private static final int IN_BYTES = READ_BYTES + 4 * RECORD_BYTES;
    private static final int RECORD_PLAIN_BYTES = 16 << 10;
    private static final int PENDING_BYTES = 64 << 10;

    private final Arena arena = Arena.ofAuto();
    private final Deque<MemorySegment> pendings = new ArrayDeque<>();
    private final Deque<byte[]> records = new ArrayDeque<>();

    /** Plaintext from a server; what was left of a frame comes first. */
    final MemorySegment in = arena.allocate(IN_BYTES, 64);
    /** The same memory. */
    final ByteBuffer inBuffer = in.asByteBuffer();
    /** Plaintext for a server. */
    final MemorySegment out;
    /** The same memory. */
    final ByteBuffer outBuffer;
    /** Ciphertext on its way from or to a socket. */
    final MemorySegment cipher;
    /** Ciphertext for the engine, which is fastest on arrays. */
    final byte[] cipherInBytes;
    /** The same array. */
    final ByteBuffer cipherIn;
    /** Ciphertext from the engine. */
    final byte[] cipherOutBytes;
    /** The same array. */
    final ByteBuffer cipherOut;

    /**
     * Buffers for one thread.
     *
     * @param outBytes the longest write
     * @param tls whether the ciphertext's buffers are needed
     */
    Scratch(int outBytes, boolean tls) {
        out = arena.allocate(outBytes, 64);
        outBuffer = out.asByteBuffer();
        int sealedBytes = tls ? outBytes + (outBytes / RECORD_PLAIN_BYTES + 3) * RECORD_BYTES / 4 + RECORD_BYTES : 0;
        cipher = arena.allocate(Math.max(sealedBytes, READ_BYTES), 64);
        cipherInBytes = new byte[tls ? READ_BYTES + RECORD_BYTES : 0];
        cipherIn = ByteBuffer.wrap(cipherInBytes);
        cipherOutBytes = new byte[sealedBytes];
        cipherOut = ByteBuffer.wrap(cipherOutBytes);
    }

    /** Memory for what a socket did not take, at least {@code bytes}; {@link #give} it back. */
    MemorySegment take(int bytes) {
        if (bytes > PENDING_BYTES) {
            return Arena.ofAuto().allocate(bytes);
        }
        MemorySegment pooled = pendings.poll();
        return pooled == null ? Arena.ofAuto().allocate(PENDING_BYTES) : pooled;
    }

    void give(MemorySegment pending) {
        if (pending.byteSize() == PENDING_BYTES) {
            pendings.push(pending);
        }
    }

    /** An array for a partial TLS record; {@link #give} it back. */
    byte[] takeRecord() {
        byte[] pooled = records.poll();
        return pooled == null ? new byte[RECORD_BYTES] : pooled;
    }

    void give(byte[] record) {
        records.push(record);
    }
}
