package dev.warren.protocol.stun;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link BindingResponder} knows of the server around it. Each socket of a server has a responder of its own,
 * with the addresses as seen from that socket.
 *
 * @param origin address and port of the socket that receives; null when nobody needs to know
 * @param other the server's other address with its other port (RFC 5780 section 6); null when it does not have two
 *     addresses and two ports on each, which means no behaviour discovery. Needs {@code origin}
 * @param classic whether requests without the cookie, those of RFC 3489, are answered; they are not when there are
 *     credentials, which RFC 3489 has too but nobody ever used
 * @param credentials who is answered; null for everybody
 */
public record ResponderConfig(
        @Nullable InetSocketAddress origin,
        @Nullable InetSocketAddress other,
        boolean classic,
        @Nullable StunCredentials credentials) {
    /** One address, and everybody is answered. */
    public static final ResponderConfig SIMPLE = new ResponderConfig(null, null, true);

    /** Throws IllegalArgumentException when the two addresses cannot be the corners of a server's four sockets. */
    public ResponderConfig {
        if (other != null) {
            if (origin == null) {
                throw new IllegalArgumentException("the other address " + other + " needs the one that receives");
            }
            checkCorners(origin, other);
        }
    }

    /** One that answers everybody. */
    public ResponderConfig(@Nullable InetSocketAddress origin, @Nullable InetSocketAddress other, boolean classic) {
        this(origin, other, classic, null);
    }

    private static void checkCorners(InetSocketAddress origin, InetSocketAddress other) {
        String pair = text(origin) + " and " + text(other);
        InetAddress one = origin.getAddress();
        InetAddress two = other.getAddress();
        if (one == null || two == null || one.isAnyLocalAddress() || two.isAnyLocalAddress()) {
            throw new IllegalArgumentException("clients cannot be told " + pair + ": both must be real addresses");
        }
        if (one.getClass() != two.getClass()) {
            throw new IllegalArgumentException(pair + " are not of one family");
        }
        if (one.equals(two) || origin.getPort() == other.getPort() || origin.getPort() == 0 || other.getPort() == 0) {
            throw new IllegalArgumentException(pair + " must differ in address and in port");
        }
    }

    /** As an operator writes it: without the slash that Java puts in front of an address. */
    private static String text(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        String host = ip == null ? address.getHostString() : ip.getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
