package dev.warren.protocol.wireguard;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An address block in CIDR form (RFC 4632, RFC 4291 section 2.3). Host bits are cleared when it is made.
 *
 * @param address the first address of the block
 * @param bits the length of the prefix: 0 to 32, or 0 to 128
 */
public record IpPrefix(InetAddress address, int bits) {
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
        InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        if (slash < 0) {
            return host(address);
        }
        try {
            return new IpPrefix(address, Integer.parseInt(text.substring(slash + 1)));
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException("\"" + text + "\" has no number behind the slash", notANumber);
        }
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
