package dev.warren.protocol.wireguard;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * An address block in CIDR form (RFC 4632, RFC 4291 section 2.3). Host bits are cleared when it is made. Addresses of IPv6
 * that hold one of IPv4, {@code ::ffff:192.0.2.1} (RFC 4291 section 2.5.5.2), are of IPv6 here, as they are in a packet;
 * most of Java takes them for what they hold.
 *
 * @param address the first address of the block
 * @param bits the length of the prefix: 0 to 32, or 0 to 128
 */
public record IpPrefix(InetAddress address, int bits) {
    private static final int IPV6_LENGTH = 16;
    private static final int NO_SCOPE = -1;
    private static final Pattern IPV4 = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
    /** An IPv6 address that ends like one of IPv4; in a scope, dots mean nothing. */
    private static final Pattern DOTTED = Pattern.compile("[^%]*:[^%:]*\\.[^%]*");

    private static final Pattern BITS = Pattern.compile("0|[1-9][0-9]{0,2}");

    /** Clears the host bits; throws IllegalArgumentException when {@code bits} does not fit the family. */
    public IpPrefix {
        byte[] bytes = address.getAddress();
        if (bits < 0 || bits > 8 * bytes.length) {
            throw new IllegalArgumentException("prefix length " + bits + " is outside 0 to " + 8 * bytes.length
                    + " for " + address.getHostAddress());
        }
        for (int i = 0; i < bytes.length; i++) {
            int kept = Math.clamp(bits - 8L * i, 0, 8);
            bytes[i] &= (byte) (0xff00 >> kept);
        }
        address = ofBytes(bytes);
    }

    /** The block that holds just {@code address}. */
    public static IpPrefix host(InetAddress address) {
        return new IpPrefix(address, 8 * address.getAddress().length);
    }

    /** The block of so many bits that these 4 or 16 bytes are in. */
    public static IpPrefix of(byte[] address, int bits) throws UnknownHostException {
        return new IpPrefix(inFamily(address), bits);
    }

    /** Reads {@code address/bits} or a bare address; never asks DNS. Throws IllegalArgumentException. */
    public static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = address(slash < 0 ? text : text.substring(0, slash));
        return slash < 0 ? host(address) : new IpPrefix(address, bits(text.substring(slash + 1)));
    }

    /**
     * Reads an IP address. Unlike Java's own parser it takes an IPv4 address of four numbers only: to that, 10.1 is
     * 10.0.0.1, and 10/8 would be 0.0.0.0/8; and none with a leading zero, which some take for octal. And what is written
     * as IPv6 stays that. Throws IllegalArgumentException.
     */
    public static InetAddress address(String text) {
        if (text.startsWith("[")) {
            throw new IllegalArgumentException("\"" + text + "\" is no IP address: brackets are for one with a port");
        }
        InetAddress address = InetAddress.ofLiteral(text);
        boolean isIpv6 = text.indexOf(':') >= 0;
        boolean isDotted = (address instanceof Inet4Address && !isIpv6)
                || DOTTED.matcher(text).matches();
        if (isDotted && !IPV4.matcher(text.substring(text.lastIndexOf(':') + 1)).matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no IPv4 address, which has four numbers without leading zeros");
        }
        return isIpv6 && address instanceof Inet4Address ? mapped(address.getAddress()) : address;
    }

    /** Reads the length of a prefix, digits and nothing else. Throws IllegalArgumentException. */
    public static int bits(String text) {
        if (!BITS.matcher(text).matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is no length of a prefix: it is a number");
        }
        return Integer.parseInt(text);
    }

    /** Whether {@code other} lies in this block; false for the other family. */
    public boolean contains(InetAddress other) {
        byte[] mine = address.getAddress();
        byte[] theirs = other.getAddress();
        return mine.length == theirs.length && new IpPrefix(other, bits).address.equals(address);
    }

    /** The text form, {@code address/bits}. */
    @Override
    public String toString() {
        return address.getHostAddress() + "/" + bits;
    }

    private static InetAddress mapped(byte[] ipv4) {
        byte[] bytes = new byte[IPV6_LENGTH];
        Arrays.fill(bytes, IPV6_LENGTH - ipv4.length - 2, IPV6_LENGTH - ipv4.length, (byte) 0xff);
        System.arraycopy(ipv4, 0, bytes, IPV6_LENGTH - ipv4.length, ipv4.length);
        return ofBytes(bytes);
    }

    private static InetAddress inFamily(byte[] bytes) throws UnknownHostException {
        return bytes.length == IPV6_LENGTH
                ? Inet6Address.getByAddress(null, bytes, NO_SCOPE)
                : InetAddress.getByAddress(bytes);
    }

    private static InetAddress ofBytes(byte[] bytes) {
        try {
            return inFamily(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
