package dev.warren.node.tunnel;

import dev.warren.node.offload.Coalescer;
import dev.warren.node.offload.PacketSink;
import dev.warren.node.offload.VirtioHeader;
import dev.warren.platform.linux.Errno;
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
    /** Where the packets go: a {@link TunDevice}, but in tests. */
    @FunctionalInterface
    interface Writing {
        /** 0, or the error number with which the packet was not taken. */
        int write(GatherWrite packet) throws LinuxException;
    }

    private final Writing writing;
    private final int headerBytes;
    private final DatapathCounters counters;
    private final OffloadSwitches switches;
    private final GatherWrite gather;
    private final Coalescer coalescer;
    private int skip;
    private boolean isRefused;

    TunOutput(TunDevice tun, DatapathCounters counters, OffloadSwitches switches) {
        this(tun::write, tun.headerBytes(), counters, switches);
    }

    /** For packets in front of which the device wants {@code headerBytes}. */
    TunOutput(Writing writing, int headerBytes, DatapathCounters counters, OffloadSwitches switches) {
        this.writing = writing;
        this.switches = switches;
        this.headerBytes = headerBytes;
        this.counters = counters;
        this.coalescer = new Coalescer(Arena.ofAuto(), Coalescer.SAFE_SEGMENTS, this);
        this.gather = new GatherWrite(coalescer.maxSlices());
        if (!switches.isOn(Offload.TUN_TCP)) {
            coalescer.switchOffTcp();
        }
        if (!switches.isOn(Offload.TUN_UDP)) {
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
        if (isRefused) {
            isRefused = false;
            if (!coalescer.joinsTcp()) {
                switches.refused(Offload.TUN_TCP);
            }
            if (!coalescer.joinsUdp()) {
                switches.refused(Offload.TUN_UDP);
            }
        }
    }

    @Override
    public void begin() {
        gather.clear();
        // A device without offloads has no header; nothing was joined for it either.
        skip = VirtioHeader.BYTES - headerBytes;
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
    public boolean end(int packets) {
        int error;
        try {
            error = writing.write(gather);
        } catch (LinuxException gone) {
            error = gone.errno(); // reading tells it too, and ends the datapath
        }
        // Only packets whose checksums are right were joined: it is their being joined that the kernel minds.
        if (error == Errno.EINVAL.number() && packets > 1) {
            counters.increment(DatapathCounter.TUN_JOINED_REFUSED);
            isRefused = true;
            return false;
        }
        counters.add(error == 0 ? DatapathCounter.TUN_WRITTEN : DatapathCounter.TUN_REFUSED, packets);
        return true;
    }
}
