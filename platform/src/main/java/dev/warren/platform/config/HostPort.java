package dev.warren.platform.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * A host and a port as operators write them: {@code HOST:PORT}, {@code [IPV6]:PORT}, or {@code :PORT} for every address
 * of the machine.
 *
 * @param host a name or an address without brackets; empty for every address
 * @param port 0 to 65535; 0 lets the system choose when listening
 */
public record HostPort(String host, int port) {
    private static final String FORMS = "; write HOST:PORT, [IPV6]:PORT or :PORT";
    private static final int MAX_PORT = 65535;

    /** Throws IllegalArgumentException when {@code port} is out of range. */
    public HostPort {
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("port " + port + " is outside 0 to " + MAX_PORT);
        }
    }

    /** Reads one of the three forms; throws IllegalArgumentException with a sentence for the operator. */
    public static HostPort parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("\"" + text + "\" has no port" + FORMS);
        }
        return new HostPort(host(text, text.substring(0, colon)), port(text, text.substring(colon + 1)));
    }

    /** The address to listen on; asks DNS when the host is a name. Throws {@link UserError} when it is unknown. */
    public InetSocketAddress listenAddress() {
        return host.isEmpty() ? new InetSocketAddress(port) : resolve();
    }

    /** The address to connect to; asks DNS when the host is a name. Throws {@link UserError} when it is unknown. */
    public InetSocketAddress resolve() {
        try {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException unknown) {
            throw new UserError(
                    "the host \"" + host + "\" is unknown: check its spelling and this machine's DNS", unknown);
        }
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }

    private static String host(String text, String host) {
        if (host.startsWith("[") && host.endsWith("]")) {
            return literal(text, host.substring(1, host.length() - 1));
        }
        if (host.indexOf(':') >= 0) {
            throw new IllegalArgumentException("\"" + text + "\" has an IPv6 address without brackets" + FORMS);
        }
        if (host.chars().anyMatch(c -> c == '[' || c == ']' || c == '/' || Character.isWhitespace(c))) {
            throw new IllegalArgumentException("\"" + text + "\" has no valid host" + FORMS);
        }
        return host;
    }

    private static String literal(String text, String address) {
        try {
            InetAddress.ofLiteral(address);
            return address;
        } catch (IllegalArgumentException notAnAddress) {
            throw new IllegalArgumentException("\"" + text + "\" has no IPv6 address in its brackets" + FORMS);
        }
    }

    private static int port(String text, String digits) {
        if (!digits.isEmpty() && digits.length() <= 5 && digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            int port = Integer.parseInt(digits);
            if (port <= MAX_PORT) {
                return port;
            }
        }
        throw new IllegalArgumentException(
                "\"" + text + "\" has no port from 0 to " + MAX_PORT + " behind its last colon" + FORMS);
    }
}
