package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.AF_INET;
import static dev.warren.platform.linux.Constants.AF_INET6;
import static dev.warren.platform.linux.Constants.IPPROTO_IP;
import static dev.warren.platform.linux.Constants.IPPROTO_TCP;
import static dev.warren.platform.linux.Constants.IP_BIND_ADDRESS_NO_PORT;
import static dev.warren.platform.linux.Constants.MSG_NOSIGNAL;
import static dev.warren.platform.linux.Constants.O_CLOEXEC;
import static dev.warren.platform.linux.Constants.O_NONBLOCK;
import static dev.warren.platform.linux.Constants.SOCK_STREAM;
import static dev.warren.platform.linux.Constants.SOL_SOCKET;
import static dev.warren.platform.linux.Constants.SO_ERROR;
import static dev.warren.platform.linux.Constants.SO_RCVBUF;
import static dev.warren.platform.linux.Constants.TCP_NODELAY;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The client's end of a TCP connection: non-blocking, without Nagle's delay, bytes from and to native memory. Belongs to
 * one thread; any thread may close it.
 */
public final class TcpSocket implements AutoCloseable {
    /** What {@link #receive} answers when the other end has sent its last byte. */
    public static final int END = -1;

    private final Descriptor descriptor;
    private final InetSocketAddress remote;

    private TcpSocket(Descriptor descriptor, InetSocketAddress remote) {
        this.descriptor = descriptor;
        this.remote = remote;
    }

    /**
     * Begins to connect to {@code remote}, an address with an IP. The connection is there, or refused, when a poller
     * says that {@link #descriptor} is writable: ask {@link #finishConnect} then.
     *
     * @throws LinuxException when it is clear at once that nothing will come of it
     */
    public static TcpSocket connect(InetSocketAddress remote, TcpOptions options) throws LinuxException {
        boolean six = remote.getAddress() instanceof Inet6Address;
        Descriptor descriptor = new Descriptor(LinuxException.check(
                Libc.socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | O_NONBLOCK | O_CLOEXEC, 0), "open a TCP socket"));
        TcpSocket socket = new TcpSocket(descriptor, remote);
        try {
            LinuxException.check(descriptor.setOption(IPPROTO_TCP, TCP_NODELAY, 1), "turn Nagle's delay off");
            if (options.receiveBufferBytes() > 0) {
                LinuxException.check(
                        descriptor.setOption(SOL_SOCKET, SO_RCVBUF, options.receiveBufferBytes()),
                        "set the receive buffer of a TCP socket");
            }
            if (options.source() != null) {
                socket.bindTo(options.source());
            }
            socket.begin();
            return socket;
        } catch (LinuxException refused) {
            descriptor.close();
            throw refused;
        }
    }

    /** Ends the connecting, once the socket is writable; throws what stood against it (ECONNREFUSED, ETIMEDOUT ...). */
    public void finishConnect() throws LinuxException {
        int error = descriptor.option(SOL_SOCKET, SO_ERROR);
        if (error != 0) {
            throw LinuxException.cannot("connect to " + where(), error);
        }
    }

    /** The descriptor, for a {@link Poller}. */
    public int descriptor() {
        return descriptor.number();
    }

    /** The size in bytes that the kernel grants for receiving; it counts its own overhead, so it is the double. */
    public int receiveBufferBytes() {
        return descriptor.option(SOL_SOCKET, SO_RCVBUF);
    }

    /**
     * Reads at most {@code length} bytes, which are 1 or more, to {@code offset} of {@code target}.
     *
     * @return how many bytes came; 0 when none are there, {@link #END} when none will come any more
     * @throws LinuxException when the connection is broken (ECONNRESET ...)
     */
    public int receive(MemorySegment target, long offset, long length) throws LinuxException {
        int count = Libc.receive(descriptor.number(), at(target, offset), length, 0);
        if (count > 0) {
            return count;
        }
        if (count == 0) {
            return END;
        }
        return nothingOr(count, "read from ");
    }

    /**
     * Writes as much of the {@code length} bytes at {@code offset} of {@code source} as the socket takes.
     *
     * @return how many bytes are gone; 0 when its buffer is full, which ends when the poller says writable
     * @throws LinuxException when the connection is broken (EPIPE, ECONNRESET ...)
     */
    public int send(MemorySegment source, long offset, long length) throws LinuxException {
        int count = Libc.send(descriptor.number(), at(source, offset), length, MSG_NOSIGNAL);
        return count >= 0 ? count : nothingOr(count, "write to ");
    }

    @Override
    public void close() {
        descriptor.close();
    }

    private static MemorySegment at(MemorySegment segment, long offset) {
        return offset == 0 ? segment : segment.asSlice(offset);
    }

    private int nothingOr(int error, String action) throws LinuxException {
        if (error == -Errno.EAGAIN.number() || error == -Errno.EINTR.number()) {
            return 0;
        }
        throw LinuxException.cannot(action + where(), error);
    }

    private void bindTo(InetAddress source) throws LinuxException {
        // Only the address is taken here; the port then needs to be free for this one server only.
        descriptor.setOption(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(SocketAddresses.BYTES, 8);
            int length = SocketAddresses.write(new InetSocketAddress(source, 0), name, 0);
            LinuxException.check(
                    Libc.bind(descriptor.number(), name, length), "connect from " + source.getHostAddress());
        }
    }

    private void begin() throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(SocketAddresses.BYTES, 8);
            int result = Libc.connect(descriptor.number(), name, SocketAddresses.write(remote, name, 0));
            if (result != -Errno.EINPROGRESS.number()) {
                LinuxException.check(result, "connect to " + where());
            }
        }
    }

    private String where() {
        String ip = remote.getAddress().getHostAddress();
        return (ip.indexOf(':') < 0 ? ip : "[" + ip + "]") + ":" + remote.getPort();
    }
}
