package dev.warren.platform.linux;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One UDP port, held for both families.
 *
 * @param ipv4 the socket for IPv4
 * @param ipv6 the socket for IPv6; null on a machine without IPv6
 */
public record UdpPair(UdpSocket ipv4, @Nullable UdpSocket ipv6) implements AutoCloseable {
    /** A port that the kernel gave for IPv4 can be taken for IPv6; that happens rarely, and hardly ever twice. */
    private static final int ATTEMPTS = 16;

    /** Binds all addresses; {@code port} 0 finds a port that is free for both. */
    public static UdpPair open(int port, UdpOptions options) throws LinuxException {
        for (int attempt = 1; ; attempt++) {
            UdpSocket ipv4 = UdpSocket.bind(any("0.0.0.0", port), options);
            try {
                return new UdpPair(ipv4, UdpSocket.bind(any("::", ipv4.port()), options));
            } catch (LinuxException refused) {
                if (refused.is(Errno.EAFNOSUPPORT) || refused.is(Errno.EADDRNOTAVAIL)) {
                    return new UdpPair(ipv4, null);
                }
                ipv4.close();
                if (port != 0 || !refused.is(Errno.EADDRINUSE) || attempt == ATTEMPTS) {
                    throw refused;
                }
            }
        }
    }

    /** The port, the same for both. */
    public int port() {
        return ipv4.port();
    }

    /** Marks all further datagrams for policy routing; 0 takes the mark away. Needs CAP_NET_ADMIN. */
    public void setMark(int mark) throws LinuxException {
        ipv4.setMark(mark);
        if (ipv6 != null) {
            ipv6.setMark(mark);
        }
    }

    @Override
    public void close() {
        ipv4.close();
        if (ipv6 != null) {
            ipv6.close();
        }
    }

    private static InetSocketAddress any(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }
}
