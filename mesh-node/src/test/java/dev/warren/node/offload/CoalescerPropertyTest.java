package dev.warren.node.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever is added: the same packets come out, and those of one flow in the same order. */
@Timeout(120)
class CoalescerPropertyTest {
    @Test
    void shouldGiveEachFlowItsPacketsInOrder() {
        int[] joined = new int[1];
        Seeds.forEach(300, random -> {
            Collected collected = new Collected();
            Coalescer coalescer = new Coalescer(Arena.ofAuto(), random.nextInt(1, 65), collected);
            List<byte[]> packets = traffic(random);
            addAll(coalescer, packets, random);

            assertEquals(byFlow(packets), byFlow(cut(collected)));
            joined[0] += packets.size() - collected.units.size();
        });
        assertTrue(joined[0] > 1_000, "joined: " + joined[0]);
    }

    @Test
    void shouldPassRandomAndMutatedBytes() {
        Seeds.forEach(300, random -> {
            Collected collected = new Collected();
            Coalescer coalescer = new Coalescer(Arena.ofAuto(), 64, collected);
            List<byte[]> packets = traffic(random);
            packets.replaceAll(packet -> random.nextInt(3) == 0 ? mutated(random, packet) : packet);
            addAll(coalescer, packets, random);

            assertEquals(sorted(packets), sorted(cut(collected)));
        });
    }

    @FuzzTest(maxDuration = "5s")
    void anyPacketsComeOutAgain(byte[] bytes) {
        Collected collected = new Collected();
        Coalescer coalescer = new Coalescer(Arena.ofAuto(), 8, collected);
        List<byte[]> packets = new ArrayList<>();
        // The first byte of each is its length; a whole packet that may be joined stands beside it.
        for (int at = 0; at + 1 < bytes.length; at += 1 + (bytes[at] & 0x7f)) {
            int end = Math.min(bytes.length, at + 1 + (bytes[at] & 0x7f));
            if (end > at + 1) {
                packets.add(Arrays.copyOfRange(bytes, at + 1, end));
            } else {
                return;
            }
        }
        TestPacket sound = new TestPacket().with(new byte[40]);
        for (int i = 0; i < packets.size() && i < 200; i += 2) {
            packets.add(i, sound.bytes());
            sound = sound.next(new byte[40]);
        }
        addAll(coalescer, packets, Seeds.random(bytes.length));
        assertEquals(sorted(packets), sorted(cut(collected)));
    }

    @Test
    void shouldAllocateNothing() {
        try (Arena arena = Arena.ofConfined()) {
            List<byte[]> packets = new ArrayList<>();
            TestPacket tcp = new TestPacket().with(new byte[1_300]);
            TestPacket udp = new TestPacket().ipv6().udp().with(new byte[1_000]);
            TestPacket ack = new TestPacket();
            ack.sourcePort = 7;
            for (int i = 0; i < 20; i++) {
                packets.addAll(List.of(tcp.bytes(), udp.bytes(), ack.bytes()));
                tcp = tcp.next(new byte[1_300]);
            }
            MemorySegment memory = copied(arena, packets);
            int[] lengths = packets.stream().mapToInt(packet -> packet.length).toArray();
            Counting counting = new Counting();
            Coalescer coalescer = new Coalescer(arena, 64, counting);
            assertEquals(0, Allocation.ofManyRuns(() -> {
                long at = 0;
                for (int length : lengths) {
                    coalescer.add(memory, at, length);
                    at += length;
                }
                coalescer.flush();
            }));
            assertEquals(0, counting.units % 22, "twenty acknowledgements and two super-packets in each round");
        }
    }

    private static final class Counting implements PacketSink {
        private long units;

        @Override
        public void begin() {
            units++;
        }

        @Override
        public void slice(MemorySegment memory, long offset, int length) {}

        @Override
        public boolean end(int packets) {
            return true;
        }
    }

    /** Some flows' packets, mixed, with losses, repeats and changes of order. */
    private static List<byte[]> traffic(RandomGenerator random) {
        List<List<byte[]>> flows = new ArrayList<>();
        for (int i = random.nextInt(1, 25); i > 0; i--) {
            flows.add(flow(random));
        }
        List<byte[]> packets = new ArrayList<>();
        while (!flows.isEmpty()) {
            int which = random.nextInt(flows.size());
            List<byte[]> flow = flows.get(which);
            for (int burst = random.nextInt(1, 8); burst > 0 && !flow.isEmpty(); burst--) {
                packets.add(flow.removeFirst());
            }
            if (flow.isEmpty()) {
                flows.remove(which);
            }
        }
        return packets;
    }

