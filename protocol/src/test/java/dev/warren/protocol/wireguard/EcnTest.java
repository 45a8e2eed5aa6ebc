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

    private final RandomGenerator random = Seeds.random(6040);

    @Test
    void shouldCopyTheInnerCodepointOut() {
        for (int codepoint = NOT_ECT; codepoint <= CE; codepoint++) {
            assertEquals(codepoint, Ecn.encapsulated(codepoint));
        }
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
            assertEquals(result, Ecn.of(version, memory, ROOM));
        }
        assertArrayEquals(expected, memory.asSlice(ROOM).toArray(ValueLayout.JAVA_BYTE));
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
