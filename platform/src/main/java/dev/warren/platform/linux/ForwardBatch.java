package dev.warren.platform.linux;

import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams that leave from the memory into which they were received: {@link UdpSocket#receive} into {@link #received},
 * {@link #forward} those that are to go on, {@link UdpSocket#forward}. Nothing is copied but the addresses. Belongs to
 * one thread.
 */
public final class ForwardBatch {
    private final ReceiveBatch received;
    private final MessageVector vector;
    private final WrittenAddresses addresses = new WrittenAddresses();
    private final @Nullable InetSocketAddress[] destinations;

    /**
     * @param slots how many datagrams one call may bring
     * @param slotBytes the longest datagram, 8 or more; a longer one is dropped and counted
     */
    public ForwardBatch(int slots, int slotBytes) {
        received = new ReceiveBatch(slots, slotBytes);
        vector = received.vector();
        destinations = new InetSocketAddress[slots];
    }

    /** What came in. */
    public ReceiveBatch received() {
        return received;
    }

    /** Marks datagram {@code index} to be sent, as it is, to {@code destination}, of the same family as its source. */
    public void forward(int index, InetSocketAddress destination) {
        vector.setNameLength(index, addresses.write(destination, vector.names(), vector.nameOffset(index)));
        vector.setSlotLength(index, vector.received(index));
        destinations[index] = destination;
    }

    /** Copies datagram {@code index} into a batch of the other family's socket; false when it finds no room there. */
    public boolean copyTo(SendBatch other, int index, InetSocketAddress destination) {
        return other.add(destination, vector.slab(), vector.slotOffset(index), vector.received(index));
    }

    /** The first marked one from {@code index} on; -1 when there is none. */
    int nextMarked(int index) {
        for (int i = index; i < destinations.length; i++) {
            if (destinations[i] != null) {
                return i;
            }
        }
        return -1;
    }

    /** How many marked ones follow one another from {@code index} on. */
    int markedFrom(int index) {
        int end = index;
        while (end < destinations.length && destinations[end] != null) {
            end++;
        }
        return end - index;
    }

    MemorySegment headersFrom(int index) {
        return vector.headersFrom(index);
    }

    InetSocketAddress destination(int index) {
        return Objects.requireNonNull(destinations[index]);
    }

    /** The slots are free for the next receive. */
    void clear() {
        for (int i = nextMarked(0); i >= 0; i = nextMarked(i + 1)) {
            vector.setSlotLength(i, vector.slotBytes());
        }
        Arrays.fill(destinations, null);
    }
}
