package dev.warren.node.tunnel;

import dev.warren.node.offload.Coalescer;
import dev.warren.node.offload.PacketSink;
import dev.warren.node.offload.VirtioHeader;
import dev.warren.platform.linux.GatherWrite;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.TunDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What came through the tunnel for this machine: joins the segments of a connection and writes them to the device in one
 * piece, from where they were opened. Belongs to the datapath thread.
 */
final class TunOutput implements PacketSink {
    private final TunDevice tun;
    private final DatapathCounters counters;
    private final GatherWrite gather;
    private final Coalescer coalescer;
    private int skip;

    TunOutput(TunDevice tun, DatapathCounters counters) {
        this.tun = tun;
        this.counters = counters;
        this.coalescer = new Coalescer(Arena.ofAuto(), Coalescer.SAFE_SEGMENTS, this);
        this.gather = new GatherWrite(coalescer.maxSlices());
        if (!tun.offloads().tcp()) {
            coalescer.switchOffTcp();
        }
        if (!tun.offloads().udp()) {
            coalescer.switchOffUdp();
        }
    }

    /** Takes a packet, which has to stay where it is until {@link #flush}. */
    void add(MemorySegment memory, long offset, int length) {
        coalescer.add(memory, offset, length);
    }

    /** Writes all that was added. */
    void flush() {
        coalescer.flush();
    }

    @Override
    public void begin() {
        gather.clear();
        // A device without offloads has no header; nothing was joined for it either.
        skip = VirtioHeader.BYTES - tun.headerBytes();
    }

    @Override
    public void slice(MemorySegment memory, long offset, int length) {
        int left = Math.min(skip, length);
        skip -= left;
        if (length > left && !gather.add(memory, offset + left, length - left)) {
            throw new IllegalStateException("more pieces than " + coalescer.maxSlices());
        }
    }

    @Override
    public void end(int packets) {
        try {
            boolean taken = tun.write(gather);
            counters.add(taken ? DatapathCounter.TUN_WRITTEN : DatapathCounter.TUN_REFUSED, packets);
        } catch (LinuxException gone) {
            counters.add(DatapathCounter.TUN_REFUSED, packets); // reading tells it too, and ends the datapath
        }
    }
}
