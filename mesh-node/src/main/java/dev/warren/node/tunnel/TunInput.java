package dev.warren.node.tunnel;

import dev.warren.node.offload.Segmenter;
import dev.warren.node.offload.VirtioHeader;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.TunDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the machine sends into the tunnel: reads the device, cuts what it hands over in one piece into packets, and lays
 * them into one slab, each with room for header, padding and tag. A sealed message ends where the next begins, so that
 * the messages of one piece are one run of memory ({@link UdpOutput}). Belongs to the datapath thread.
 *
 * <p>What lies in the slab is valid until {@link #reset}.
 */
final class TunInput {
    private static final int MAX_PACKET_BYTES = 65_535;
    private static final int SLOT_BYTES = PacketEngine.HEADROOM_BYTES + MAX_PACKET_BYTES + PacketEngine.TAILROOM_BYTES;

    private final TunDevice tun;
    private final DatapathCounters counters;
    private final Segmenter segmenter = new Segmenter();
    private final MemorySegment piece;
    private final MemorySegment slab;
    private long next;

    TunInput(TunDevice tun, DatapathCounters counters, int slabBytes) {
        this.tun = tun;
        this.counters = counters;
        this.piece = Arena.ofAuto().allocate(VirtioHeader.BYTES + MAX_PACKET_BYTES, 64);
        this.slab = Arena.ofAuto().allocate(Math.max(slabBytes, 2 * SLOT_BYTES), 64);
    }

    /** Whether this is where the packets lie that {@link PacketEngine#onTun} is given. */
    boolean holds(MemorySegment memory) {
        return slab.equals(memory);
    }

    /** Whether a piece is read but not all of it handed over. */
    boolean hasMore() {
        return segmenter.hasNext();
    }

    /** Whether there is room for one more packet of any length. */
    boolean hasRoom() {
        return slab.byteSize() - next >= SLOT_BYTES;
    }

    /** Nothing in the slab is needed any more. */
    void reset() {
        next = 0;
    }

    /** The message that ends here is to stay: the next packet lies right behind it. */
    void used(long end) {
        next = Math.max(next, end);
    }

    /**
     * Hands the engine one packet; false when the device has none. Only with {@link #hasRoom}.
     */
    boolean readOne(PacketEngine engine, long nowNanos) throws LinuxException {
        while (!segmenter.hasNext()) {
            // A device without offloads has no header: what is in front of the packet then stays zero, which is a plain
            // one.
            int headerAt = VirtioHeader.BYTES - tun.headerBytes();
            int length = tun.read(piece, headerAt, tun.headerBytes() + MAX_PACKET_BYTES);
            if (length == TunDevice.EMPTY) {
                return false;
            }
            counters.increment(DatapathCounter.TUN_READ);
            if (segmenter.start(piece, 0, headerAt + length) != Segmenter.Verdict.USABLE) {
                counters.increment(DatapathCounter.TUN_MALFORMED);
            }
        }
        long at = next + PacketEngine.HEADROOM_BYTES;
        int length = segmenter.next(slab, at);
        engine.onTun(slab, at, length, nowNanos);
        return true;
    }
}
