package dev.warren.protocol.udprelay;

import java.net.Inet6Address;
import java.net.InetSocketAddress;

/**
 * A way through a UDP relay, as one of the two clients has it.
 *
 * @param server the relay's address
 * @param vni the session's number there
 */
public record RelayPath(InetSocketAddress server, int vni) {
    /** {@code HOST:PORT vni N}, with brackets around an IPv6 address. */
    @Override
    public String toString() {
        String host = server.getAddress().getHostAddress();
        String bracketed = server.getAddress() instanceof Inet6Address ? "[" + host + "]" : host;
        return bracketed + ":" + server.getPort() + " vni " + vni;
    }
}
