package dev.warren.node.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.node.offload.Segmenter.Verdict;
import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SegmenterTest {
    private static final int ROOM = 16;

    private final Segmenter segmenter = new Segmenter();

    @Test
    void shouldCutTcpToTheseBytes() {
        byte[] read = HexFormat.of()
                .parseHex("0101000004001400" + "1000" // needs checksum, TCPv4, segments of 4, checksum at 20+16
                        + "4500002f" + "ffff4000" + "40060000" + "0a000001" + "0a000002"
                        + "04d20050" + "fffffffe" + "0000004d" + "5099" + "01f4" + "0000" + "0000" // CWR, ACK, PSH, FIN
                        + "01020304" + "050607");

        List<byte[]> packets = cut(read);

        assertEquals(2, packets.size());
        assertHex(
                "4500002c" + "ffff4000" + "400626ca" + "0a000001" + "0a000002" + "04d20050" + "fffffffe" + "0000004d"
                        + "5090" + "01f4" + "8fe6" + "0000" + "01020304",
                packets.getFirst());
        assertHex(
                "4500002b" + "00004000" + "400626cb" + "0a000001" + "0a000002" + "04d20050" + "00000002" + "0000004d"
                        + "5019" + "01f4" + "885b" + "0000" + "050607",
                packets.get(1));
    }

    @Test
    void shouldCutAnySuperPacketAsTheModelDoes() {
        Seeds.forEach(400, random -> {
            TestPacket train = train(random);
            int segmentSize = random.nextInt(1, 1_500);

            assertSame(train.cut(segmentSize), cut(train.superPacket(segmentSize)));
        });
    }

    @Test
    void shouldCutTheLargestOne() {
        TestPacket train = new TestPacket().with(TestPacket.bytes(Seeds.random(1), 65_495));

        List<byte[]> packets = cut(train.superPacket(1_380));

        assertEquals(48, segmenter.packets());
        assertEquals(1_420, segmenter.packetLength());
        assertSame(train.cut(1_380), packets);
    }

    @Test
    void shouldSetCwrOnlyOnTheFirstAndFinAndPshOnlyOnTheLast() {
        TestPacket train = new TestPacket().with(new byte[300]);
        train.flags = 0x10 | 0x80 | 0x40 | 0x08 | 0x01;
        byte[] read = train.superPacket(100);
        read[1] |= (byte) 0x80; // with GSO_ECN

        List<Integer> flags =
                cut(read).stream().map(packet -> packet[33] & 0xff).toList();

        assertEquals(List.of(0xd0, 0x50, 0x59), flags);
    }

    @Test
    void shouldFindTheTransportItselfWhenTheChecksumIsComplete() {
        TestPacket train = new TestPacket().ipv6().with(new byte[300]);
        byte[] read = train.superPacket(100);
        Arrays.fill(read, 6, 10, (byte) 0);
        read[0] = 2; // verified

        assertSame(train.cut(100), cut(read));
    }

    @Test
    void shouldCompleteTheChecksumOfASinglePacket() {
        Seeds.forEach(200, random -> {
            TestPacket packet = train(random);
            packet.payload = Arrays.copyOf(packet.payload, random.nextInt(100));
            byte[] virtio = TestPacket.virtio(1, 0, 0, 0, packet.ipHeaderLength(), packet.tcp ? 16 : 6);

            List<byte[]> packets = cut(TestPacket.concat(virtio, packet.bytesWithoutChecksum()));

            assertEquals(1, packets.size());
            byte[] expected = packet.bytes();
            int at = packet.ipHeaderLength() + (packet.tcp ? 16 : 6);
            if (expected[at] == 0 && expected[at + 1] == 0) {
                expected[at] = (byte) 0xff; // the same number in ones' complement, and the kernel's choice too
                expected[at + 1] = (byte) 0xff;
            }
            assertArrayEquals(expected, packets.getFirst());
        });
    }

    @Test
    void shouldPassASinglePacketUntouched() {
        byte[] anything = {0, 1, 2};

        List<byte[]> packets = cut(TestPacket.concat(new byte[10], anything));

        assertEquals(1, packets.size());
        assertArrayEquals(anything, packets.getFirst());
    }

    @Test
    void shouldPassASuperPacketOfOne() {
        TestPacket one = new TestPacket().udp().with(new byte[50]);
        TestPacket none = new TestPacket();

        assertSame(List.of(one.bytes()), cut(one.superPacket(100)));
        assertSame(List.of(none.bytes()), cut(none.superPacket(100)));
    }

    @Test
    void shouldNotWriteZeroIntoAUdpChecksum() {
        TestPacket datagram = new TestPacket().udp().with(new byte[4]);
        byte[] bytes = datagram.bytes();
        // A payload that is the checksum's complement makes the sum all ones.
        datagram.payload[0] = bytes[26];
        datagram.payload[1] = bytes[27];

        byte[] packet = cut(datagram.superPacket(100)).getFirst();

        assertEquals(-1, packet[26]);
        assertEquals(-1, packet[27]);
        assertArrayEquals(datagram.bytes(), packet);
    }

    @Test
    void shouldSayWhatIsWrong() {
        TestPacket good = new TestPacket().with(new byte[300]);
        byte[] read = good.superPacket(100);

        assertEquals(Verdict.USABLE, verdict(read));
        assertEquals(Verdict.TOO_SHORT, verdict(new byte[9]));
        assertEquals(Verdict.TOO_SHORT, verdict(new byte[10]));
        assertEquals(Verdict.UNKNOWN_TYPE, verdict(changed(read, 1, 3)));
        assertEquals(Verdict.UNKNOWN_TYPE, verdict(changed(read, 1, 2)));
        assertEquals(Verdict.SEGMENT_SIZE, verdict(changed(read, 4, 0)));
        assertEquals(Verdict.CHECKSUM_PLACE, verdict(changed(read, 6, 24)));
        assertEquals(Verdict.CHECKSUM_PLACE, verdict(changed(read, 6, 16)));
        assertEquals(Verdict.CHECKSUM_PLACE, verdict(changed(read, 8, 6)));
        assertEquals(Verdict.HEADERS, verdict(changed(read, 1, 4)), "not IPv6");
        assertEquals(Verdict.HEADERS, verdict(changed(read, 10, 0x65)), "not IPv4");
        assertEquals(Verdict.HEADERS, verdict(changed(read, 10, 0x44)), "a header of 16 bytes");
        assertEquals(Verdict.HEADERS, verdict(changed(read, 19, 17)), "not TCP");
        assertEquals(Verdict.HEADERS, verdict(changed(read, 42, 0x40)), "a TCP header of 16 bytes");
        assertEquals(Verdict.HEADERS, verdict(Arrays.copyOf(read, 10 + 39)), "cut off in the TCP header");
        assertEquals(Verdict.HEADERS, verdict(changed(Arrays.copyOf(read, 10 + 41), 42, 0x60)), "or in its options");
        assertEquals(Verdict.HEADERS, verdict(Arrays.copyOf(read, 10 + 19)), "or in the IP header");
        byte[] single = TestPacket.concat(TestPacket.virtio(1, 0, 0, 0, 20, 16), good.bytes());
        assertEquals(Verdict.USABLE, verdict(single));
        assertEquals(Verdict.USABLE, verdict(Arrays.copyOf(single, 10 + 38)));
        assertEquals(Verdict.CHECKSUM_PLACE, verdict(Arrays.copyOf(single, 10 + 37)));
        assertFalse(segmenter.hasNext());
        assertEquals(0, segmenter.packets());
    }

    @Test
    void shouldRefuseASegmentThatNoPacketCanHold() {
        byte[] read = new TestPacket().ipv6().with(new byte[100]).superPacket(65_535);
        byte[] longer = Arrays.copyOf(read, 10 + 40 + 20 + 65_516);

        assertEquals(Verdict.USABLE, verdict(Arrays.copyOf(longer, longer.length - 1)));
        assertEquals(Verdict.SEGMENT_SIZE, verdict(longer));
    }

    @Test
    void shouldHaveNoPacketMoreThanItSaid() {
        cut(new TestPacket().with(new byte[300]).superPacket(100));

        assertThrows(IllegalStateException.class, () -> segmenter.next(MemorySegment.ofArray(new byte[200]), 0));
    }

    @Test
    void shouldOnlyJudgeRandomAndMutatedBytes() {
        Seeds.forEach(3_000, random -> {
            byte[] read = random.nextBoolean()
                    ? TestPacket.bytes(random, random.nextInt(200))
                    : train(random).superPacket(random.nextInt(1, 300));
            for (int i = random.nextInt(4); i > 0 && read.length > 0; i--) {
                read[random.nextInt(Math.min(80, read.length))] = (byte) random.nextInt();
            }
            cut(Arrays.copyOf(read, random.nextInt(read.length + 1)));
        });
    }

    @FuzzTest(maxDuration = "5s")
    void anyBytesAreJudged(byte[] bytes) {
        cut(bytes);
    }

    @Test
    void shouldAllocateNothing() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment read =
                    copied(arena, new TestPacket().with(new byte[60_000]).superPacket(1_380));
            MemorySegment slab = arena.allocate(1_500);
            assertEquals(0, Allocation.ofManyRuns(() -> {
                segmenter.start(read, 5, (int) read.byteSize() - 5);
                while (segmenter.hasNext()) {
                    segmenter.next(slab, 16);
                }
            }));
        }
    }

    /** Anything that a kernel may hand over as one. */
    private static TestPacket train(RandomGenerator random) {
        TestPacket train = TestPacket.random(random).with(TestPacket.bytes(random, random.nextInt(10_000)));
        train.flags = random.nextInt(0x200);
        train.urgent = random.nextInt(0x10000);
        if (train.ipv4 && random.nextInt(4) == 0) {
            train.ipOptions = TestPacket.bytes(random, 4 * random.nextInt(11));
        }
        if (!train.ipv4 && random.nextInt(4) == 0) {
            train.extensions = new byte[8 + 8 * random.nextInt(4)];
            train.extensions[0] = (byte) (train.tcp ? 6 : 17);
            train.extensions[1] = (byte) (train.extensions.length / 8 - 1);
        }
        return train;
    }

    /**
     * All packets, each checked to be written between its neighbours' room only; none when it is not usable. What was
     * read lies at the very end of its memory, so that a read beyond fails.
     */
    private List<byte[]> cut(byte[] read) {
        try (Arena arena = Arena.ofConfined()) {
            List<byte[]> packets = new ArrayList<>();
            Verdict verdict = segmenter.start(copied(arena, read), 5, read.length);
            assertEquals(verdict == Verdict.USABLE, segmenter.hasNext());
            int length = 0;
            while (segmenter.hasNext()) {
                if (!packets.isEmpty()) {
                    assertEquals(segmenter.packetLength(), length, "all but the last are equal");
                }
                MemorySegment to = arena.allocate(segmenter.packetLength() + 2 * ROOM);
                to.fill((byte) 0xa5);
                length = segmenter.next(to, ROOM);
                assertTrue(length > 0 && length <= segmenter.packetLength());
                byte[] all = to.toArray(ValueLayout.JAVA_BYTE);
                for (int i = 0; i < ROOM; i++) {
                    assertEquals((byte) 0xa5, all[i]);
                    assertEquals((byte) 0xa5, all[ROOM + length + i]);
                }
                packets.add(Arrays.copyOfRange(all, ROOM, ROOM + length));
            }
            assertEquals(segmenter.packets(), packets.size());
            return packets;
        }
    }

    private static MemorySegment copied(Arena arena, byte[] read) {
        MemorySegment memory = arena.allocate(5 + read.length);
        MemorySegment.copy(MemorySegment.ofArray(read), 0, memory, 5, read.length);
        return memory;
    }

    private Verdict verdict(byte[] read) {
        return segmenter.start(MemorySegment.ofArray(read), 0, read.length);
    }

    private static byte[] changed(byte[] bytes, int at, int value) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) value;
        return changed;
    }

    private static void assertSame(List<byte[]> expected, List<byte[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), "packet " + i);
        }
    }

    private static void assertHex(String expected, byte[] actual) {
        assertEquals(expected, HexFormat.of().formatHex(actual));
    }
}
