package dev.warren.protocol.wireguard;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Packets that wait for a session, copied. Bounded in packets (as in the kernel) and in
 * bytes; a full queue drops the oldest, which the sender is the likeliest to have sent again.
 */
final class StagingQueue {
    static final int MAX_PACKETS = 128;
    /** 128 packets of an Ethernet's size. */
    static final int MAX_BYTES = 192 * 1024;
    /** No IP packet is longer. */
    static final int MAX_PACKET_BYTES = 65_535;

    private final ArrayDeque<byte[]> packets = new ArrayDeque<>();
    private int sizeBytes;

    boolean isEmpty() {
        return packets.isEmpty();
    }

    int sizeBytes() {
        return sizeBytes;
    }

    /** Copies a packet in; returns how many older ones (or itself, if it is beyond all bounds) had to go. */
    int add(MemorySegment memory, long offset, int length) {
        if (length > MAX_PACKET_BYTES) {
            return 1;
        }
        byte[] packet = new byte[length];
        MemorySegment.copy(memory, JAVA_BYTE, offset, packet, 0, length);
        packets.addLast(packet);
        sizeBytes += length;
        int dropped = 0;
        while (packets.size() > MAX_PACKETS || sizeBytes > MAX_BYTES) {
            sizeBytes -= packets.removeFirst().length;
            dropped++;
        }
        return dropped;
    }

    /** The oldest packet; null when there is none. */
    byte @Nullable [] poll() {
        byte[] packet = packets.pollFirst();
        if (packet != null) {
            sizeBytes -= packet.length;
        }
        return packet;
    }

    /** Drops everything; returns how many. */
    int clear() {
        int dropped = packets.size();
        packets.clear();
        sizeBytes = 0;
        return dropped;
    }
}
