package dev.warren.platform.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A memory of the addresses that were written last, in their form as {@link SocketAddresses}: the bytes of an address
 * cannot be had without an object, so that of a known destination is written from here. Belongs to one thread.
 */
final class WrittenAddresses {
    /** Direct mapped, as in {@link SocketAddresses}. */
    private static final int SLOTS = 1024;

    private static final int HASH_SHIFT = Integer.numberOfLeadingZeros(SLOTS) + 1;
    private static final int GOLDEN_RATIO = 0x9E3779B9;

    private final @Nullable InetSocketAddress[] known = new InetSocketAddress[SLOTS];
    private final byte[] forms = new byte[SLOTS * SocketAddresses.BYTES];
    private final byte[] lengths = new byte[SLOTS];

    WrittenAddresses() {}

    /** As {@link SocketAddresses#write}. */
    @SuppressWarnings("ReferenceEquality") // who sends has one object for a peer, and equality leaves out the scope
    int write(InetSocketAddress address, MemorySegment target, long offset) {
        int slot = (address.hashCode() * GOLDEN_RATIO) >>> HASH_SHIFT;
        int at = slot * SocketAddresses.BYTES;
        if (known[slot] != address) {
            lengths[slot] = (byte) SocketAddresses.write(address, target, offset);
            MemorySegment.copy(target, ValueLayout.JAVA_BYTE, offset, forms, at, lengths[slot]);
            known[slot] = address;
            return lengths[slot];
        }
        MemorySegment.copy(forms, at, target, ValueLayout.JAVA_BYTE, offset, lengths[slot]);
        return lengths[slot];
    }
}
