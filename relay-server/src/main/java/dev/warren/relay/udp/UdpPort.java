package dev.warren.relay.udp;

import dev.warren.platform.linux.Errno;
import dev.warren.platform.linux.ForwardBatch;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.ReceiveBatch;
import dev.warren.platform.linux.SendBatch;
import dev.warren.platform.linux.UdpSocket;
import dev.warren.protocol.udprelay.Disposition;
import dev.warren.protocol.udprelay.UdpRelayServer;
import dev.warren.relay.udp.UdpRelayMetrics.SendDrop;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One family's socket of a UDP relay. Data leaves from the memory it came into; challenges, and what goes to the other
 * family, are copied. Belongs to the relay's thread.
 */
final class UdpPort implements AutoCloseable {
    private static final int SLOTS = 128;
    /** The longest datagram on an Ethernet with jumbo frames; WireGuard's own are at most 1,500 mostly. */
    private static final int SLOT_BYTES = 9_216;
    /** Batches in one turn, so that a flood of one family leaves time for the other and for requests. */
    private static final int ROUNDS = 8;

    final UdpSocket socket;
    private final UdpRelayServer server;
    private final UdpRelayMetrics metrics;
    private final ForwardBatch batch = new ForwardBatch(SLOTS, SLOT_BYTES);
    private final SendBatch copies = new SendBatch(SLOTS, SLOT_BYTES);
    private final byte[] control = new byte[SLOT_BYTES];
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
    }

    /** The other family's. */
    void setOther(UdpPort port) {
        other = port;
    }

    /** Takes in what has come, and sends on what is to go on; whether more may wait. */
    boolean turn(long nowNanos) throws LinuxException {
        int count = SLOTS;
        for (int round = 0; round < ROUNDS && count == SLOTS; round++) {
            count = socket.receive(batch.received());
            for (int i = 0; i < count; i++) {
                receive(i, nowNanos);
            }
            socket.forward(batch, onRefused);
            flush();
            if (other != null) {
                other.flush();
            }
        }
        publish();
        return count == SLOTS;
    }

    private void receive(int index, long nowNanos) {
        ReceiveBatch received = batch.received();
        int length = received.length(index);
        InetSocketAddress source = received.source(index);
        if (length < 0 || source == null) {
            metrics.truncated();
            return;
        }
        Disposition disposition = server.receive(source, received.head(index), length, nowNanos);
        if (disposition == Disposition.CONTROL) {
            received.copy(index, control, 0);
            disposition = server.control(source, control, 0, length, nowNanos);
        }
        if (disposition == Disposition.FORWARDED) {
            forwarded++;
            forwardedBytes += length;
            forward(index, server.destination());
            return;
        }
        metrics.received(disposition, 1);
        if (disposition == Disposition.CHALLENGED) {
            byte[] answer = server.answer();
            if (!copies.add(source, answer, 0, answer.length)) {
                metrics.sendDropped(SendDrop.NO_ROOM);
            }
        }
    }

    private void forward(int index, InetSocketAddress destination) {
        if (destination.getAddress() instanceof Inet6Address == ipv6) {
            batch.forward(index, destination);
        } else if (other == null || !batch.copyTo(other.copies, index, destination)) {
            metrics.sendDropped(SendDrop.NO_ROOM);
        }
    }

    private void flush() throws LinuxException {
        if (copies.size() > 0 && !socket.send(copies, onRefused)) {
            // The network takes no more: as in any router, what comes then is lost.
            for (int i = copies.size(); i > 0; i--) {
                metrics.sendDropped(SendDrop.SOCKET_FULL);
            }
            copies.clear();
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
