package dev.warren.node.tunnel;

import dev.warren.platform.linux.Errno;
import dev.warren.platform.linux.GsoBatch;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.LocalSource;
import dev.warren.platform.linux.UdpSocket;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One family's way out: a batch that collects, and a socket that may be full. Belongs to the datapath thread. */
final class UdpOutput {
    private final UdpSocket socket;
    private final GsoBatch batch;
    private final DatapathCounters counters;
    private final OffloadSwitches switches;
    private final Set<InetSocketAddress> refused;
    private final Refusals onRefused = new Refusals();
    private final Map<InetSocketAddress, LocalSource> staleSources;
    private boolean blocked;
    private boolean watched;

    /**
     * {@code refused} collects the destinations that the kernel did not take, {@code staleSources} those that it reached
     * from another address than was asked for.
     */
    UdpOutput(
            UdpSocket socket,
            GsoBatch batch,
            DatapathCounters counters,
            OffloadSwitches switches,
            Set<InetSocketAddress> refused,
            Map<InetSocketAddress, LocalSource> staleSources) {
        this.socket = socket;
        this.batch = batch;
        this.counters = counters;
        this.switches = switches;
        this.refused = refused;
        this.staleSources = staleSources;
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

    /** Adds a copy of a datagram; sends first what is there when there is no room. */
    void addCopy(InetSocketAddress destination, byte[] buffer, int offset, int length) throws LinuxException {
        boolean added = batch.addCopy(destination, null, 0, buffer, offset, length);
        if (!added && flushed()) {
            added = batch.addCopy(destination, null, 0, buffer, offset, length);
        }
        count(added);
    }

    /** The same out of memory that will be used again, behind eight bytes more, which are {@code header}, big-endian. */
    void addCopy(InetSocketAddress destination, long header, MemorySegment memory, long offset, int length)
            throws LinuxException {
        boolean added = batch.addCopy(destination, null, 0, header, memory, offset, length);
        if (!added && flushed()) {
            added = batch.addCopy(destination, null, 0, header, memory, offset, length);
        }
        count(added);
    }

    /** The same without a header. */
    void addCopy(
            InetSocketAddress destination,
            @Nullable LocalSource source,
            int trafficClass,
            MemorySegment memory,
            long offset,
            int length)
            throws LinuxException {
        boolean added = batch.addCopy(destination, source, trafficClass, memory, offset, length);
        if (!added && flushed()) {
            added = batch.addCopy(destination, source, trafficClass, memory, offset, length);
        }
        count(added);
    }

    /** Adds a datagram that stays where it is until all is sent. */
    void add(
            InetSocketAddress destination,
            @Nullable LocalSource source,
            int trafficClass,
            MemorySegment memory,
            long offset,
            int length)
            throws LinuxException {
        boolean added = batch.add(destination, source, trafficClass, memory, offset, length);
        if (!added && flushed()) {
            added = batch.add(destination, source, trafficClass, memory, offset, length);
        }
        count(added);
    }

    private boolean flushed() throws LinuxException {
        if (!blocked) {
            flush();
        }
        return !blocked;
    }

    private void count(boolean added) {
        counters.increment(added ? DatapathCounter.UDP_SENT : DatapathCounter.UDP_OVERFLOW);
    }

    /** The network is another: what the kernel refused on the old way may pass on the new one. */
    void networkChanged() {
        batch.forgetLimits(switches.isOn(Offload.UDP_GSO));
    }

    /** Sends what waits. */
    void flush() throws LinuxException {
        if (batch.size() > 0) {
            blocked = !socket.send(batch, onRefused);
        }
    }

    /** What the kernel did not take, or not as it was given. */
    private final class Refusals implements UdpSocket.Refused {
        @Override
        public void refused(InetSocketAddress destination, int errno) {
            if (errno == Errno.ENOBUFS.number()) {
                counters.increment(
                        DatapathCounter.UDP_OVERFLOW); // the device's queue is full: says nothing about the path
                return;
            }
            counters.increment(DatapathCounter.UDP_REFUSED);
            refused.add(destination);
        }

        @Override
        public void trainRefused(InetSocketAddress destination, int segmentBytes) {
            counters.increment(DatapathCounter.UDP_TRAIN_REFUSED);
        }

        @Override
        public void trainsRefused(InetSocketAddress destination) {
            counters.increment(DatapathCounter.UDP_TRAINS_REFUSED);
            switches.refused(Offload.UDP_GSO);
        }

        @Override
        public void sourceRefused(InetSocketAddress destination, LocalSource source) {
            counters.increment(DatapathCounter.UDP_SOURCE_REFUSED);
            staleSources.put(destination, source);
        }
    }
}
