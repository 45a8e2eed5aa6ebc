package dev.warren.loadtest.bench;

import dev.warren.node.offload.Coalescer;
import dev.warren.node.offload.InternetChecksum;
import dev.warren.node.offload.PacketSink;
import dev.warren.node.offload.Segmenter;
import dev.warren.node.offload.VirtioHeader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a TUN device with offloads leaves to the tunnel, for TCP in IPv4 with time stamps at an MTU of 1420. */
@Title("TUN offloads")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class OffloadBench {
    private static final int HEADERS = 52;
    private static final int SEGMENT = 1_368;
    private static final int SEGMENTS = 46;
    private static final int PACKET = HEADERS + SEGMENT;
    private static final int SUPER_PACKET = HEADERS + SEGMENTS * SEGMENT;
    /** Room in front of and behind each packet, as the tunnel leaves it. */
    private static final int STRIDE = PACKET + 48;

    private final MemorySegment read = Arena.ofAuto().allocate(VirtioHeader.BYTES + SUPER_PACKET, 64);
    private final MemorySegment slab = Arena.ofAuto().allocate((long) SEGMENTS * STRIDE, 64);
    private final MemorySegment acknowledgements = Arena.ofAuto().allocate((long) SEGMENTS * STRIDE, 64);
    private final Segmenter segmenter = new Segmenter();
    private final Counting sink = new Counting();
    private final Coalescer coalescer = new Coalescer(Arena.ofAuto(), SEGMENTS, sink);

    /** A super-packet as read from the device, its segments, and as many packets without payload. */
    public OffloadBench() {
        writeSuperPacket();
        split();
        for (int i = 0; i < SEGMENTS; i++) {
            long at = (long) i * STRIDE;
            MemorySegment.copy(slab, at, acknowledgements, at, HEADERS);
            u16(acknowledgements, at + 2, HEADERS);
        }
    }

    private void writeSuperPacket() {
        VirtioHeader.writeSuper(read, 0, VirtioHeader.GSO_TCPV4, HEADERS, SEGMENT, 20, 16);
        long packet = VirtioHeader.BYTES;
        for (int i = 0; i < SEGMENTS * SEGMENT; i++) {
            read.set(ValueLayout.JAVA_BYTE, packet + HEADERS + i, (byte) (i * 7));
        }
        u16(read, packet, 0x4500);
        u16(read, packet + 2, SUPER_PACKET);
        u16(read, packet + 6, 0x4000); // not to be fragmented
        u16(read, packet + 8, 64 << 8 | 6); // TTL, TCP
        u16(read, packet + 12, 10 << 8);
        u16(read, packet + 14, 1);
        u16(read, packet + 16, 10 << 8);
        u16(read, packet + 18, 2);
        u16(read, packet + 20, 5201);
        u16(read, packet + 22, 40_000);
        u16(read, packet + 32, 8 << 12 | 0x10); // header of eight words, ACK
        u16(read, packet + 34, 500);
        u16(read, packet + 40, 0x0101); // two fillers, time stamps
        u16(read, packet + 42, 0x080a);
    }

    private static void u16(MemorySegment memory, long at, int value) {
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), at, (short) value);
    }

    /** One packet's checksum. */
    @Benchmark
    @Title("checksum of 1420 B")
    public int checksum() {
        return InternetChecksum.sum(slab, 0, PACKET);
    }

    /** A super-packet of 64 KB, each segment copied to its place. */
    @Benchmark
    @Title("46 segments of 1420 B cut")
    public long split() {
        long at = 0;
        segmenter.start(read, 0, VirtioHeader.BYTES + SUPER_PACKET);
        while (segmenter.hasNext()) {
            segmenter.next(slab, at);
            at += STRIDE;
        }
        return at;
    }

    /** The same back again, with every checksum verified. */
    @Benchmark
    @Title("46 segments of 1420 B joined")
    public long join() {
        for (int i = 0; i < SEGMENTS; i++) {
            coalescer.add(slab, (long) i * STRIDE, PACKET);
        }
        coalescer.flush();
        return sink.bytes;
    }

    /** What can't be joined. */
    @Benchmark
    @Title("46 acknowledgements passed")
    public long pass() {
        for (int i = 0; i < SEGMENTS; i++) {
            coalescer.add(acknowledgements, (long) i * STRIDE, HEADERS);
        }
        coalescer.flush();
        return sink.bytes;
    }

    /** How many packets left in how many units: for who wants to be sure that something was joined. */
    double packetsPerUnit() {
        return (double) sink.packets / sink.units;
    }

    /** Takes everything. */
    private static final class Counting implements PacketSink {
        private long units;
        private long packets;
        private long bytes;

        @Override
        public void begin() {
            units++;
        }

        @Override
        public void slice(MemorySegment memory, long offset, int length) {
            bytes += length;
        }

        @Override
        public boolean end(int packets) {
            this.packets += packets;
            return true;
        }
    }
}
