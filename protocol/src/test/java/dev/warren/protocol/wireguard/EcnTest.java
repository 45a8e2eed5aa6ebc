package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.Ecn.CE;
import static dev.warren.protocol.wireguard.Ecn.ECT_0;
import static dev.warren.protocol.wireguard.Ecn.ECT_1;
import static dev.warren.protocol.wireguard.Ecn.NOT_ECT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class EcnTest {
    private static final int GONE = -1;
    private static final int ROOM = 13;
    /** Everything of a traffic class but the ECN bits. */
    private static final int DSCP = 0xb8;

    private static final long SECOND = 1_000_000_000L;

    private final RandomGenerator random = Seeds.random(6040);
    private final TestNode a = new TestNode(1);
    private final TestNode b = new TestNode(2);

    @Test
    void shouldSendTheInnerCodepointAndNothingElseOfTheTrafficClassOutside() {
        connect();
        for (int codepoint = NOT_ECT; codepoint <= CE; codepoint++) {
            for (byte[] packet : new byte[][] {toB(4, codepoint), toB(6, codepoint)}) {
                a.trafficClasses.clear();
                a.send(packet, SECOND);
                assertEquals(List.of(codepoint), a.trafficClasses);
            }
        }
    }

    @Test
    void shouldDeliverTheMarkOfARouterOnTheWay() {
        connect();
        for (int version : new int[] {4, 6}) {
            a.transmitted.clear();
            a.send(toB(version, ECT_0), SECOND);
            b.receive(a.transmitted.remove(), CE, a.origin, SECOND);
            byte[] marked = b.delivered.removeLast();
            assertEquals(CE, InnerPacket.ecn(MemorySegment.ofArray(marked), 0));
            byte[] expected = toB(version, CE);
            assertArrayEquals(expected, marked);
        }
    }

    @Test
    void shouldDropAMarkedPacketWhoseSenderDoesNotKnowMarks() {
        connect();
        a.transmitted.clear();
        a.send(toB(4, NOT_ECT), SECOND);
        b.receive(a.transmitted.remove(), CE, a.origin, SECOND);
        assertEquals(List.of(), b.delivered);
        assertEquals(List.of(DropReason.CONGESTION_MARK), b.dropped);
    }

    /** RFC 6040 figure 4, all sixteen cells. */
    @ParameterizedTest
    @CsvSource({
        "Not-ECT, Not-ECT, Not-ECT",
        "Not-ECT, ECT(0),  Not-ECT",
        "Not-ECT, ECT(1),  Not-ECT",
        "Not-ECT, CE,      dropped",
        "ECT(0),  Not-ECT, ECT(0)",
        "ECT(0),  ECT(0),  ECT(0)",
        "ECT(0),  ECT(1),  ECT(1)",
        "ECT(0),  CE,      CE",
        "ECT(1),  Not-ECT, ECT(1)",
        "ECT(1),  ECT(0),  ECT(1)",
        "ECT(1),  ECT(1),  ECT(1)",
        "ECT(1),  CE,      CE",
        "CE,      Not-ECT, CE",
        "CE,      ECT(0),  CE",
        "CE,      ECT(1),  CE",
        "CE,      CE,      CE"
    })
    void shouldCombineInnerAndOuter(String inner, String outer, String expected) {
        int result = codepoint(expected);
        assertEquals(result, Ecn.decapsulated(codepoint(inner), codepoint(outer)));
        assertEquals(result, Ecn.decapsulated(codepoint(inner), DSCP | codepoint(outer)), "the outer DSCP is nothing");
        try (Arena arena = Arena.ofConfined()) {
            shouldChangeOnlyTheCodepoint(arena, 4, ipv4(DSCP | codepoint(inner)), codepoint(outer), result);
            shouldChangeOnlyTheCodepoint(arena, 6, ipv6(DSCP | codepoint(inner)), codepoint(outer), result);
        }
    }

    @Test
    void shouldKeepTheChecksumOfAnyHeaderRight() {
        Seeds.forEach(200, any -> {
            byte[] packet = ipv4(any.nextInt(256));
            any.nextBytes(packet);
            packet[0] = 0x45;
            checksum(packet);
            boolean kept = Ecn.decapsulate(4, MemorySegment.ofArray(packet), 0, any.nextInt(256));
            assertEquals(0xffff, sum(packet), "kept: " + kept);
        });
    }

    private void shouldChangeOnlyTheCodepoint(Arena arena, int version, byte[] packet, int outer, int result) {
        MemorySegment memory = arena.allocate(ROOM + packet.length);
        MemorySegment.copy(packet, 0, memory, ValueLayout.JAVA_BYTE, ROOM, packet.length);
        assertEquals(result != GONE, Ecn.decapsulate(version, memory, ROOM, outer));

        byte[] expected = packet.clone();
        if (result != GONE) {
            int trafficClass = DSCP | result;
            if (version == 4) {
                expected[1] = (byte) trafficClass;
                checksum(expected);
            } else {
                expected[1] = (byte) ((expected[1] & 0x0f) | (trafficClass << 4));
            }
            assertEquals(result, InnerPacket.ecn(memory, ROOM));
        }
        assertArrayEquals(expected, memory.asSlice(ROOM).toArray(ValueLayout.JAVA_BYTE));
    }

    private void connect() {
        a.device.initiate(a.add(b, "10.0.0.2/32", "fd00::2/128"), SECOND);
        b.add(a, "10.0.0.1/32", "fd00::1/128");
        TestNode.exchange(a, b, SECOND);
    }

    private static byte[] toB(int version, int codepoint) {
        if (version == 4) {
            byte[] packet = Packets.ipv4("10.0.0.1", "10.0.0.2", 20);
            packet[1] = (byte) (DSCP | codepoint);
            checksum(packet);
            return packet;
        }
        byte[] packet = Packets.ipv6("fd00::1", "fd00::2", 40);
        packet[0] = (byte) (0x60 | (DSCP >> 4));
        packet[1] = (byte) ((DSCP | codepoint) << 4);
        return packet;
    }

    private byte[] ipv4(int trafficClass) {
        byte[] header = new byte[20];
        random.nextBytes(header);
        header[0] = 0x45;
        header[1] = (byte) trafficClass;
        checksum(header);
        return header;
    }

    private byte[] ipv6(int trafficClass) {
        byte[] header = new byte[40];
        random.nextBytes(header);
        header[0] = (byte) (0x60 | (trafficClass >> 4));
        header[1] = (byte) ((header[1] & 0x0f) | (trafficClass << 4));
        return header;
    }

    private static int codepoint(String name) {
        return switch (name) {
            case "Not-ECT" -> NOT_ECT;
            case "ECT(0)" -> ECT_0;
            case "ECT(1)" -> ECT_1;
            case "CE" -> CE;
            case "dropped" -> GONE;
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static void checksum(byte[] header) {
        header[10] = 0;
        header[11] = 0;
        int sum = ~sum(header);
        header[10] = (byte) (sum >> 8);
        header[11] = (byte) sum;
    }

    /** The ones' complement sum of all words (RFC 1071), anew. */
    private static int sum(byte[] header) {
        int sum = 0;
        for (int i = 0; i < 20; i += 2) {
            sum += ((header[i] & 0xff) << 8) | (header[i + 1] & 0xff);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }
}
