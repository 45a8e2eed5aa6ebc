package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.Aead;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Packets that wait for a session, copied, with room for sealing in place. Bounded in packets (as in the kernel) and in
 * bytes; a full queue drops the oldest, which the sender is the likeliest to have sent again.
 */
final class StagingQueue {
    static final int MAX_PACKETS = 128;
    /** 128 packets of an Ethernet's size. */
    static final int MAX_BYTES = 192 * 1024;

    private final ArrayDeque<byte[]> packets = new ArrayDeque<>();
    private int sizeBytes;

    boolean isEmpty() {
        return packets.isEmpty();
    }

    int sizeBytes() {
        return sizeBytes;
    }

    /** Copies a packet in; returns how many older ones (or itself, if it is beyond all bounds) had to go. */
    int add(byte[] buffer, int offset, int length) {
        if (length > MAX_BYTES) {
            return 1;
        }
        byte[] slot = new byte[DataMessage.HEADER_LENGTH + length + Constants.PADDING_MULTIPLE + Aead.TAG_LENGTH];
        System.arraycopy(buffer, offset, slot, DataMessage.HEADER_LENGTH, length);
        packets.addLast(slot);
        sizeBytes += length;
        int dropped = 0;
        while (packets.size() > MAX_PACKETS || sizeBytes > MAX_BYTES) {
            sizeBytes -= packetLength(packets.removeFirst());
            dropped++;
        }
        return dropped;
    }

    /** The oldest packet, behind {@link DataMessage#HEADER_LENGTH} free bytes; null when there is none. */
    byte @Nullable [] poll() {
        byte[] slot = packets.pollFirst();
        if (slot != null) {
            sizeBytes -= packetLength(slot);
        }
        return slot;
    }

    /** The length of the packet in a slot that {@link #poll} returned. */
    static int packetLength(byte[] slot) {
        return slot.length - DataMessage.HEADER_LENGTH - Constants.PADDING_MULTIPLE - Aead.TAG_LENGTH;
    }

    /** Drops everything; returns how many. */
    int clear() {
        int dropped = packets.size();
        packets.clear();
        sizeBytes = 0;
        return dropped;
    }
}
