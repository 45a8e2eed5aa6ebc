package dev.warren.node.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is joined, what is not, and what comes out of it. */
@Timeout(60)
class CoalescerTest {
    private final Collected collected = new Collected();
    private Coalescer coalescer = new Coalescer(Arena.ofAuto(), 64, collected);

    @Test
    void shouldJoinTcpToTheseBytes() {
        TestPacket first = new TestPacket().with(new byte[] {1, 2, 3, 4});
        TestPacket second = first.next(new byte[] {5, 6, 7});
        second.flags |= 0x08;

        addAll(List.of(first, second));

        assertEquals(List.of(2), collected.counts());
        assertEquals(
                "01012800040014001000" // needs checksum, TCPv4, 40 bytes of headers, segments of 4, checksum at 20+16
                        + "4500002f" + "03e84000" + "400622df" + "0a000001" + "0a000002"
                        + "04d20050" + "00000001" + "0000004d" + "501801f4" + "14240000"
                        + "01020304050607",
                HexFormat.of().formatHex(collected.units.getFirst().bytes()));
    }

    @Test
    void shouldJoinUdpToTheseBytes() {
        TestPacket first = new TestPacket().ipv6().udp().with(new byte[] {1, 2});

        addAll(List.of(first, first.next(new byte[] {3, 4}), first.next(new byte[] {5})));

        assertEquals(List.of(3), collected.counts());
        assertEquals(
                "01053000020028000600" // needs checksum, UDP, 48 bytes of headers, datagrams of 2, checksum at 40+6
                        + "60000000" + "000d1140"
                        + "fd000000000000000000000000000001" + "fd000000000000000000000000000002"
                        + "04d20050" + "000dfa22" + "0102030405",
                HexFormat.of().formatHex(collected.units.getFirst().bytes()));
    }

    @Test
    void shouldGiveThePacketsSinglyWhenAJoinedOneIsRefused() {
        TestPacket tcp = new TestPacket().with(new byte[100]);
        TestPacket udp = new TestPacket().udp().with(new byte[100]);
        List<TestPacket> packets = List.of(
                tcp,
                tcp.next(new byte[100]),
                udp,
                udp.next(new byte[100]),
                tcp.next(new byte[100]).next(new byte[9]));
        collected.refused = unit -> unit[1] == VirtioHeader.GSO_TCPV4;

        addAll(packets);

        assertEquals(1, collected.refusals);
        assertFalse(coalescer.joinsTcp());
        assertTrue(coalescer.joinsUdp());
        assertEquals(List.of(1, 1, 1, 2), collected.counts());
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(
                    TestPacket.concat(
                            new byte[10],
                            List.of(packets.get(0), packets.get(1), packets.get(4))
                                    .get(i)
                                    .bytes()),
                    collected.units.get(i).bytes());
        }

