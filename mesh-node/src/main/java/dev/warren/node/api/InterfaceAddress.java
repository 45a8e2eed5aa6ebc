package dev.warren.node.api;

import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;

/**
 * An address of an interface with the network around it.
 *
 * @param address the interface's own
 * @param prefixBits how many of its bits are the network's: 0 to 32, or 0 to 128
 */
public record InterfaceAddress(InetAddress address, int prefixBits) {
    /** Throws IllegalArgumentException when the prefix does not fit the family. */
    public InterfaceAddress {
        int max = 8 * address.getAddress().length;
        if (prefixBits < 0 || prefixBits > max) {
            throw new IllegalArgumentException("address " + address.getHostAddress() + "/" + prefixBits
                    + " is not allowed: the number behind the slash is 0 to " + max);
        }
    }

    /** Reads {@code ADDRESS/BITS}, or an address that stands alone. Throws IllegalArgumentException. */
    public static InterfaceAddress parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address;
        int bits;
        try {
            address = IpPrefix.address(slash < 0 ? text : text.substring(0, slash));
            bits = slash < 0 ? 8 * address.getAddress().length : IpPrefix.bits(text.substring(slash + 1));
        } catch (IllegalArgumentException malformed) {
            throw new IllegalArgumentException(
                    "address \"" + text + "\" is not allowed: write an IP address and the bits of its network, such as"
                            + " 10.0.0.1/24 or fd00::1/64",
                    malformed);
        }
        return new InterfaceAddress(address, bits);
    }

    boolean isIpv6() {
        return address.getAddress().length == 16;
    }

    /** The form that {@link #parse} reads. */
    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefixBits;
    }
}
