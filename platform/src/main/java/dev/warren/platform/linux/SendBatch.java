package dev.warren.platform.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams that wait for one {@link UdpSocket#send}, in one slab of native memory. Belongs to one thread. All of them
 * must be of the socket's family.
 */
public final class SendBatch {
    private static final ValueLayout.OfLong HEADER = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final MessageVector vector;
    private final WrittenAddresses addresses = new WrittenAddresses();
    private final @Nullable InetSocketAddress[] destinations;
    private int head;
    private int tail;

    /**
     * @param slots how many datagrams can wait
     * @param slotBytes the longest datagram
     */
    public SendBatch(int slots, int slotBytes) {
        vector = new MessageVector(slots, slotBytes);
        destinations = new InetSocketAddress[slots];
    }

    /** How many datagrams wait. */
    public int size() {
        return tail - head;
    }

    /** Whether the next {@link #add} would find no slot. */
    public boolean isFull() {
        return tail == vector.slots();
    }

    /** Copies one datagram in; false (and nothing kept) when no slot is free or it is longer than a slot. */
    public boolean add(InetSocketAddress destination, byte[] buffer, int offset, int length) {
        if (!add(buffer, offset, length)) {
            return false;
        }
        int index = tail - 1;
        vector.setNameLength(index, addresses.write(destination, vector.names(), vector.nameOffset(index)));
        destinations[index] = destination;
        return true;
    }

    /** The same behind eight bytes more, which are {@code header}, big-endian. */
    public boolean add(InetSocketAddress destination, long header, byte[] buffer, int offset, int length) {
        if (isFull() || Long.BYTES + length > vector.slotBytes()) {
            return false;
        }
        long at = vector.slotOffset(tail);
        vector.slab().set(HEADER, at, header);
        MemorySegment.copy(buffer, offset, vector.slab(), ValueLayout.JAVA_BYTE, at + Long.BYTES, length);
        took(destination, Long.BYTES + length);
        return true;
    }

    /** The same for a socket that is {@linkplain UdpSocket#connect connected}: it knows where to. */
    public boolean add(byte[] buffer, int offset, int length) {
        if (isFull() || length > vector.slotBytes()) {
            return false;
        }
        int index = tail++;
        vector.setNameLength(index, 0);
        MemorySegment.copy(buffer, offset, vector.slab(), ValueLayout.JAVA_BYTE, vector.slotOffset(index), length);
        vector.setSlotLength(index, length);
        return true;
    }

    /** Copies {@code length} bytes of another slab in; false when no slot is free or they are longer than a slot. */
    boolean add(InetSocketAddress destination, MemorySegment slab, long offset, int length) {
        if (isFull() || length > vector.slotBytes()) {
            return false;
        }
        MemorySegment.copy(slab, offset, vector.slab(), vector.slotOffset(tail), length);
        took(destination, length);
        return true;
    }

    private void took(InetSocketAddress destination, int length) {
        int index = tail++;
        vector.setSlotLength(index, length);
        vector.setNameLength(index, addresses.write(destination, vector.names(), vector.nameOffset(index)));
        destinations[index] = destination;
    }

    /** Forgets everything that waits. */
    public void clear() {
        Arrays.fill(destinations, head, tail, null);
        head = 0;
        tail = 0;
    }

    MemorySegment waiting() {
        return vector.headersFrom(head);
    }

    /** The address of the first one that waits; null when that is up to the socket. */
    @Nullable
    InetSocketAddress firstDestination() {
        return destinations[head];
    }

    /** The first {@code count} are gone: sent, or given up. */
    void remove(int count) {
        Arrays.fill(destinations, head, head + count, null);
        head += count;
        if (head == tail) {
            head = 0;
            tail = 0;
        }
    }
}
