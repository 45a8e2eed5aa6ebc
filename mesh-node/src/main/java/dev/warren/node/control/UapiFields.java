package dev.warren.node.control;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of UAPI's keys, in the only form that each has: what Java's own parsers take beyond that (signs, IPv4
 * addresses with fewer than four parts, addresses without a prefix) is refused, as wireguard-go refuses it. Everything
 * throws IllegalArgumentException with a reason that never quotes a key.
 */
final class UapiFields {
    private static final int MAX_PORT = 65_535;
    private static final int KEY_BYTES = 32;
    private static final Pattern KEY = Pattern.compile("[0-9a-fA-F]{64}");
    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,10}");
    private static final Pattern INDEX = Pattern.compile("[0-9]{1,9}");
    private static final Pattern IPV4 = Pattern.compile("[0-9.]+");

    private UapiFields() {}

    /** 64 hex digits. */
    static byte[] key(String value) {
        if (!KEY.matcher(value).matches()) {
            throw new IllegalArgumentException("a key has 64 hex digits");
        }
        return HexFormat.of().parseHex(value);
    }

    /** A private key; null for zeros, which mean that there is none. */
    static @Nullable NodePrivateKey privateKey(String value) {
        byte[] bytes = key(value);
        NodePrivateKey key = Arrays.equals(bytes, new byte[KEY_BYTES]) ? null : NodePrivateKey.of(bytes);
        Arrays.fill(bytes, (byte) 0);
        return key;
    }

    /** A preshared key, zeros for none. */
    static PresharedKey presharedKey(String value) {
        byte[] bytes = key(value);
        PresharedKey key = PresharedKey.of(bytes);
        Arrays.fill(bytes, (byte) 0);
        return key;
    }

    /** A port, or a number of seconds: 0 to 65535. */
    static int number(String value) {
        long number = unsigned(value);
        if (number > MAX_PORT) {
            throw new IllegalArgumentException(number + " is outside 0 to " + MAX_PORT);
        }
        return (int) number;
    }

    /** A firewall mark: 32 bits. */
    static int mark(String value) {
        long mark = unsigned(value);
        if (mark > 0xffff_ffffL) {
            throw new IllegalArgumentException(mark + " has more than 32 bits");
        }
        return (int) mark;
    }

    private static long unsigned(String value) {
        if (!DIGITS.matcher(value).matches()) {
            throw new IllegalArgumentException("a number has one to ten digits and nothing else");
        }
        return Long.parseLong(value);
    }

    /**
     * {@code ip:port} or {@code [v6%scope]:port}; {@code wg} has resolved names already. A scope that is no interface's
     * stays a name, {@code v6%scope}, in an address without one: wireguard-go takes it too, and it may become one's.
     */
    static InetSocketAddress endpoint(String value) {
        int colon = value.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("an endpoint has the form ip:port");
        }
        int port = number(value.substring(colon + 1));
        String host = value.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String literal = bracketed ? host.substring(1, host.length() - 1) : host;
        if (bracketed == IPV4.matcher(literal).matches()) {
            throw new IllegalArgumentException("an endpoint has the form ipv4:port or [ipv6]:port");
        }
        int percent = literal.indexOf('%');
        InetAddress address = IpPrefix.address(percent < 0 ? literal : literal.substring(0, percent));
        try {
            // ::ffff:192.0.2.1 is where 192.0.2.1 is.
            InetAddress plain = InetAddress.getByAddress(address.getAddress());
            return percent < 0 ? new InetSocketAddress(plain, port) : scoped(literal, address, plain, port);
        } catch (SocketException | UnknownHostException unusable) {
            throw new IllegalArgumentException("the scope can't be looked up", unusable);
        }
    }

    /** Java's own parser takes an interface's name only when the interface has such an address itself. */
    private static InetSocketAddress scoped(String literal, InetAddress address, InetAddress plain, int port)
            throws SocketException, UnknownHostException {
        String scope = literal.substring(literal.indexOf('%') + 1);
        if (scope.isEmpty() || !(address instanceof Inet6Address)) {
            throw new IllegalArgumentException("a scope is the name or number of an interface, behind an IPv6 address");
        }
        if (!(plain instanceof Inet6Address)) {
            return new InetSocketAddress(plain, port);
        }
        NetworkInterface named = NetworkInterface.getByName(scope);
        if (named == null && !INDEX.matcher(scope).matches()) {
            return InetSocketAddress.createUnresolved(literal, port);
        }
        int index = named == null ? Integer.parseInt(scope) : named.getIndex();
        return new InetSocketAddress(Inet6Address.getByAddress(null, plain.getAddress(), index), port);
    }

    /** {@code address/bits}, with a minus sign in front when the peer shall lose it. */
    static UapiSet.AllowedIp allowedIp(String value) {
        boolean remove = value.startsWith("-");
        String prefix = remove ? value.substring(1) : value;
        int slash = prefix.indexOf('/');
        if (slash < 0 || prefix.indexOf('%') >= 0) {
            throw new IllegalArgumentException("an allowed ip has the form address/bits");
        }
        InetAddress address = IpPrefix.address(prefix.substring(0, slash));
        return new UapiSet.AllowedIp(new IpPrefix(address, IpPrefix.bits(prefix.substring(slash + 1))), remove);
    }
}
