package dev.warren.loadtest.relay.wire;

import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.TcpSocket;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The writing side of a socket: what the kernel does not take at once waits here. */
final class Backlog {
    private final TcpSocket socket;
    private final Scratch scratch;
    private @Nullable MemorySegment waiting;
    private int from;
    private int to;

    Backlog(TcpSocket socket, Scratch scratch) {
        this.socket = socket;
        this.scratch = scratch;
    }

    boolean isEmpty() {
        return waiting == null;
    }

    /** Sends {@code length} bytes from the start of {@code source}, now or later. */
    void send(MemorySegment source, int length) throws LinuxException {
        int sent = waiting == null ? socket.send(source, 0, length) : 0;
        if (sent < length) {
            keep(source, sent, length - sent);
        }
    }

    /** Sends what waits, as far as it goes; whether nothing waits any more. */
    boolean flush() throws LinuxException {
        MemorySegment rest = waiting;
        if (rest == null) {
            return true;
        }
        from += socket.send(rest, from, to - from);
        if (from < to) {
            return false;
        }
        drop();
        return true;
    }

    /** Forgets what waits. */
    void drop() {
        if (waiting != null) {
            scratch.give(waiting);
        }
        waiting = null;
        from = 0;
        to = 0;
    }

    private void keep(MemorySegment source, int offset, int length) {
        MemorySegment target = waiting;
        if (target == null) {
            target = scratch.take(length);
        } else if (to + length > target.byteSize()) {
            MemorySegment longer = scratch.take(Math.max(2 * to, to + length));
            MemorySegment.copy(target, 0, longer, 0, to);
            scratch.give(target);
            target = longer;
        }
        MemorySegment.copy(source, offset, target, to, length);
        to += length;
        waiting = target;
    }
}