    private static List<byte[]> flow(RandomGenerator random) {
        List<byte[]> packets = new ArrayList<>();
        TestPacket packet = TestPacket.random(random);
        int size = random.nextInt(1, 300);
        packet.payload = TestPacket.bytes(random, size);
        for (int i = random.nextInt(1, 40); i > 0; i--) {
            packets.add(packet.bytes());
            packet = packet.next(TestPacket.bytes(random, random.nextInt(12) == 0 ? random.nextInt(400) : size));
            packet.flags = 0x10;
            switch (random.nextInt(40)) {
                case 0 -> packet.flags |= 1 << random.nextInt(9);
                case 1 -> packet.acknowledged++;
                case 2 -> packet.sequence = random.nextInt();
                case 3 -> packet.fragment ^= 0x4000;
                case 4 -> packet.fragment ^= 0x2000;
                case 5 -> packet.tos ^= 2;
                case 6 -> packet.tcpOptions = TestPacket.bytes(random, packet.tcpOptions.length);
                case 7 -> packet.flags |= 0x08;
                case 8 -> packets.add(packets.get(random.nextInt(packets.size())));
                default -> {}
            }
        }
        if (packets.size() > 2 && random.nextInt(4) == 0) {
            packets.add(random.nextInt(packets.size()), packets.removeLast());
        }
        return packets;
    }

    private static byte[] mutated(RandomGenerator random, byte[] packet) {
        byte[] mutated = Arrays.copyOf(packet, Math.max(1, packet.length - random.nextInt(3) * random.nextInt(40)));
        for (int i = random.nextInt(4); i > 0; i--) {
            mutated[random.nextInt(Math.min(64, mutated.length))] = (byte) random.nextInt();
        }
        return mutated;
    }

    /** In batches; each lies at the end of memory of its own, so that a read beyond fails. */
    private static void addAll(Coalescer coalescer, List<byte[]> packets, RandomGenerator random) {
        int from = 0;
        while (from < packets.size()) {
            int to = Math.min(packets.size(), from + random.nextInt(1, 100));
            List<byte[]> batch = packets.subList(from, to);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = copied(arena, batch);
                long at = 0;
                for (byte[] packet : batch) {
                    coalescer.add(memory, at, packet.length);
                    at += packet.length;
                }
                coalescer.flush();
                assertArrayEquals(
                        TestPacket.concat(batch.toArray(byte[][]::new)),
                        memory.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE),
                        "what was received stays as it was");
            }
            from = to;
        }
    }

    private static MemorySegment copied(Arena arena, List<byte[]> packets) {
        byte[] all = TestPacket.concat(packets.toArray(byte[][]::new));
        MemorySegment memory = arena.allocate(all.length);
        MemorySegment.copy(MemorySegment.ofArray(all), 0, memory, 0, all.length);
        return memory;
    }

    /** The packets as the kernel takes them: super-packets cut again. */
    private static List<byte[]> cut(Collected collected) {
        List<byte[]> packets = new ArrayList<>();
        for (Collected.Unit unit : collected.units) {
            List<byte[]> cut = unit.packets() == 1 ? List.of(unit.packet()) : unit.cut();
            assertEquals(unit.packets(), cut.size());
            packets.addAll(cut);
        }
        return packets;
    }

    /** Each flow's packets in their order, as text. */
    private static Map<String, List<String>> byFlow(List<byte[]> packets) {
        Map<String, List<String>> flows = new TreeMap<>();
        for (byte[] packet : packets) {
            flows.computeIfAbsent(flow(packet), _ -> new ArrayList<>()).add(text(packet));
        }
        return flows;
    }

    /** The addresses: here each flow has its own. */
    private static String flow(byte[] packet) {
        return packet[0] >>> 4 == 4
                ? HexFormat.of().formatHex(packet, 12, 20)
                : HexFormat.of().formatHex(packet, 8, 40);
    }

    private static List<String> sorted(List<byte[]> packets) {
        return packets.stream().map(CoalescerPropertyTest::text).sorted().toList();
    }

    /** Without the identification of a packet that may not be fragmented, which means nothing. */
    private static String text(byte[] packet) {
        byte[] plain = packet.clone();
        if (plain.length >= 20 && plain[0] >>> 4 == 4 && (plain[6] & 0x40) != 0) {
            Arrays.fill(plain, 4, 6, (byte) 0);
            Arrays.fill(plain, 10, 12, (byte) 0);
        }
        return HexFormat.of().formatHex(plain);
    }
}
