package dev.warren.relay.udp;

import dev.warren.platform.linux.Errno;
import dev.warren.platform.linux.GroBatch;
import dev.warren.platform.linux.GsoBatch;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.UdpFeatures;
import dev.warren.platform.linux.UdpSocket;
import dev.warren.protocol.udprelay.Disposition;
import dev.warren.protocol.udprelay.GeneveHeader;
import dev.warren.protocol.udprelay.UdpRelayServer;
import dev.warren.relay.udp.UdpRelayMetrics.SendDrop;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * One family's socket of a UDP relay. Datagrams that the kernel joined into a train on their way in (UDP_GRO) go on as a
 * train (UDP_SEGMENT), from the memory they came into and with the congestion mark that they came with (RFC 3168); only
 * challenges are copied. Belongs to the relay's thread.
 */
final class UdpPort implements AutoCloseable {
    /** Messages that one receive brings; each is a datagram, or a train of up to 64. */
    private static final int SLOTS = 32;
    /** More than slots: the datagrams of one train may have different ways to go. */
    private static final int MESSAGES = 2 * SLOTS;

    private static final int CHALLENGE_BYTES = 16_384;
    /** Ten times what any of them has. */
    private static final int MOST_CONTROL_BYTES = 2_048;
    /** Batches in one turn, so that a flood of one family leaves time for the other and for requests. */
    private static final int ROUNDS = 8;

    private static final ValueLayout.OfLong HEADER = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final UdpSocket socket;
    private final UdpRelayServer server;
    private final UdpRelayMetrics metrics;
    private final GroBatch received = new GroBatch(SLOTS);
    private final MemorySegment memory = received.memory();
    private final GsoBatch waiting = new GsoBatch(MESSAGES, CHALLENGE_BYTES, true);
    private final byte[] control = new byte[MOST_CONTROL_BYTES];
    private final UdpSocket.Refused onRefused = this::refused;
    private final boolean ipv6;
    /** Not yet told to the metrics: these are counted a batch at a time. */
    private long forwarded;

    private long forwardedBytes;
    private @Nullable UdpPort other;

    UdpPort(UdpSocket socket, boolean ipv6, UdpRelayServer server, UdpRelayMetrics metrics) {
        this.socket = socket;
        this.ipv6 = ipv6;
        this.server = server;
        this.metrics = metrics;
        socket.enable(new UdpFeatures(true, false, true));
    }

    /** The other family's. */
    void setOther(UdpPort port) {
        other = port;
    }

    /** Takes in what has come, and sends on what is to go on; whether more may wait. */
    boolean turn(long nowNanos) throws LinuxException {
        int count = SLOTS;
        for (int round = 0; round < ROUNDS && count == SLOTS; round++) {
            count = socket.receive(received);
            for (int i = 0; i < count; i++) {
                receive(i, nowNanos);
            }
            flush();
            if (other != null) {
                other.flush();
            }
        }
        publish();
        return count == SLOTS;
    }

    private void receive(int index, long nowNanos) throws LinuxException {
        int length = received.length(index);
        InetSocketAddress source = received.source(index);
        if (length < 0 || source == null) {
            // Not from a socket of ours: a slot holds the longest train that there can be, and both families are known.
            return;
        }
        long offset = received.offset(index);
        int segment = received.segmentBytes(index);
        int done = 0;
        do {
            int bytes = Math.min(segment, length - done);
            receive(source, received.ecn(index), offset + done, bytes, nowNanos);
            done += bytes;
        } while (done < length);
    }

    private void receive(InetSocketAddress source, int ecn, long offset, int length, long nowNanos)
            throws LinuxException {
        long header = length < GeneveHeader.LENGTH ? 0 : memory.get(HEADER, offset);
        Disposition disposition = server.receive(source, header, length, nowNanos);
        if (disposition == Disposition.CONTROL) {
            disposition = control(source, offset, length, nowNanos);
        }
        if (disposition == Disposition.FORWARDED) {
            forwarded++;
            forwardedBytes += length;
            forward(server.destination(), ecn, offset, length);
            return;
        }
        metrics.received(disposition, 1);
        if (disposition == Disposition.CHALLENGED) {
            answer(source, server.answer());
        }
    }

    private Disposition control(InetSocketAddress source, long offset, int length, long nowNanos) {
        if (length > control.length) {
            return Disposition.BAD_CONTROL;
        }
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, control, 0, length);
        return server.control(source, control, 0, length, nowNanos);
    }

    private void forward(InetSocketAddress destination, int ecn, long offset, int length) throws LinuxException {
        UdpPort port = destination.getAddress() instanceof Inet6Address == ipv6 ? this : other;
        if (port == null || !port.add(destination, ecn, memory, offset, length)) {
            metrics.sendDropped(SendDrop.NO_ROOM);
        }
    }

    private boolean add(InetSocketAddress destination, int ecn, MemorySegment from, long offset, int length)
            throws LinuxException {
        if (waiting.add(destination, null, ecn, from, offset, length)) {
            return true;
        }
        flush();
        return waiting.add(destination, null, ecn, from, offset, length);
    }

    private void answer(InetSocketAddress source, byte[] answer) throws LinuxException {
        if (!waiting.addCopy(source, null, 0, answer, 0, answer.length)) {
            flush();
            if (!waiting.addCopy(source, null, 0, answer, 0, answer.length)) {
                metrics.sendDropped(SendDrop.NO_ROOM);
            }
        }
    }

    private void flush() throws LinuxException {
        if (waiting.size() > 0 && !socket.send(waiting, onRefused)) {
            // The network takes no more: as in any router, what comes then is lost.
            for (int i = waiting.datagrams(); i > 0; i--) {
                metrics.sendDropped(SendDrop.SOCKET_FULL);
            }
            waiting.clear();
        }
    }

    private void publish() {
        if (forwarded > 0) {
            metrics.forwarded(forwardedBytes);
            metrics.received(Disposition.FORWARDED, forwarded);
            forwarded = 0;
            forwardedBytes = 0;
        }
    }

    private void refused(InetSocketAddress destination, int errno) {
        boolean full = errno == Errno.EAGAIN.number() || errno == Errno.ENOBUFS.number();
        metrics.sendDropped(full ? SendDrop.SOCKET_FULL : SendDrop.REFUSED);
    }

    @Override
    public void close() {
        socket.close();
    }
}
