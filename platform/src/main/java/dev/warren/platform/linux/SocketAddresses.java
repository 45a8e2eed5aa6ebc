package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.AF_INET;
import static dev.warren.platform.linux.Constants.AF_INET6;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct sockaddr_in} and {@code sockaddr_in6} (in.h, in6.h), and a memory of the addresses that were read last,
 * so that a datagram from a known source makes no objects.
 *
 * <p>Layout: family u16 native; port u16 big endian; then IPv4: address, 8 zero bytes; IPv6: flow info u32, address
 * (16), scope id u32 native.
 */
final class SocketAddresses {
    /** Room for either form. */
    static final int BYTES = 28;

    private static final int IPV4_BYTES = 16;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfShort PORT = SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    /** Direct mapped; 1024 peers that talk at once are many, and a clash costs one small object. */
    private static final int CACHE_SLOTS = 1024;

    private final long[] first = new long[CACHE_SLOTS];
    private final long[] second = new long[CACHE_SLOTS];
    private final long[] third = new long[CACHE_SLOTS];
    private final @Nullable InetSocketAddress[] known = new InetSocketAddress[CACHE_SLOTS];

    /** Writes {@code address} and returns how many bytes it takes. An address without IP is the caller's mistake. */
    static int write(InetSocketAddress address, MemorySegment target, long offset) {
        InetAddress ip = address.getAddress();
        byte[] bytes = ip.getAddress();
        target.set(PORT, offset + 2, (short) address.getPort());
        if (bytes.length == 4) {
            target.set(SHORT, offset, (short) AF_INET);
            MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, offset + 4, 4);
            target.set(LONG, offset + 8, 0);
            return IPV4_BYTES;
        }
        target.set(SHORT, offset, (short) AF_INET6);
        target.set(INT, offset + 4, 0);
        MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, offset + 8, 16);
        target.set(INT, offset + 24, ip instanceof Inet6Address six ? six.getScopeId() : 0);
        return BYTES;
    }

    /** The address at {@code offset}; null when it is of another family. */
    @Nullable
    InetSocketAddress read(MemorySegment source, long offset) {
        boolean six = source.get(SHORT, offset) == AF_INET6;
        if (!six && source.get(SHORT, offset) != AF_INET) {
            return null;
        }
        // Family, port, and IPv4 address or flow info (left out: it may change from packet to packet).
        long head = six ? source.get(INT, offset) : source.get(LONG, offset);
        long high = six ? source.get(LONG, offset + 8) : 0;
        long low = six ? source.get(LONG, offset + 16) : 0;
        int slot = slot(head, high, low);
        InetSocketAddress cached = known[slot];
        if (cached != null
                && first[slot] == head
                && second[slot] == high
                && third[slot] == low
                && !isLinkLocal(cached)) {
            return cached;
        }
        InetSocketAddress fresh = decode(source, offset, six);
        first[slot] = head;
        second[slot] = high;
        third[slot] = low;
        known[slot] = fresh;
        return fresh;
    }

    /** A link-local address is not whole without its scope, which is not part of the key. */
    private static boolean isLinkLocal(InetSocketAddress address) {
        return address.getAddress() instanceof Inet6Address six && six.isLinkLocalAddress();
    }

    private static int slot(long head, long high, long low) {
        long mixed = (head ^ Long.rotateLeft(high, 23) ^ Long.rotateLeft(low, 41)) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 54);
    }

    /** The address at {@code offset}, of the family that the caller has looked up. */
    static InetSocketAddress decode(MemorySegment source, long offset, boolean six) {
        byte[] bytes = new byte[six ? 16 : 4];
        MemorySegment.copy(source, ValueLayout.JAVA_BYTE, offset + (six ? 8 : 4), bytes, 0, bytes.length);
        int port = Short.toUnsignedInt(source.get(PORT, offset + 2));
        try {
            if (six) {
                int scope = source.get(INT, offset + 24);
                // A mapped address would turn into an Inet4Address here; the sockets are IPV6_V6ONLY, so none arrives.
                return new InetSocketAddress(
                        scope == 0 ? InetAddress.getByAddress(bytes) : Inet6Address.getByAddress(null, bytes, scope),
                        port);
            }
            return new InetSocketAddress(Inet4Address.getByAddress(bytes), port);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
