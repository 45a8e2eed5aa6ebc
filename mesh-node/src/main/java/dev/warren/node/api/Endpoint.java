package dev.warren.node.api;

import dev.warren.platform.config.HostPort;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where a peer is to be found: an address, or a host name that is looked up when the peer is added and again when it
 * does not answer.
 *
 * @param host a host name, or an IP address without brackets
 * @param port 1 to 65535
 */
public record Endpoint(String host, int port) {
    private static final int MAX_PORT = 65_535;
    /** RFC 1035 section 2.3.4, in the text form. */
    private static final int MAX_NAME_LENGTH = 253;

    /** Throws IllegalArgumentException when the port is out of range or the host can not be one. */
    public Endpoint {
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException(
                    "endpoint port " + port + " is not allowed: a peer's UDP port is 1 to " + MAX_PORT);
        }
        if (literal(host).isEmpty() && !isName(host)) {
            throw new IllegalArgumentException(
                    "endpoint host \"" + host + "\" is not allowed: it is a host name or an IP address");
        }
    }

    /** Reads {@code HOST:PORT} or {@code [IPV6]:PORT}. Throws IllegalArgumentException. */
    public static Endpoint parse(String text) {
        HostPort parts;
        try {
            parts = HostPort.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException(
                    "endpoint \"" + text + "\" is not allowed: write HOST:PORT, or [ADDRESS]:PORT for IPv6", malformed);
        }
        return new Endpoint(parts.host(), parts.port());
    }

    /** The endpoint with this address and port. */
    public static Endpoint of(InetSocketAddress address) {
        return new Endpoint(text(address.getAddress()), address.getPort());
    }

    /** The address, when the host is one; empty for a name. Asks no DNS. */
    public Optional<InetSocketAddress> address() {
        return literal(host).map(address -> new InetSocketAddress(address, port));
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }

    private static Optional<InetAddress> literal(String host) {
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException name) {
            return Optional.empty();
        }
    }

    /** With the number of a scope in place of its name, which only some namespaces know. */
    private static String text(InetAddress address) {
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        return scope >= 0 && address instanceof Inet6Address scoped
                ? text.substring(0, scope + 1) + scoped.getScopeId()
                : text;
    }

    /** Letters of any script, digits, hyphens, underscores and dots; the system's resolver knows better. */
    private static boolean isName(String host) {
        return !host.isEmpty()
                && host.length() <= MAX_NAME_LENGTH
                && host.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.');
    }
}
