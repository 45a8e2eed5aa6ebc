package dev.warren.protocol.wireguard;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * An address block in CIDR form (RFC 4632, RFC 4291 section 2.3). Host bits are cleared when it is made.
 *
 * @param address the first address of the block
 * @param bits the length of the prefix: 0 to 32, or 0 to 128
 */
public record IpPrefix(InetAddress address, int bits) {
    private static final Pattern IPV4 = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");
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

    /** Reads {@code address/bits} or a bare address; never asks DNS. Throws IllegalArgumentException. */
    public static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = address(slash < 0 ? text : text.substring(0, slash));
        return slash < 0 ? host(address) : new IpPrefix(address, bits(text.substring(slash + 1)));
    }

    /**
     * Reads an IP address. Unlike Java's own parser it takes an IPv4 address of four numbers only: to that, 10.1 is
     * 10.0.0.1, and 10/8 would be 0.0.0.0/8; and none with a leading zero, which some take for octal. Throws
     * IllegalArgumentException.
     */
    public static InetAddress address(String text) {
        InetAddress address = InetAddress.ofLiteral(text);
        if (address instanceof Inet4Address && !IPV4.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is no IPv4 address, which has four numbers without leading zeros");
        }
        return address;
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

    private static InetAddress ofBytes(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
