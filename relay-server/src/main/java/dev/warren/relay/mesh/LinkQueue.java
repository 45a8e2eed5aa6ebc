package dev.warren.relay.mesh;

import dev.warren.relay.client.RelayMetrics;
import dev.warren.relay.client.RelayMetrics.Drop;
import dev.warren.relay.client.RelayMetrics.Kind;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;

/**
 * Packets on their way to another relay, each as two buffers: what stands in front of it, and itself. Disco messages
 * have a queue of their own and go first; in a full queue the oldest make room for the newest. Any thread may call it;
 * the lock is held for the length of one queue operation.
 */
final class LinkQueue {
    /** Implementation: 30 packets of 64 KiB, which derpprobe has in flight, twice. */
    static final int MAX_BYTES = 4 << 20;
    /** Implementation: 20 ms of full packets at 1 Gbit/s; each may keep the whole buffer alive that it came in. */
    static final int MAX_PACKETS = 2048;

    private static final class Lane {
        private final Queue<ByteBuf> buffers = new ArrayDeque<>();
        private int bytes;

        void add(ByteBuf head, ByteBuf payload) {
            buffers.add(head);
            buffers.add(payload);
            bytes += payload.readableBytes();
        }

        boolean isFull(int more) {
            return !buffers.isEmpty() && (buffers.size() >= 2 * MAX_PACKETS || bytes + more > MAX_BYTES);
        }

        boolean poll(ByteBuf[] into) {
            if (buffers.isEmpty()) {
                return false;
            }
            into[0] = buffers.remove();
            into[1] = buffers.remove();
            bytes -= into[1].readableBytes();
            return true;
        }
    }

    private final RelayMetrics metrics;
    private final Map<Kind, Lane> lanes = new EnumMap<>(Kind.class);
    private final ByteBuf[] dropped = new ByteBuf[2];
    private boolean closed;

    LinkQueue(RelayMetrics metrics) {
        this.metrics = metrics;
        for (Kind kind : Kind.values()) {
            lanes.put(kind, new Lane());
        }
    }

    /** Takes both buffers over. */
    synchronized void add(ByteBuf head, ByteBuf payload, Kind kind) {
        Lane lane = lane(kind);
        if (closed) {
            head.release();
            payload.release();
            metrics.dropped(Drop.LINK_LOST, kind);
            return;
        }
        while (lane.isFull(payload.readableBytes())) {
            drop(lane, kind, Drop.LINK_QUEUE_HEAD);
        }
        lane.add(head, payload);
    }

    /** Puts the next packet's two buffers, which become the caller's, into {@code into}; false when there is none. */
    synchronized boolean poll(ByteBuf[] into) {
        return lane(Kind.DISCO).poll(into) || lane(Kind.OTHER).poll(into);
    }

    synchronized boolean isEmpty() {
        return lane(Kind.DISCO).buffers.isEmpty() && lane(Kind.OTHER).buffers.isEmpty();
    }

    /** Drops all packets, and those that come later. */
    synchronized void close() {
        closed = true;
        lanes.forEach((kind, lane) -> {
            while (!lane.buffers.isEmpty()) {
                drop(lane, kind, Drop.LINK_LOST);
            }
        });
    }

    private void drop(Lane lane, Kind kind, Drop reason) {
        if (lane.poll(dropped)) {
            dropped[0].release();
            dropped[1].release();
            metrics.dropped(reason, kind);
        }
    }

    private Lane lane(Kind kind) {
        return Objects.requireNonNull(lanes.get(kind));
    }
}
