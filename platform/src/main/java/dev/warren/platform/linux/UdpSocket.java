package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.IPPROTO_IP;
import static dev.warren.platform.linux.Constants.IPPROTO_IPV6;
import static dev.warren.platform.linux.Constants.IPPROTO_UDP;
import static dev.warren.platform.linux.Constants.IPV6_RECVPKTINFO;
import static dev.warren.platform.linux.Constants.IPV6_RECVTCLASS;
import static dev.warren.platform.linux.Constants.IP_PKTINFO;
import static dev.warren.platform.linux.Constants.IP_RECVTOS;
import static dev.warren.platform.linux.Constants.O_NONBLOCK;
import static dev.warren.platform.linux.Constants.SOL_SOCKET;
import static dev.warren.platform.linux.Constants.SO_ATTACH_REUSEPORT_CBPF;
import static dev.warren.platform.linux.Constants.SO_MARK;
import static dev.warren.platform.linux.Constants.SO_RCVBUF;
import static dev.warren.platform.linux.Constants.SO_REUSEPORT;
import static dev.warren.platform.linux.Constants.UDP_GRO;
import static dev.warren.platform.linux.Constants.UDP_SEGMENT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.net.Inet6Address;
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
    private final boolean isIpv6;
    private @Nullable InetSocketAddress remote;
    private int receiveError;

    private UdpSocket(Descriptor descriptor, int port, boolean isIpv6) {
        this.descriptor = descriptor;
        this.port = port;
        this.isIpv6 = isIpv6;
    }

    /** Told once for each datagram that the kernel refused, and of what went out in another way than asked for. */
    @FunctionalInterface
    public interface Refused {
        /** {@code errno} is positive: ENETUNREACH, EPERM (a firewall), EMSGSIZE ... */
        void refused(InetSocketAddress destination, int errno);

        /**
         * A train was too long for the way there: its datagrams went singly, and trains with segments of {@code
         * segmentBytes} or more go there no more.
         */
        default void trainRefused(InetSocketAddress destination, int segmentBytes) {}

        /** The kernel takes no trains at all, not to {@code destination} at least: all go singly from now on. */
        default void trainsRefused(InetSocketAddress destination) {}

        /** The way there does not begin at {@code source}: the message went from where the routing table says. */
        default void sourceRefused(InetSocketAddress destination, LocalSource source) {}
    }

    /**
     * Opens a socket on {@code address}; port 0 lets the kernel choose. The family is the address's; an IPv6 socket
     * takes IPv6 only.
     */
    public static UdpSocket bind(InetSocketAddress address, UdpOptions options) throws LinuxException {
        Descriptor descriptor = new UdpBinding(O_NONBLOCK, false, false).open(address, options);
        try {
            UdpSocket socket = new UdpSocket(
                    descriptor, UdpBinding.address(descriptor).getPort(), address.getAddress() instanceof Inet6Address);
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
     * Opens a second socket on the same address, which gets what {@code filter} chooses of the datagrams that have come to
     * this one: so neither fills the other's buffer. Some of the first datagrams may still come to the wrong one, and
     * all come here again when the other is closed. No third socket can join them by mistake: whoever binds the port
     * alone is still refused.
     *
     * @throws LinuxException when the kernel knows no such thing (before 4.5); this socket then goes on as it was
     */
    public UdpSocket divert(PayloadFilter filter, UdpOptions options) throws LinuxException {
        LinuxException.check(descriptor.setOption(SOL_SOCKET, SO_REUSEPORT, 1), "share the UDP port");
        InetSocketAddress address = UdpBinding.address(descriptor);
        UdpSocket second = new UdpSocket(new UdpBinding(O_NONBLOCK, true, false).open(address, options), port, isIpv6);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment program = filter.program(arena);
            LinuxException.check(
                    Libc.setsockopt(second.descriptor.number(), SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, program, (int)
                            program.byteSize()),
                    "choose among the datagrams to UDP port " + port);
            return second;
        } catch (LinuxException refused) {
            second.close();
            throw refused;
        }
    }

    /** Has the kernel let through to this socket what a gate lets through, and nothing else. */
    public SourceGate guard(SourceGate.Limits limits, long secret) throws LinuxException {
        return SourceGate.before(descriptor, isIpv6, limits, secret);
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

    /**
     * Has the kernel tell more about what arrives: see {@link GroBatch}. With joined trains a socket must be read
     * into one of those only.
     *
     * @return what it granted of {@code wanted}
     */
    public UdpFeatures enable(UdpFeatures wanted) {
        int level = isIpv6 ? IPPROTO_IPV6 : IPPROTO_IP;
        return new UdpFeatures(
                wanted.gro() && isGranted(IPPROTO_UDP, UDP_GRO),
                wanted.localAddress() && isGranted(level, isIpv6 ? IPV6_RECVPKTINFO : IP_PKTINFO),
                wanted.trafficClass() && isGranted(level, isIpv6 ? IPV6_RECVTCLASS : IP_RECVTOS));
    }

    private boolean isGranted(int level, int option) {
        return descriptor.setOption(level, option, 1) >= 0;
    }

    /** Whether the kernel knows trains of datagrams at all (UDP_SEGMENT). */
    boolean knowsTrains() {
        return descriptor.option(IPPROTO_UDP, UDP_SEGMENT) >= 0;
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
        int received = received(count);
        batch.received(received);
        return received;
    }

    /**
     * Reads what is there, at most the batch's number of slots: datagrams, or trains of them when {@linkplain #enable
     * enabled}.
     *
     * @return how many messages the batch holds now; 0 when there were none
     * @throws LinuxException when the socket is unusable (closed)
     */
    public int receive(GroBatch batch) throws LinuxException {
        try {
            int received = received(Libc.recvmmsgAgain(descriptor.number(), batch.prepare(), batch.slots(), 0));
            batch.received(received);
            return received;
        } finally {
            Reference.reachabilityFence(batch);
        }
    }

    private int received(int count) throws LinuxException {
        receiveError = Math.max(0, -count);
        if (count == -Errno.EBADF.number()) {
            throw LinuxException.cannot("read the UDP socket on port " + port, count);
        }
        // Less: nothing there, a signal, or an ICMP error of an earlier datagram: reading took it off.
        return Math.max(0, count);
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
     * Sends what waits in the batch, in order. A train that is refused as one goes out singly, a message whose source
     * is refused goes without; {@code refused} is told of both. What stays behind when the socket's buffer is full can
     * be sent when the poller says writable.
     *
     * @return whether all of it is gone (sent or refused)
     */
    public boolean send(GsoBatch batch, Refused refused) throws LinuxException {
        return batch.flush().run(descriptor.number(), refused);
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
