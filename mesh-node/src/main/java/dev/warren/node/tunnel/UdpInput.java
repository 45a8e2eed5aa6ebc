package dev.warren.node.tunnel;

import dev.warren.platform.linux.GroBatch;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.UdpSocket;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/** What the network brings: reads batches and hands each datagram to the engine. Belongs to the datapath thread. */
final class UdpInput {
    private final GroBatch batch;
    private final DatapathCounters counters;
    private final TunOutput tunOutput;

    UdpInput(GroBatch batch, DatapathCounters counters, TunOutput tunOutput) {
        this.batch = batch;
        this.counters = counters;
        this.tunOutput = tunOutput;
    }

    /** Reads one batch; whether there may be more. */
    boolean read(PacketEngine engine, UdpSocket socket, long nowNanos) throws LinuxException {
        int count = socket.receive(batch);
        int datagrams = 0;
        try {
            for (int i = 0; i < count; i++) {
                datagrams += hand(engine, i, nowNanos);
            }
        } finally {
            // Also when the engine failed: what it delivered before lies where the next batch will be read to.
            tunOutput.flush();
        }
        counters.add(DatapathCounter.UDP_RECEIVED, datagrams);
        return count == batch.slots();
    }

    /** Hands over all datagrams of one message of the kernel's, which joins those of one sender and length. */
    private int hand(PacketEngine engine, int index, long nowNanos) {
        int length = batch.length(index);
        InetSocketAddress source = batch.source(index);
        if (length < 0 || source == null) {
            counters.increment(DatapathCounter.UDP_TRUNCATED);
            return 0;
        }
        MemorySegment memory = batch.memory();
        long offset = batch.offset(index);
        int segment = Math.max(1, batch.segmentBytes(index));
        int datagrams = 0;
        for (int at = 0; at < length || datagrams == 0; at += segment) {
            int size = Math.min(segment, length - at);
            engine.onUdp(source, batch.localAddress(index), batch.ecn(index), memory, offset + at, size, nowNanos);
            datagrams++;
        }
        return datagrams;
    }
}
