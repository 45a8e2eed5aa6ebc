package dev.warren.node.tunnel;

import dev.warren.platform.linux.Clock;
import dev.warren.protocol.key.NodePublicKey;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What relays forwarded: hands it to the engine from one slab. Belongs to the datapath thread. */
final class RelayInput {
    private static final int MAX_PACKET_BYTES = 65_535;

    private final RelayQueue queue;
    private final int maxPackets;
    private final DatapathCounters counters;
    private final TunOutput tunOutput;
    private final RelayPacket packet;

    RelayInput(RelayQueue queue, int maxPackets, DatapathCounters counters, TunOutput tunOutput, int slabBytes) {
        this.queue = queue;
        this.maxPackets = maxPackets;
        this.counters = counters;
        this.tunOutput = tunOutput;
        MemorySegment slab = Arena.ofAuto().allocate(Math.max(slabBytes, MAX_PACKET_BYTES), 64);
        this.packet = new RelayPacket(slab);
    }

    /** Hands over what waits, at most one queue of it. */
    void read(PacketEngine engine) {
        try {
            hand(engine);
        } finally {
            again(); // also when the engine failed: what it delivered before is written as it was
        }
    }

    private void hand(PacketEngine engine) {
        long nowNanos = 0;
        for (int i = 0; i < maxPackets; i++) {
            if (packet.buffer.byteSize() - packet.offset < MAX_PACKET_BYTES) {
                again();
            }
            if (!queue.take(packet)) {
                return;
            }
            nowNanos = i == 0 ? Clock.bootTimeNanos() : nowNanos;
            NodePublicKey source = packet.source;
            if (source != null) {
                counters.increment(DatapathCounter.RELAY_RECEIVED);
                long offset = packet.offset;
                packet.offset += packet.length;
                engine.onRelay(packet.region, source, packet.buffer, offset, packet.length, nowNanos);
            }
        }
    }

    /** The packets that were opened here are written, so the slab can be used from its start. */
    private void again() {
        if (packet.offset > 0) {
            tunOutput.flush();
            packet.offset = 0;
        }
    }
}
