package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.IPPROTO_UDP;
import static dev.warren.platform.linux.Constants.O_NONBLOCK;
import static dev.warren.platform.linux.Constants.SOL_SOCKET;
import static dev.warren.platform.linux.Constants.SO_MARK;
import static dev.warren.platform.linux.Constants.SO_RCVBUF;
import static dev.warren.platform.linux.Constants.UDP_SEGMENT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A non-blocking UDP socket of one family that moves datagrams in batches (recvmmsg, sendmmsg). Belongs to one thread;
 * any thread may close it.
 *
 * <p>The network's troubles never end it: errors that ICMP brought in are skipped when receiving, and when sending each
 * refused datagram is told to the caller and the rest goes on.
 */
public final class UdpSocket implements AutoCloseable {
    private final Descriptor descriptor;
    private final int port;
    private @Nullable InetSocketAddress remote;
    private int receiveError;

    private UdpSocket(Descriptor descriptor, int port) {
        this.descriptor = descriptor;
        this.port = port;
    }

    /** Told once for each datagram that the kernel refused. */
    @FunctionalInterface
    public interface Refused {
        /** {@code errno} is positive: ENETUNREACH, EPERM (a firewall), EMSGSIZE ... */
        void refused(InetSocketAddress destination, int errno);
    }

    /**
     * Opens a socket on {@code address}; port 0 lets the kernel choose. The family is the address's; an IPv6 socket
     * takes IPv6 only.
     */
    public static UdpSocket bind(InetSocketAddress address, UdpOptions options) throws LinuxException {
        Descriptor descriptor = new UdpBinding(O_NONBLOCK, false, false).open(address, options);
        try {
            UdpSocket socket =
                    new UdpSocket(descriptor, UdpBinding.address(descriptor).getPort());
            if (options.mark() != 0) {
                socket.setMark(options.mark());
            }
            return socket;
        } catch (LinuxException refused) {
            descriptor.close();
            throw refused;
        }
    }

    /**
     * Ties the socket to {@code remote}: only datagrams from there arrive, those without a destination go there, and
     * ICMP errors (a closed port) are told by {@link #send} and {@link #receiveError}.
     *
     * @return the address and port that the other side sees, as far as this machine knows
     */
    public InetSocketAddress connect(InetSocketAddress remote) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(SocketAddresses.BYTES, 8);
            int length = SocketAddresses.write(remote, name, 0);
            LinuxException.check(
                    Libc.connect(descriptor.number(), name, length),
                    "reach " + remote.getAddress().getHostAddress());
            this.remote = remote;
            return UdpBinding.address(descriptor);
        }
    }

    /** The port it is bound to. */
    public int port() {
        return port;
    }

    /** The descriptor, for a {@link Poller}. */
    public int descriptor() {
        return descriptor.number();
    }

    /** Marks all further datagrams for policy routing; 0 takes the mark away. Needs CAP_NET_ADMIN. */
    public void setMark(int mark) throws LinuxException {
        int result = descriptor.setOption(SOL_SOCKET, SO_MARK, mark);
        if (result == -Errno.EPERM.number()) {
            throw new LinuxException(
                    "Cannot set the firewall mark " + mark + " on the UDP socket: it needs CAP_NET_ADMIN.", -result);
        }
        LinuxException.check(result, "set the firewall mark " + mark);
    }

    /**
     * From now on a datagram that is longer than {@code bytes} goes out as a train of datagrams of that length, the
     * last of which may be shorter; at most 64. It costs the kernel little more than one (UDP_SEGMENT).
     */
    public void setSegment(int bytes) throws LinuxException {
        LinuxException.check(
                descriptor.setOption(IPPROTO_UDP, UDP_SEGMENT, bytes), "send UDP in segments of " + bytes + " bytes");
    }

    /** The firewall mark of what it sends; 0 for none. */
    public int mark() {
        return descriptor.option(SOL_SOCKET, SO_MARK);
    }

    /** The size in bytes that the kernel grants for receiving; it counts its own overhead, so it is the double. */
    public int receiveBufferBytes() {
        return descriptor.option(SOL_SOCKET, SO_RCVBUF);
    }

    /**
     * Reads what is there, at most the batch's number of slots.
     *
     * @return how many datagrams the batch holds now; 0 when there were none
     * @throws LinuxException when the socket is unusable (closed)
     */
    public int receive(ReceiveBatch batch) throws LinuxException {
        MessageVector vector = batch.prepare();
        int count = remote == null
                ? Libc.recvmmsgAgain(descriptor.number(), vector.headersFrom(0), vector.slots(), 0)
                : Libc.recvmmsg(descriptor.number(), vector.headersFrom(0), vector.slots(), 0);
        receiveError = Math.max(0, -count);
        if (count < 0) {
            if (count == -Errno.EBADF.number()) {
                throw LinuxException.cannot("read the UDP socket on port " + port, count);
            }
            return 0; // Nothing there, a signal, or an ICMP error of an earlier datagram: reading took it off.
        }
        batch.received(count);
        return count;
    }

    /** The error number (positive) that the last {@link #receive} met, mostly EAGAIN; 0 when it brought something. */
    public int receiveError() {
        return receiveError;
    }

    /**
     * Sends what waits in the batch, in order. What stays behind when the socket's buffer is full can be sent when the
     * poller says writable.
     *
     * @return whether all of it is gone (sent or refused)
     */
    public boolean send(SendBatch batch, Refused refused) throws LinuxException {
        while (batch.size() > 0) {
            int sent = sendMessages(batch.waiting(), batch.size());
            if (sent > 0) {
                batch.remove(sent);
            } else if (sent == -Errno.EAGAIN.number()) {
                return false;
            } else if (sent == -Errno.EBADF.number()) {
                throw LinuxException.cannot("write to the UDP socket on port " + port, sent);
            } else if (sent != -Errno.EINTR.number()) {
                // The kernel tells the error of the first one only; those before it have been sent.
                InetSocketAddress destination = Objects.requireNonNullElse(batch.firstDestination(), remote);
                batch.remove(1);
                refused.refused(destination, -sent);
            }
        }
        return true;
    }

    /**
     * Sends the datagrams that the batch marks, in order, from where they were received. What the kernel does not take
     * now is refused: with EAGAIN when the socket's buffer is full.
     */
    public void forward(ForwardBatch batch, Refused refused) throws LinuxException {
        for (int next = batch.nextMarked(0); next >= 0; next = batch.nextMarked(next)) {
            int sent = sendMessages(batch.headersFrom(next), batch.markedFrom(next));
            if (sent > 0) {
                next += sent;
            } else if (sent == -Errno.EBADF.number()) {
                throw LinuxException.cannot("write to the UDP socket on port " + port, sent);
            } else if (sent != -Errno.EINTR.number()) {
                refused.refused(batch.destination(next), -sent);
                next++;
            }
        }
        batch.clear();
    }

    /** Only a connected socket keeps what ICMP told of it, and loses it to the first call that asks. */
    private int sendMessages(MemorySegment messages, int count) {
        return remote == null
                ? Libc.sendmmsgAgain(descriptor.number(), messages, count, 0)
                : Libc.sendmmsg(descriptor.number(), messages, count, 0);
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
