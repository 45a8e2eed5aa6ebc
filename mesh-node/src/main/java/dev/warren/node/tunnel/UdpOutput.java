package dev.warren.node.tunnel;

import dev.warren.platform.linux.Errno;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.SendBatch;
import dev.warren.platform.linux.UdpSocket;
import java.net.InetSocketAddress;
import java.util.Set;

/** One family's way out: a batch that collects, and a socket that may be full. Belongs to the datapath thread. */
final class UdpOutput {
    private final UdpSocket socket;
    private final SendBatch batch;
    private final DatapathCounters counters;
    private final Set<InetSocketAddress> refused;
    private final UdpSocket.Refused onRefused = this::refused;
    private boolean blocked;
    private boolean watched;

    /** {@code refused} collects the destinations that the kernel did not take. */
    UdpOutput(UdpSocket socket, SendBatch batch, DatapathCounters counters, Set<InetSocketAddress> refused) {
        this.socket = socket;
        this.batch = batch;
        this.counters = counters;
        this.refused = refused;
    }

    UdpSocket socket() {
        return socket;
    }

    /** Whether datagrams wait because the socket's buffer is full: {@link #flush} when it is writable. */
    boolean isBlocked() {
        return blocked;
    }

    /** Whether the poller was asked to tell when the socket is writable. */
    boolean isWatched() {
        return watched;
    }

    void setWatched(boolean watched) {
        this.watched = watched;
    }

    boolean isEmpty() {
        return batch.size() == 0;
    }

    /** Adds a datagram; sends what is there first when the batch is full. */
    void add(InetSocketAddress destination, byte[] buffer, int offset, int length) throws LinuxException {
        if (batch.isFull() && !blocked) {
            flush();
        }
        boolean added = batch.add(destination, buffer, offset, length);
        counters.increment(added ? DatapathCounter.UDP_SENT : DatapathCounter.UDP_OVERFLOW);
    }

    /** The same behind eight bytes more, which are {@code header}, big-endian. */
    void add(InetSocketAddress destination, long header, byte[] buffer, int offset, int length) throws LinuxException {
        if (batch.isFull() && !blocked) {
            flush();
        }
        boolean added = batch.add(destination, header, buffer, offset, length);
        counters.increment(added ? DatapathCounter.UDP_SENT : DatapathCounter.UDP_OVERFLOW);
    }

    /** Sends what waits. */
    void flush() throws LinuxException {
        if (batch.size() > 0) {
            blocked = !socket.send(batch, onRefused);
        }
    }

    private void refused(InetSocketAddress destination, int errno) {
        if (errno == Errno.ENOBUFS.number()) {
            counters.increment(DatapathCounter.UDP_OVERFLOW); // the device's queue is full: says nothing about the path
            return;
        }
        counters.increment(DatapathCounter.UDP_REFUSED);
        refused.add(destination);
    }
}