        collected.units.clear();
        addAll(packets);
        assertEquals(1, collected.refusals, "no TCP is joined any more");
        assertEquals(4, collected.units.size());
    }

    @Test
    void shouldSwitchOffUdpAloneWhenAJoinedDatagramIsRefused() {
        TestPacket udp = new TestPacket().udp().with(new byte[100]);
        TestPacket tcp = new TestPacket().with(new byte[100]);
        collected.refused = unit -> unit[1] == VirtioHeader.GSO_UDP;

        addAll(List.of(udp, udp.next(new byte[100]), tcp, tcp.next(new byte[100])));

        assertEquals(List.of(1, 1, 2), collected.counts());
        assertFalse(coalescer.joinsUdp());
        assertTrue(coalescer.joinsTcp());
    }

    @Test
    void shouldPassASinglePacketAsItIs() {
        TestPacket packet = new TestPacket().with(new byte[100]);

        addAll(List.of(packet));

        assertArrayEquals(
                TestPacket.concat(new byte[10], packet.bytes()),
                collected.units.getFirst().bytes());
    }

    @Test
    void shouldGiveBackWhatASegmenterCut() {
        Seeds.forEach(300, random -> {
            TestPacket train = TestPacket.random(random);
            train.flags = random.nextInt(4) == 0 ? 0x18 : 0x10;
            int segmentSize = random.nextInt(500, 1_500);
            int count = random.nextInt(2, 40);
            train.with(TestPacket.bytes(random, segmentSize * (count - 1) + random.nextInt(1, segmentSize + 1)));
            byte[] read = train.superPacket(segmentSize);
            Collected.Unit cut = new Collected.Unit(read, 1);
            collected.units.clear();

            addBytes(cut.cut());

            assertEquals(List.of(count), collected.counts());
            byte[] joined = collected.units.getFirst().bytes();
            read[2] = (byte) train.headerLength();
            assertArrayEquals(read, joined);
        });
    }

    @Test
    void shouldJoinSegmentsThatBelongTogetherOnly() {
        assertEquals(List.of(2), together(_ -> {}));
        assertApart("a gap", next -> next.sequence++);
        assertApart("a retransmit", next -> next.sequence -= 100);
        assertApart("another acknowledgement", next -> next.acknowledged++);
        assertApart("another window", next -> next.window++);
        assertApart("an urgent pointer", next -> next.urgent++);
        assertApart("a longer segment", next -> next.payload = new byte[101]);
        assertApart("another type of service", next -> next.tos = 2);
        assertApart("another time to live", next -> next.ttl--);
        assertApart("may be fragmented", next -> next.fragment = 0);
        assertApart("reserved bit", next -> next.fragment = 0xc000);
        assertApart("other options", next -> next.tcpOptions = new byte[] {1, 1, 1, 0});
        assertApart("more options", next -> next.tcpOptions = new byte[] {1, 1, 1, 1, 1, 1, 1, 1});
        for (int flag : new int[] {0x01, 0x02, 0x04, 0x20, 0x40, 0x80, 0x100}) {
            assertApart("flag " + flag, next -> next.flags |= flag);
        }
        assertApart("no acknowledgement", next -> next.flags = 0);
        assertApart("no payload", next -> next.payload = new byte[0]);
        assertApart("another port", next -> next.sourcePort++);
        assertApart("another source", next -> next.source = new byte[] {10, 0, 0, 9});
        assertApart("another destination", next -> next.destination = new byte[] {10, 0, 0, 9});
        assertApart("IP options", next -> next.ipOptions = new byte[] {1, 1, 1, 1});
        assertApart("another protocol", next -> next.tcp = false);
    }

    @Test
    void shouldJoinSegmentsOfIpv6ThatBelongTogetherOnly() {
        TestPacket first = new TestPacket().ipv6().with(new byte[100]);

        assertEquals(List.of(2), together(first, _ -> {}));
        assertEquals(List.of(1, 1), together(first, next -> next.flow = 1));
        assertEquals(List.of(1, 1), together(first, next -> next.tos = 1));
        assertEquals(List.of(1, 1), together(first, next -> next.ttl = 1));
        assertEquals(List.of(1, 1), together(first, next -> next.extensions = new byte[] {6, 0, 1, 4, 0, 0, 0, 0}));
        for (int i = 0; i < 16; i++) {
            int at = i;
            assertEquals(List.of(1, 1), together(first, next -> next.source = flipped(next.source, at)));
            assertEquals(List.of(1, 1), together(first, next -> next.destination = flipped(next.destination, at)));
        }
    }

    @Test
    void shouldJoinDatagramsThatBelongTogetherOnly() {
        TestPacket first = new TestPacket().udp().with(new byte[100]);

        assertEquals(List.of(2), together(first, _ -> {}));
        assertEquals(List.of(2), together(first, next -> next.payload = new byte[1]));
        assertEquals(List.of(1, 1), together(first, next -> next.payload = new byte[101]));
        assertEquals(List.of(1, 1), together(first, next -> next.payload = new byte[0]));
        assertEquals(List.of(1, 1), together(first, next -> next.tos = 3));
        byte[] unsummed = first.bytes();
        unsummed[26] = 0;
        unsummed[27] = 0;
        collected.units.clear();
        addBytes(List.of(unsummed, unsummed));
        assertEquals(List.of(1, 1), collected.counts(), "datagrams without checksums");
    }

    @Test
    void shouldWantIdentificationsInOrderWhereTheyMean() {
        TestPacket free = new TestPacket().with(new byte[100]);
        free.fragment = 0;
        free.id = 0xffff;

        assertEquals(List.of(2), together(free, _ -> {}));
        assertEquals(List.of(1, 1), together(free, next -> next.id = 0xffff));
        assertEquals(List.of(2), together(next -> next.id = 7), "of no meaning in what is not to be fragmented");
    }

    @Test
    void shouldNotJoinWhatIsBroken() {
        TestPacket first = new TestPacket().with(new byte[100]);
        byte[] good = first.bytes();
        byte[] next = first.next(new byte[100]).bytes();
        for (int at : new int[] {10, 36, 139}) { // IP checksum, TCP checksum, payload
            for (List<byte[]> packets : List.of(List.of(good, flipped(next, at)), List.of(flipped(good, at), next))) {
                collected.units.clear();
                addBytes(packets);
                assertEquals(List.of(1, 1), collected.counts());
                assertArrayEquals(packets.get(0), collected.units.get(0).packet());
                assertArrayEquals(packets.get(1), collected.units.get(1).packet());
            }
        }
    }

    @Test
    void shouldEndARunWithAPushedOrShortSegment() {
        TestPacket first = new TestPacket().with(new byte[100]);
        TestPacket second = first.next(new byte[100]);
        TestPacket pushed = second.next(new byte[100]);
        pushed.flags |= 0x08;
        TestPacket fourth = pushed.next(new byte[100]);
        fourth.flags = 0x10;
        TestPacket small = fourth.next(new byte[1]);
        TestPacket last = small.next(new byte[1]);

        addAll(List.of(first, second, pushed, fourth, small, last));

        assertEquals(List.of(3, 2, 1), collected.counts());
        assertEquals(0x18, collected.units.getFirst().packet()[33]);
        assertEquals(0x10, collected.units.get(1).packet()[33]);
    }

    @Test
    void shouldNotHoldAPushedSegment() {
        TestPacket pushed = new TestPacket().with(new byte[100]);
        pushed.flags |= 0x08;
        byte[] bytes = pushed.bytes();

        coalescer.add(MemorySegment.ofArray(bytes), 0, bytes.length);

        assertEquals(List.of(1), collected.counts());
    }

    @Test
    void shouldKeepWithinSegmentsAndBytes() {
        coalescer = new Coalescer(Arena.ofAuto(), 10, collected);
        addAll(stream(new TestPacket().with(new byte[100]), 25));
        assertEquals(List.of(10, 10, 5), collected.counts());

        coalescer = new Coalescer(Arena.ofAuto(), Coalescer.MAX_SEGMENTS, collected);
        collected.units.clear();
        addAll(stream(new TestPacket().with(new byte[1_380]), 100));
        assertEquals(List.of(47, 47, 6), collected.counts(), "40 + 47 * 1380 is the most below 65,535");
        assertThrows(IllegalArgumentException.class, () -> new Coalescer(Arena.ofAuto(), 0, collected));
        assertThrows(IllegalArgumentException.class, () -> new Coalescer(Arena.ofAuto(), 1_024, collected));
    }

    @Test
    void shouldJoinNothingThatIsSwitchedOff() {
        TestPacket tcp = new TestPacket().with(new byte[100]);
        TestPacket udp = new TestPacket().udp().with(new byte[100]);

        coalescer.switchOffTcp();
        assertEquals(List.of(1, 1), together(tcp, _ -> {}));
        assertEquals(List.of(2), together(udp, _ -> {}));
        assertTrue(!coalescer.joinsTcp() && coalescer.joinsUdp());

        coalescer.switchOffUdp();
        assertEquals(List.of(1, 1), together(udp, _ -> {}));
        assertTrue(!coalescer.joinsUdp());
    }

    @Test
    void shouldSendWhatIsOpenAloneAfterTheSwitch() {
        List<byte[]> packets = stream(new TestPacket().with(new byte[100]), 3).stream()
                .map(TestPacket::bytes)
                .toList();
        MemorySegment memory = MemorySegment.ofArray(TestPacket.concat(packets.toArray(byte[][]::new)));
        coalescer.add(memory, 0, 140);
        coalescer.add(memory, 140, 140);

        coalescer.switchOffTcp();
        coalescer.add(memory, 280, 140);
        coalescer.flush();

        assertEquals(List.of(1, 1, 1), collected.counts());
        for (int i = 0; i < 3; i++) {
            assertArrayEquals(packets.get(i), collected.units.get(i).packet());
        }
    }

    @Test
    void shouldNotJoinAcrossMemories() {
        TestPacket first = new TestPacket().with(new byte[100]);
        MemorySegment one = MemorySegment.ofArray(first.bytes());
        MemorySegment other = MemorySegment.ofArray(first.next(new byte[100]).bytes());

        coalescer.add(one, 0, 140);
        coalescer.add(other, 0, 140);
        coalescer.flush();

        assertEquals(List.of(1, 1), collected.counts());
    }

    @Test
    void shouldLetNothingOfAFlowOvertakeItsRun() {
        TestPacket data = new TestPacket().with(new byte[100]);
        TestPacket fin = data.next(new byte[0]);
        fin.flags |= 0x01;
        TestPacket fragment = new TestPacket().with(new byte[100]);
        fragment.fragment = 0x2000;
        TestPacket ping = new TestPacket().with(new byte[100]);
        byte[] icmp = ping.bytes();
        icmp[9] = 1;
        for (byte[] after : List.of(fin.bytes(), fragment.bytes(), icmp)) {
            collected.units.clear();
            addBytes(List.of(data.bytes(), after));
            assertArrayEquals(data.bytes(), collected.units.get(0).packet());
            assertArrayEquals(after, collected.units.get(1).packet());
        }
    }

    @Test
    void shouldHoldSixteenFlowsAndNoMore() {
        List<TestPacket> packets = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            for (int flow = 0; flow < Coalescer.MAX_FLOWS; flow++) {
                TestPacket packet = new TestPacket().with(new byte[100]);
                packet.sourcePort = flow;
                packet.sequence = 100 * round;
                packets.add(packet);
            }
        }
        addAll(packets);
        assertEquals(Coalescer.MAX_FLOWS, collected.units.size());
        assertTrue(collected.counts().stream().allMatch(count -> count == 3));

        TestPacket other = new TestPacket().with(new byte[100]);
        collected.units.clear();
        packets.subList(0, Coalescer.MAX_FLOWS).forEach(this::addWithoutFlush);
        addWithoutFlush(other);
        assertEquals(1, collected.units.size(), "one gave way");
        coalescer.flush();
        assertEquals(Coalescer.MAX_FLOWS + 1, collected.units.size());
    }

    private void assertApart(String why, Consumer<TestPacket> change) {
        assertEquals(List.of(1, 1), together(change), why);
    }

    private List<Integer> together(Consumer<TestPacket> change) {
        TestPacket first = new TestPacket().with(new byte[100]);
        first.tcpOptions = new byte[] {1, 1, 1, 1};
        return together(first, change);
    }

    /** How two packets that follow each other leave, when the second is changed before. */
    private List<Integer> together(TestPacket first, Consumer<TestPacket> change) {
        TestPacket second = first.next(new byte[100]);
        change.accept(second);
        collected.units.clear();
        addAll(List.of(first, second));
        List<Integer> counts = collected.counts();
        if (counts.size() == 2) {
            boolean inOrder =
                    Arrays.equals(first.bytes(), collected.units.getFirst().packet());
            assertArrayEquals(
                    (inOrder ? second : first).bytes(), collected.units.get(1).packet());
        }
        return counts;
    }

    private static List<TestPacket> stream(TestPacket first, int count) {
        List<TestPacket> packets = new ArrayList<>(List.of(first));
        while (packets.size() < count) {
            packets.add(packets.getLast().next(first.payload));
        }
        return packets;
    }

    private void addAll(List<TestPacket> packets) {
        addBytes(packets.stream().map(TestPacket::bytes).toList());
    }

    /** One batch. */
    private void addBytes(List<byte[]> packets) {
        MemorySegment memory = MemorySegment.ofArray(TestPacket.concat(packets.toArray(byte[][]::new)));
        collected.received = memory;
        long at = 0;
        for (byte[] packet : packets) {
            coalescer.add(memory, at, packet.length);
            at += packet.length;
        }
        coalescer.flush();
        collected.received = MemorySegment.NULL;
    }

    private void addWithoutFlush(TestPacket packet) {
        byte[] bytes = packet.bytes();
        coalescer.add(MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    private static byte[] flipped(byte[] bytes, int at) {
        byte[] flipped = bytes.clone();
        flipped[at] ^= 1;
        return flipped;
    }
}
