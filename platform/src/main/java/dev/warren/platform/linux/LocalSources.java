package dev.warren.platform.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * A memory of the {@link LocalSource}s that were read last, so that a datagram makes no objects: a machine has few
 * addresses. Belongs to one thread.
 *
 * <p>{@code struct in_pktinfo} (in.h), 12 bytes: interface i32, own address, address in the header. {@code struct
 * in6_pktinfo} (in6.h), 20 bytes: own address, interface i32.
 */
final class LocalSources {
    /** Direct mapped; a clash costs one small object. */
    private static final int SLOTS = 256;

    private static final int SHIFT = 64 - Integer.numberOfTrailingZeros(SLOTS);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final @Nullable LocalSource[] known = new LocalSource[SLOTS];

    /** The {@code in_pktinfo} or, with {@code six}, {@code in6_pktinfo} at {@code offset}. */
    LocalSource read(MemorySegment memory, long offset, boolean six) {
        long high = six ? memory.get(LONG, offset) : 0;
        long low = six ? memory.get(LONG, offset + 8) : memory.get(INT, offset + 4);
        int index = memory.get(INT, six ? offset + 16 : offset);
        long mixed = (high ^ Long.rotateLeft(low, 31) ^ index) * 0x9E3779B97F4A7C15L;
        int slot = (int) (mixed >>> SHIFT);
        LocalSource cached = known[slot];
        if (cached != null && cached.matches(six, high, low, index)) {
            return cached;
        }
        LocalSource fresh = decode(memory, six ? offset : offset + 4, six ? 16 : 4, index);
        known[slot] = fresh;
        return fresh;
    }

    private static LocalSource decode(MemorySegment memory, long at, int length, int index) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at, bytes, 0, length);
        try {
            return new LocalSource(InetAddress.getByAddress(bytes), index);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
