package dev.warren.platform.linux;

import dev.warren.protocol.wireguard.SourceAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * One of this machine's addresses with the interface that a datagram came in by: an answer leaves from there when it is
 * sent with it ({@link GsoBatch}).
 */
public final class LocalSource implements SourceAddress {
    private final InetAddress address;
    private final int interfaceIndex;
    private final boolean isIpv6;
    private final long high;
    private final long low;

    /**
     * @param address an IPv4 or IPv6 address of this machine
     * @param interfaceIndex the kernel's number of the interface; 0 leaves the way out to the routing table
     */
    public LocalSource(InetAddress address, int interfaceIndex) {
        this.address = address;
        this.interfaceIndex = interfaceIndex;
        // The bytes of an address cannot be had without an object, so they are kept here in the machine's order.
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress()).order(ByteOrder.nativeOrder());
        isIpv6 = address instanceof Inet6Address;
        high = isIpv6 ? bytes.getLong(0) : 0;
        low = isIpv6 ? bytes.getLong(8) : bytes.getInt(0);
    }

    @Override
    public InetAddress address() {
        return address;
    }

    @Override
    public int interfaceIndex() {
        return interfaceIndex;
    }

    boolean isIpv6() {
        return isIpv6;
    }

    /** The first eight bytes of an IPv6 address, as they lie in memory. */
    long high() {
        return high;
    }

    /** The last eight bytes of an IPv6 address, or the four of an IPv4 address, as they lie in memory. */
    long low() {
        return low;
    }

    boolean matches(boolean six, long otherHigh, long otherLow, int otherInterface) {
        return six == isIpv6 && otherHigh == high && otherLow == low && otherInterface == interfaceIndex;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LocalSource source && source.matches(isIpv6, high, low, interfaceIndex);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(high ^ Long.rotateLeft(low, 32)) * 31 + interfaceIndex;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + (interfaceIndex == 0 ? "" : " on interface " + interfaceIndex);
    }
}
