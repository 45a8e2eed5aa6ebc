package dev.warren.loadtest.relay.wire;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Moves DERP's bytes through one socket, in the clear or in TLS. */
sealed interface Wire permits PlainWire, TlsWire {
    /** What {@link #receive} answers at the end of the stream. */
    int END = -1;

    /** Begins, as soon as the socket is connected. */
    void start() throws IOException;

    /** Whether DERP's bytes can be sent. */
    boolean isReady();

    /**
     * Reads into {@link Scratch#in}.
     *
     * @param offset where to
     * @param most how many bytes to take off the socket at most
     * @return how many bytes of plaintext came; 0 when none did, {@link #END} at the end
     */
    int receive(int offset, int most) throws IOException;

    /** Sends {@code length} bytes from the start of {@link Scratch#out}; what the socket does not take waits. */
    void send(int length) throws IOException;

    /** The writing side. */
    Backlog backlog();

    /** How the connection is protected, for people: {@code plain TCP}, or the TLS version and cipher suite. */
    String protection();

    /** Gives shared memory back. */
    void release();

    /** Copies bytes that are no packets (logins, pongs) to where {@link #send} takes them from, and sends them. */
    default void send(byte[] bytes, Scratch scratch) throws IOException {
        MemorySegment.copy(bytes, 0, scratch.out, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, bytes.length);
        send(bytes.length);
    }
}
