package dev.warren.node.tunnel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.warren.protocol.key.NodePublicKey;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Packets from relays on their way to the datapath: many threads offer, one takes. Bounded in bytes and in packets;
 * everything it needs is allocated at the start. A full queue refuses the newest packet.
 *
 * <p>Guarded by its own monitor, which is held for a copy of one packet at most.
 */
final class RelayQueue {
    private final byte[] ring;
    private final int[] regions;
    private final int[] lengths;
    private final @Nullable NodePublicKey[] sources;
    private int writeOffset;
    private int readOffset;
    private int usedBytes;
    private int head;
    private int count;

    RelayQueue(int bytes, int packets) {
        ring = new byte[bytes];
        regions = new int[packets];
        lengths = new int[packets];
        sources = new NodePublicKey[packets];
    }

    /** Copies a packet in; false when there is no room. */
    synchronized boolean offer(int region, NodePublicKey source, byte[] buffer, int offset, int length) {
        if (count == regions.length || length > ring.length - usedBytes) {
            return false;
        }
        int slot = (head + count++) % regions.length;
        regions[slot] = region;
        lengths[slot] = length;
        sources[slot] = source;
        int before = Math.min(length, ring.length - writeOffset);
        System.arraycopy(buffer, offset, ring, writeOffset, before);
        System.arraycopy(buffer, offset + before, ring, 0, length - before);
        writeOffset = (writeOffset + length) % ring.length;
        usedBytes += length;
        return true;
    }

    /** Takes the oldest packet into {@code packet}; false when there is none. */
    synchronized boolean take(RelayPacket packet) {
        if (count == 0) {
            return false;
        }
        packet.region = regions[head];
        packet.source = sources[head];
        packet.length = lengths[head];
        int before = Math.min(packet.length, ring.length - readOffset);
        MemorySegment.copy(ring, readOffset, packet.buffer, JAVA_BYTE, packet.offset, before);
        MemorySegment.copy(ring, 0, packet.buffer, JAVA_BYTE, packet.offset + before, packet.length - before);
        readOffset = (readOffset + packet.length) % ring.length;
        usedBytes -= packet.length;
        sources[head] = null;
        head = (head + 1) % regions.length;
        count--;
        return true;
    }

    synchronized boolean isEmpty() {
        return count == 0;
    }
}
