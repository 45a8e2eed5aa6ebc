package dev.warren.node.tunnel;

import dev.warren.protocol.key.NodePublicKey;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

/**
 * The first packets for a relay that is still being connected to: without them a handshake through it would wait for
 * WireGuard's retry after five seconds. At most {@value #MAX_PACKETS}, the oldest dropped first, and none kept longer
 * than that retry. For any thread.
 */
final class HeldPackets {
    private static final int MAX_PACKETS = 32;
    private static final int MAX_PACKET_BYTES = 2048;
    private static final long MAX_AGE_NANOS = 5_000_000_000L;

    private static final class Held {
        final NodePublicKey destination;
        final byte[] packet;
        final long atNanos;

        Held(NodePublicKey destination, byte[] packet, long atNanos) {
            this.destination = destination;
            this.packet = packet;
            this.atNanos = atNanos;
        }
    }

    private final Queue<Held> packets = new ArrayDeque<>();
    private volatile boolean waiting;
    private long drops;

    /** Whether there is anything to flush. */
    boolean isWaiting() {
        return waiting;
    }

    /** Keeps a copy; false when the packet is too long to be one of a tunnel. */
    synchronized boolean offer(NodePublicKey destination, byte[] buffer, int offset, int length, long nowNanos) {
        if (length > MAX_PACKET_BYTES) {
            drops++;
            return false;
        }
        if (packets.size() == MAX_PACKETS) {
            packets.remove();
            drops++;
        }
        waiting = true;
        return packets.add(new Held(destination, Arrays.copyOfRange(buffer, offset, offset + length), nowNanos));
    }

    /** Sends what is not too old, in order. */
    synchronized void flush(RelayConnections.Link link, long nowNanos) {
        for (Held held = packets.poll(); held != null; held = packets.poll()) {
            boolean fresh = nowNanos - held.atNanos < MAX_AGE_NANOS;
            if (!fresh || !link.send(held.destination, held.packet, 0, held.packet.length)) {
                drops++;
            }
        }
        waiting = false;
    }

    synchronized long drops() {
        return drops;
    }
}
