package dev.warren.platform.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Room for the datagrams of one {@link UdpSocket#receive}. Belongs to one thread; what it holds is valid until the next
 * receive into it.
 */
public final class ReceiveBatch {
    private final MessageVector vector;
    private final SocketAddresses addresses = new SocketAddresses();
    private long truncated;

    /**
     * @param slots how many datagrams one call may bring
     * @param slotBytes the longest datagram; a longer one is dropped and counted
     */
    public ReceiveBatch(int slots, int slotBytes) {
        vector = new MessageVector(slots, slotBytes);
    }

    /** How many datagrams one call may bring. */
    public int slots() {
        return vector.slots();
    }

    /**
     * The length in bytes of datagram {@code index}, or -1 when it has to be skipped (cut off, or of no known family).
     */
    public int length(int index) {
        return source(index) == null || isTruncated(index) ? -1 : vector.received(index);
    }

    /** Where datagram {@code index} came from; the same object for the same address as far as memory goes. */
    public @Nullable InetSocketAddress source(int index) {
        return addresses.read(vector.names(), vector.nameOffset(index));
    }

    /** Copies datagram {@code index}, all {@link #length} bytes of it. */
    public void copy(int index, byte[] target, int offset) {
        MemorySegment.copy(
                vector.slab(), ValueLayout.JAVA_BYTE, vector.slotOffset(index), target, offset, vector.received(index));
    }

    /** How many datagrams were longer than a slot so far. */
    public long truncated() {
        return truncated;
    }

    MessageVector prepare() {
        for (int i = 0; i < vector.slots(); i++) {
            vector.setNameLength(i, SocketAddresses.BYTES);
        }
        return vector;
    }

    void received(int count) {
        for (int i = 0; i < count; i++) {
            if (isTruncated(i)) {
                truncated++;
            }
        }
    }

    private boolean isTruncated(int index) {
        return (vector.flags(index) & Constants.MSG_TRUNC) != 0;
    }
}
