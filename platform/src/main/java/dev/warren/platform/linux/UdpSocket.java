package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.AF_INET;
import static dev.warren.platform.linux.Constants.AF_INET6;
import static dev.warren.platform.linux.Constants.IPPROTO_IPV6;
import static dev.warren.platform.linux.Constants.IPPROTO_UDP;
import static dev.warren.platform.linux.Constants.IPV6_V6ONLY;
import static dev.warren.platform.linux.Constants.O_CLOEXEC;
import static dev.warren.platform.linux.Constants.O_NONBLOCK;
import static dev.warren.platform.linux.Constants.SOCK_DGRAM;
import static dev.warren.platform.linux.Constants.SOL_SOCKET;
import static dev.warren.platform.linux.Constants.SO_MARK;
import static dev.warren.platform.linux.Constants.SO_RCVBUF;
import static dev.warren.platform.linux.Constants.SO_RCVBUFFORCE;
import static dev.warren.platform.linux.Constants.SO_SNDBUF;
import static dev.warren.platform.linux.Constants.SO_SNDBUFFORCE;
import static dev.warren.platform.linux.Constants.UDP_SEGMENT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
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
        boolean six = address.getAddress() instanceof Inet6Address;
        String family = six ? "IPv6" : "IPv4";
        Descriptor descriptor = new Descriptor(LinuxException.check(
                Libc.socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | O_NONBLOCK | O_CLOEXEC, 0),
                "open a UDP socket for " + family));
        try {
            if (six) {
                LinuxException.check(descriptor.setOption(IPPROTO_IPV6, IPV6_V6ONLY, 1), "keep the UDP socket to IPv6");
            }
            buffer(descriptor, SO_RCVBUFFORCE, SO_RCVBUF, options.receiveBufferBytes());
            buffer(descriptor, SO_SNDBUFFORCE, SO_SNDBUF, options.sendBufferBytes());
            UdpSocket socket = new UdpSocket(descriptor, bindTo(descriptor, address));
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
            return nameOf(descriptor, arena, name);
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
                ? Libc.recvmmsgAgain(descriptor.number(), vector.headersFrom(0), vector.slots())
                : Libc.recvmmsg(descriptor.number(), vector.headersFrom(0), vector.slots());
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

    private static void buffer(Descriptor descriptor, int forceOption, int option, int bytes) {
        if (descriptor.setOption(SOL_SOCKET, forceOption, bytes) < 0) {
            // Without CAP_NET_ADMIN the machine's limit holds; smaller buffers work, only worse.
            descriptor.setOption(SOL_SOCKET, option, bytes);
        }
    }

    private static int bindTo(Descriptor descriptor, InetSocketAddress address) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(SocketAddresses.BYTES, 8);
            int length = SocketAddresses.write(address, name, 0);
            int result = Libc.bind(descriptor.number(), name, length);
            if (result < 0) {
                throw bindFailure(address, -result);
            }
            return nameOf(descriptor, arena, name).getPort();
        }
    }

    /** The socket's own address, through {@code room} for a socket address. */
    private static InetSocketAddress nameOf(Descriptor descriptor, Arena arena, MemorySegment room)
            throws LinuxException {
        MemorySegment length = Libc.intIn(arena, SocketAddresses.BYTES);
        LinuxException.check(Libc.getsockname(descriptor.number(), room, length), "read the socket's address back");
        InetSocketAddress name = new SocketAddresses().read(room, 0);
        if (name == null) {
            throw new AssertionError("a UDP socket of another family");
        }
        return name;
    }

    private static LinuxException bindFailure(InetSocketAddress address, int errno) {
        String where = "UDP port " + address.getPort();
        InetAddress ip = address.getAddress();
        if (!ip.isAnyLocalAddress()) {
            where += " on " + ip.getHostAddress();
        }
        String sentence =
                switch (Errno.of(errno)) {
                    case EADDRINUSE -> where + " is in use by another program: stop that one, or choose another port.";
                    case EACCES -> where + " needs CAP_NET_BIND_SERVICE: choose one above 1023, or run as root.";
                    case EADDRNOTAVAIL -> "This machine does not have the address " + ip.getHostAddress() + ".";
                    case null, default -> "Cannot bind " + where + ": " + Errno.describe(errno) + ".";
                };
        return new LinuxException(sentence, errno);
    }
}
