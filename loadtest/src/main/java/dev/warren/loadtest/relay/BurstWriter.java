package dev.warren.loadtest.relay;

import dev.warren.loadtest.relay.wire.Stamp;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameType;
import dev.warren.protocol.key.NodePublicKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;

/**
 * Writes the SEND_PACKET frames of a burst one behind the other. The memory is filled once; each frame then only gets
 * its head, destination and stamp.
 */
final class BurstWriter {
    /** What a packet's frame is longer than the packet. */
    static final int OVERHEAD = Frame.HEADER_LENGTH + NodePublicKey.LENGTH;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int FLOW_STRIDE = 997;

    private final MemorySegment target;
    private final PacketMix mix;
    private final int burst;

    /**
     * A writer into {@code target}.
     *
     * @param burst frames of each burst
     */
    BurstWriter(MemorySegment target, PacketMix mix, int burst, RandomGenerator random) {
        this.target = target;
        this.mix = mix;
        this.burst = burst;
        byte[] filler = new byte[longest(mix, burst)];
        random.nextBytes(filler);
        MemorySegment.copy(filler, 0, target, ValueLayout.JAVA_BYTE, 0, filler.length);
    }

    /** The most bytes that one burst takes. */
    static int longest(PacketMix mix, int burst) {
        return Math.multiplyExact(burst, mix.longest() + OVERHEAD);
    }

    /** Writes the burst of {@code flow} whose first packet is {@code sequence}; how many bytes it is. */
    int write(Flow flow, long sequence, long sentNanos) {
        int at = 0;
        for (int i = 0; i < burst; i++) {
            at += writeOne(flow, sequence + i, sentNanos, at);
        }
        return at;
    }

    private int writeOne(Flow flow, long sequence, long sentNanos, int at) {
        long index = sequence + (long) flow.id() * FLOW_STRIDE;
        int size = mix.size(index);
        target.set(ValueLayout.JAVA_BYTE, at, (byte) FrameType.SEND_PACKET.code());
        target.set(INT, at + 1, NodePublicKey.LENGTH + size);
        MemorySegment.copy(flow.destination(), 0, target, at + Frame.HEADER_LENGTH, NodePublicKey.LENGTH);
        int stamp = at + OVERHEAD;
        if (mix.isDisco(index)) {
            Stamp.writeDisco(target, stamp);
            stamp += Stamp.DISCO_BYTES;
        }
        Stamp.write(target, stamp, flow.id(), sequence, sentNanos);
        return OVERHEAD + size;
    }
}
