package dev.warren.loadtest.stun;

import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.Errno;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A socket that is tied to its target.
 *
 * @param own the address and port that a right answer names
 * @param segmented whether requests go out as trains, see {@link UdpSocket#setSegment}
 */
record OpenSocket(UdpSocket socket, InetSocketAddress own, Health health, boolean segmented) {
    private static final InetAddress ANY_IPV4 = InetAddress.ofLiteral("0.0.0.0");
    private static final InetAddress ANY_IPV6 = InetAddress.ofLiteral("::");

    /** Opens one to the target of {@code health}; {@code segmentBytes} 0 sends no trains. */
    static OpenSocket to(Health health, int segmentBytes) throws LinuxException {
        boolean six = health.target().getAddress() instanceof Inet6Address;
        UdpSocket socket;
        try {
            socket = UdpSocket.bind(new InetSocketAddress(six ? ANY_IPV6 : ANY_IPV4, 0), UdpOptions.DEFAULT);
        } catch (LinuxException refused) {
            throw explained(health, refused);
        }
        try {
            InetSocketAddress own = socket.connect(health.target());
            if (segmentBytes > 0) {
                socket.setSegment(segmentBytes);
            }
            return new OpenSocket(socket, own, health, segmentBytes > 0);
        } catch (LinuxException refused) {
            socket.close();
            throw explained(health, refused);
        }
    }

    private static RuntimeException explained(Health health, LinuxException refused) throws LinuxException {
        boolean six = health.target().getAddress() instanceof Inet6Address;
        boolean noWay = refused.is(Errno.EAFNOSUPPORT)
                || refused.is(Errno.EADDRNOTAVAIL)
                || refused.is(Errno.ENETUNREACH)
                || refused.is(Errno.EHOSTUNREACH);
        if (!noWay) {
            throw refused;
        }
        String reason = six ? "IPv6 is not available here, or has no route to it" : "there is no route to it";
        return new UserError(
                health.name() + " cannot be reached: " + reason + " (" + Errno.describe(refused.errno()) + ")",
                refused);
    }
}
