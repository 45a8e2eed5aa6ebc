package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.F_GETFL;
import static dev.warren.platform.linux.Constants.F_SETFL;
import static dev.warren.platform.linux.Constants.IPPROTO_IP;
import static dev.warren.platform.linux.Constants.IPPROTO_IPV6;
import static dev.warren.platform.linux.Constants.IPV6_RECVPKTINFO;
import static dev.warren.platform.linux.Constants.IP_PKTINFO;
import static dev.warren.platform.linux.Constants.MSG_DONTWAIT;
import static dev.warren.platform.linux.Constants.MSG_WAITFORONE;
import static dev.warren.platform.linux.Constants.O_NONBLOCK;
import static dev.warren.platform.linux.Constants.SOCK_DGRAM;
import static dev.warren.platform.linux.Constants.SOL_SOCKET;
import static dev.warren.platform.linux.Constants.SO_MEMINFO;
import static dev.warren.platform.linux.Constants.SO_RCVTIMEO;
import static dev.warren.platform.linux.Constants.SO_TYPE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A UDP socket of a server that answers each datagram by itself, in batches. It waits in the kernel (recvmmsg with
 * MSG_WAITFORONE), so that answering takes two system calls however little comes. On all addresses of the machine, an
 * answer leaves from the address that was asked (IP_PKTINFO); IPv4 is served there by the IPv6 socket.
 *
 * <p>One thread receives and answers; {@link #close} is for when that thread has ended.
 */
public final class AnsweringSocket implements AutoCloseable {
    /** How long {@link #receive} waits at most: a thread that is to end notices within this time. */
    private static final int WAIT_MICROS = 200_000;
    /** SK_MEMINFO_DROPS of sock_diag.h: the ninth u32 of SO_MEMINFO. */
    private static final int DROPS = 8;

    private final Descriptor descriptor;
    private final InetSocketAddress address;

    private AnsweringSocket(Descriptor descriptor, InetSocketAddress address) {
        this.descriptor = descriptor;
        this.address = address;
    }

    /** Told once for each answer that the kernel refused. */
    @FunctionalInterface
    public interface Refused {
        /** {@code errno} is positive: EAGAIN (the socket's queue is full), EPERM (a firewall), EINVAL ... */
        void refused(int errno);
    }

    /**
     * Binds {@code count} sockets to {@code address}; the kernel spreads the senders over them. Port 0 lets it choose
     * one port for all; all addresses of the machine mean both families. Fails with EADDRINUSE when somebody has the
     * port already.
     */
    public static List<AnsweringSocket> bind(InetSocketAddress address, int count, UdpOptions options)
            throws LinuxException {
        if (address.getAddress().isAnyLocalAddress()) {
            try {
                return bindAll(new InetSocketAddress(InetAddress.ofLiteral("::"), address.getPort()), count, options);
            } catch (LinuxException refused) {
                if (!refused.is(Errno.EAFNOSUPPORT) && !refused.is(Errno.EADDRNOTAVAIL)) {
                    throw refused;
                }
                // A machine without IPv6.
            }
        }
        return bindAll(address, count, options);
    }

    private static List<AnsweringSocket> bindAll(InetSocketAddress address, int count, UdpOptions options)
            throws LinuxException {
        List<AnsweringSocket> sockets = new ArrayList<>();
        try {
            // Alone at first: SO_REUSEPORT would let this user start a second server that takes half of the requests.
            sockets.add(bindOne(address, options, false));
            if (count > 1) {
                InetSocketAddress found = sockets.getFirst().address;
                sockets.removeFirst().close();
                for (int i = 0; i < count; i++) {
                    sockets.add(bindOne(found, options, true));
                }
            }
            return sockets;
        } catch (LinuxException refused) {
            sockets.forEach(AnsweringSocket::close);
            throw refused;
        }
    }

    /** A socket that whoever started this process has bound, such as systemd. */
    public static AnsweringSocket inherited(int number) throws LinuxException {
        Descriptor descriptor = new Descriptor(number);
        int type = descriptor.option(SOL_SOCKET, SO_TYPE);
        if (type != SOCK_DGRAM) {
            String what = type < 0 ? Errno.describe(-type) : "it is a socket of type " + type;
            throw new LinuxException(
                    "File descriptor " + number + " is no UDP socket (" + what
                            + "): in the socket unit, use ListenDatagram=.",
                    Math.max(0, -type));
        }
        int flags = LinuxException.check(Libc.fcntl(number, F_GETFL, 0), "read the inherited socket's flags");
        LinuxException.check(Libc.fcntl(number, F_SETFL, flags & ~O_NONBLOCK), "let the inherited socket wait");
        return prepared(descriptor, UdpBinding.address(descriptor));
    }

    private static AnsweringSocket bindOne(InetSocketAddress address, UdpOptions options, boolean shared)
            throws LinuxException {
        Descriptor descriptor = new UdpBinding(0, shared, true).open(address, options);
        try {
            return prepared(descriptor, UdpBinding.address(descriptor));
        } catch (LinuxException refused) {
            descriptor.close();
            throw refused;
        }
    }

    private static AnsweringSocket prepared(Descriptor descriptor, InetSocketAddress address) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            // struct timeval: seconds i64, microseconds i64.
            MemorySegment time = arena.allocateFrom(ValueLayout.JAVA_LONG, 0, WAIT_MICROS);
            LinuxException.check(
                    Libc.setsockopt(descriptor.number(), SOL_SOCKET, SO_RCVTIMEO, time, (int) time.byteSize()),
                    "bound the socket's waiting");
        }
        if (address.getAddress().isAnyLocalAddress()) {
            boolean six = address.getAddress() instanceof Inet6Address;
            LinuxException.check(
                    six
                            ? descriptor.setOption(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
                            : descriptor.setOption(IPPROTO_IP, IP_PKTINFO, 1),
                    "learn which address is asked");
        }
        return new AnsweringSocket(descriptor, address);
    }

    /** Where it is bound, with the real port. */
    public InetSocketAddress address() {
        return address;
    }

    /**
     * Waits a fifth of a second at most and takes what is there, at most the batch's number of slots.
     *
     * @return how many datagrams the batch holds now
     * @throws LinuxException when the socket is unusable
     */
    public int receive(AnswerBatch batch) throws LinuxException {
        batch.free();
        MessageVector vector = batch.vector();
        int received = Libc.recvmmsgAgain(descriptor.number(), vector.headersFrom(0), vector.slots(), MSG_WAITFORONE);
        if (received == -Errno.EBADF.number()) {
            throw LinuxException.cannot("read the UDP socket on port " + address.getPort(), received);
        }
        batch.received(Math.max(0, received)); // Less: nothing came, or a signal.
        return Math.max(0, received);
    }

    /** Sends the batch's answers, in order; what the kernel does not take is told and given up. */
    public void answer(AnswerBatch batch, Refused refused) throws LinuxException {
        for (int next = batch.nextAnswered(0); next >= 0; next = batch.nextAnswered(next)) {
            int sent = Libc.sendmmsgAgain(
                    descriptor.number(), batch.vector().headersFrom(next), batch.answeredFrom(next), MSG_DONTWAIT);
            if (sent > 0) {
                next += sent;
            } else if (sent == -Errno.EBADF.number()) {
                throw LinuxException.cannot("write to the UDP socket on port " + address.getPort(), sent);
            } else if (sent != -Errno.EINTR.number()) {
                refused.refused(-sent);
                next++;
            }
        }
    }

    /** Sends one datagram to where number {@code index} of {@code batch} came from, which another socket received. */
    public void answerFrom(AnswerBatch batch, int index, SendBatch one, byte[] bytes, int length)
            throws LinuxException {
        one.clear();
        one.add(batch.source(index), bytes, 0, length);
        LinuxException.check(
                Libc.sendmmsgAgain(descriptor.number(), one.waiting(), 1, MSG_DONTWAIT), "answer from another port");
    }

    /** How many datagrams the kernel has dropped because this socket's queue was full; 0 when it does not say. */
    public long dropped() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment counts = arena.allocate(ValueLayout.JAVA_INT, DROPS + 1);
            MemorySegment length = Libc.intIn(arena, (int) counts.byteSize());
            int result = Libc.getsockopt(descriptor.number(), SOL_SOCKET, SO_MEMINFO, counts, length);
            return result < 0 ? 0 : Integer.toUnsignedLong(counts.getAtIndex(ValueLayout.JAVA_INT, DROPS));
        }
    }

    @Override
    public void close() {
        descriptor.close();
    }
}
