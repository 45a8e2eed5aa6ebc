package dev.warren.coordinator.registry;

import dev.warren.protocol.wireguard.IpPrefix;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * The addresses of a mesh: number N of it is the Nth address of the IPv4 pool and of the mesh's own IPv6 block alike.
 * Not thread-safe.
 */
public final class AddressPool {
    /** What nodes get their IPv4 address from unless told otherwise: the block for carriers' NATs (RFC 6598). */
    public static final IpPrefix DEFAULT = IpPrefix.parse("100.64.0.0/10");

    /** None left. */
    public static final int NONE = -1;

    private static final int WIDEST_BITS = 8;
    private static final int NARROWEST_BITS = 29;

    private final IpPrefix ipv4;
    private final IpPrefix ipv6;
    private final int size;
    private final BitSet taken = new BitSet();

    /** Over {@code ipv4} (see {@link #checked}) and a /48. */
    public AddressPool(IpPrefix ipv4, IpPrefix ipv6) {
        this.ipv4 = checked(ipv4);
        this.ipv6 = ipv6;
        this.size = 1 << (32 - ipv4.bits());
        taken.set(0); // the block's own address
        taken.set(size - 1); // broadcast
    }

    /** {@code pool} itself; throws IllegalArgumentException when it is not IPv4 or not between /8 and /29. */
    public static IpPrefix checked(IpPrefix pool) {
        if (!(pool.address() instanceof Inet4Address)) {
            throw new IllegalArgumentException(
                    "the address pool " + pool + " is not IPv4: give a block such as " + DEFAULT);
        }
        if (pool.bits() < WIDEST_BITS || pool.bits() > NARROWEST_BITS) {
            throw new IllegalArgumentException("the address pool " + pool + " must be between /" + WIDEST_BITS
                    + " and /" + NARROWEST_BITS + ": give a block such as " + DEFAULT);
        }
        return pool;
    }

    /** The lowest free number, or {@link #NONE}; it is free until {@link #take}. */
    int free() {
        int number = taken.nextClearBit(0);
        return number < size ? number : NONE;
    }

    void take(int number) {
        taken.set(number);
    }

    /** The number of an IPv4 address, or {@link #NONE} when it lies outside the pool. */
    int numberOf(InetAddress address) {
        return ipv4.contains(address) ? toInt(address) - toInt(ipv4.address()) : NONE;
    }

    InetAddress ipv4(int number) {
        return address(
                ByteBuffer.allocate(4).putInt(toInt(ipv4.address()) + number).array());
    }

    InetAddress ipv6(int number) {
        byte[] bytes = ipv6.address().getAddress();
        ByteBuffer.wrap(bytes).putInt(12, number);
        return address(bytes);
    }

    @Override
    public String toString() {
        return ipv4 + " and " + ipv6;
    }

    private static int toInt(InetAddress address) {
        return ByteBuffer.wrap(address.getAddress()).getInt();
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
