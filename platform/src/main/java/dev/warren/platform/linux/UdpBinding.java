package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.AF_INET;
import static dev.warren.platform.linux.Constants.AF_INET6;
import static dev.warren.platform.linux.Constants.IPPROTO_IPV6;
import static dev.warren.platform.linux.Constants.IPV6_V6ONLY;
import static dev.warren.platform.linux.Constants.O_CLOEXEC;
import static dev.warren.platform.linux.Constants.SOCK_DGRAM;
import static dev.warren.platform.linux.Constants.SOL_SOCKET;
import static dev.warren.platform.linux.Constants.SO_RCVBUF;
import static dev.warren.platform.linux.Constants.SO_RCVBUFFORCE;
import static dev.warren.platform.linux.Constants.SO_REUSEPORT;
import static dev.warren.platform.linux.Constants.SO_SNDBUF;
import static dev.warren.platform.linux.Constants.SO_SNDBUFFORCE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * How a UDP socket comes to its address.
 *
 * @param flags those of socket(2), such as O_NONBLOCK
 * @param isShared whether others of this user may bind the same address when they say so too (SO_REUSEPORT)
 * @param takesBoth whether an IPv6 socket on all addresses takes IPv4 too
 */
record UdpBinding(int flags, boolean isShared, boolean takesBoth) {
    /** A socket bound to {@code address}, whose family it has; port 0 lets the kernel choose. */
    Descriptor open(InetSocketAddress address, UdpOptions options) throws LinuxException {
        boolean six = address.getAddress() instanceof Inet6Address;
        String family = six ? "IPv6" : "IPv4";
        Descriptor descriptor = new Descriptor(LinuxException.check(
                Libc.socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | O_CLOEXEC | flags, 0),
                "open a UDP socket for " + family));
        try {
            if (six) {
                LinuxException.check(
                        descriptor.setOption(IPPROTO_IPV6, IPV6_V6ONLY, takesBoth ? 0 : 1),
                        "choose the UDP socket's families");
            }
            if (isShared) {
                LinuxException.check(descriptor.setOption(SOL_SOCKET, SO_REUSEPORT, 1), "share the UDP port");
            }
            buffer(descriptor, SO_RCVBUFFORCE, SO_RCVBUF, options.receiveBufferBytes());
            buffer(descriptor, SO_SNDBUFFORCE, SO_SNDBUF, options.sendBufferBytes());
            bind(descriptor, address);
            return descriptor;
        } catch (LinuxException refused) {
            descriptor.close();
            throw refused;
        }
    }

    /** The socket's own address. */
    static InetSocketAddress address(Descriptor descriptor) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(SocketAddresses.BYTES, 8);
            MemorySegment length = Libc.intIn(arena, SocketAddresses.BYTES);
            LinuxException.check(Libc.getsockname(descriptor.number(), room, length), "read the socket's address back");
            InetSocketAddress name = new SocketAddresses().read(room, 0);
            if (name == null) {
                throw new LinuxException("The socket is of another family than IPv4 and IPv6.", 0);
            }
            return name;
        }
    }

    private static void buffer(Descriptor descriptor, int forceOption, int option, int bytes) {
        if (descriptor.setOption(SOL_SOCKET, forceOption, bytes) < 0) {
            // Without CAP_NET_ADMIN the machine's limit holds; smaller buffers work, only worse.
            descriptor.setOption(SOL_SOCKET, option, bytes);
        }
    }

    private static void bind(Descriptor descriptor, InetSocketAddress address) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(SocketAddresses.BYTES, 8);
            int length = SocketAddresses.write(address, name, 0);
            int result = Libc.bind(descriptor.number(), name, length);
            if (result < 0) {
                throw failure(address, -result);
            }
        }
    }

    private static LinuxException failure(InetSocketAddress address, int errno) {
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
