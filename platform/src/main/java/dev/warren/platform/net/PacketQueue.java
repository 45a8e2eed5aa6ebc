package dev.warren.platform.net;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Packets on their way from any thread to the one that owns a connection, bounded in packets and in bytes. The lock is
 * held for the length of one queue operation only.
 */
public final class PacketQueue {
    private final int maxPackets;
    private final int maxBytes;
    private final Queue<ByteBuf> packets = new ArrayDeque<>();
    private int bytes;
    private boolean closed;

    /** A queue for at most {@code maxPackets} packets of {@code maxBytes} bytes together. */
    public PacketQueue(int maxPackets, int maxBytes) {
        this.maxPackets = maxPackets;
        this.maxBytes = maxBytes;
    }

    /** Takes {@code packet} over; false when the queue is full or closed, and the packet stays the caller's. */
    public synchronized boolean offer(ByteBuf packet) {
        int length = packet.readableBytes();
        if (closed || packets.size() >= maxPackets || bytes + length > maxBytes) {
            return false;
        }
        packets.add(packet);
        bytes += length;
        return true;
    }

    /** The oldest packet, which becomes the caller's; null when there is none. */
    public synchronized @Nullable ByteBuf poll() {
        ByteBuf packet = packets.poll();
        if (packet != null) {
            bytes -= packet.readableBytes();
        }
        return packet;
    }

    /** Whether there is nothing to poll. */
    public synchronized boolean isEmpty() {
        return packets.isEmpty();
    }

    /** Releases all packets and takes no more; gives how many there were. */
    public synchronized int close() {
        closed = true;
        int count = packets.size();
        packets.forEach(ByteBuf::release);
        packets.clear();
        bytes = 0;
        return count;
    }
}
