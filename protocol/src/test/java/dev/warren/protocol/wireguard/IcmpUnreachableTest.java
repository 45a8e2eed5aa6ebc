package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class IcmpUnreachableTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int UDP = 17;

    private final IcmpUnreachable icmp = new IcmpUnreachable();

    @Test
    void shouldSayThatAnIpv4HostIsUnreachable() {
        byte[] packet = Packets.ipv4("10.0.0.1", "10.0.0.2", 28);
        packet[9] = UDP;
        assertArrayEquals(
                Hex.bytes(
                        "45000038", // version, header length, total length 56
                        "00000000", // no fragment
                        "400166c3", // hop limit 64, ICMP, checksum
                        "0a000002", // from the address that was not reached
                        "0a000001", // to the sender
                        "0301a3ce", // host unreachable, checksum
                        "00000000", // unused
                        "4500001c00000000001100000a0000010a000002", // the packet's header
                        "0000000000000000"), // and its first eight bytes
                answer(packet));
    }

    @Test
    void shouldSayThatAnIpv6AddressIsUnreachable() {
        byte[] packet = Packets.ipv6("fd00::1", "fd00::2", 48);
        packet[6] = UDP;
        byte[] answer = answer(packet);
        assertArrayEquals(
                Hex.bytes(
                        "60000000", // version
                        "00383a40", // payload length 56, ICMPv6, hop limit 64
                        "fd000000000000000000000000000002", // from the address that was not reached
                        "fd000000000000000000000000000001", // to the sender
                        "0103"), // address unreachable
                Arrays.copyOf(answer, 42));
        assertArrayEquals(packet, Arrays.copyOfRange(answer, 48, answer.length));
        assertEquals(0xffff, pseudoSum(answer));
    }

    @Test
    void shouldQuoteAsMuchAsFits() {
        byte[] ipv4 = Packets.ipv4("10.0.0.1", "10.0.0.2", 1420);
        ipv4[9] = UDP;
        assertEquals(576, answer(ipv4).length);
        byte[] ipv6 = Packets.ipv6("fd00::1", "fd00::2", 1419);
        ipv6[6] = UDP;
        assertEquals(IcmpUnreachable.MAX_LENGTH, answer(ipv6).length);
        assertEquals(0xffff, pseudoSum(answer(ipv6)));
        byte[] odd = Packets.ipv6("fd00::1", "fd00::2", 61);
        odd[60] = 0x77;
        assertEquals(0xffff, pseudoSum(answer(odd)));
    }

    @Test
    void shouldAnswerAPingButNoError() {
        for (int type = 0; type < 20; type++) {
            byte[] packet = Packets.ipv4("10.0.0.1", "10.0.0.2", 28);
            packet[9] = 1;
            packet[20] = (byte) type;
            boolean error = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
            assertEquals(error ? 0 : 56, answer(packet).length, "type " + type);
        }
        for (int type : new int[] {1, 2, 3, 4, 127, 128, 129, 135}) {
            byte[] packet = Packets.ipv6("fd00::1", "fd00::2", 48);
            packet[6] = 58;
            packet[40] = (byte) type;
            assertEquals(type < 128 ? 0 : 96, answer(packet).length, "type " + type);
        }
    }

    @Test
    void shouldBeSilentWhereTheRulesSaySo() {
        for (String destination : new String[] {"224.0.0.1", "239.1.2.3", "255.255.255.255"}) {
            assertSilent(Packets.ipv4("10.0.0.1", destination, 28));
        }
        for (String source : new String[] {"0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255"}) {
            assertSilent(Packets.ipv4(source, "10.0.0.2", 28));
        }
        byte[] laterFragment = Packets.ipv4("10.0.0.1", "10.0.0.2", 28);
        laterFragment[7] = 1;
        assertSilent(laterFragment);
        byte[] firstFragment = Packets.ipv4("10.0.0.1", "10.0.0.2", 28);
        firstFragment[6] = 0x20;
        assertEquals(56, answer(firstFragment).length);
        assertSilent(Packets.ipv6("fd00::1", "ff02::1", 40));
        assertSilent(Packets.ipv6("::", "fd00::2", 40));
        assertSilent(Packets.ipv6("ff02::1", "fd00::2", 40));
        assertSilent(new byte[0]);
        assertSilent(new byte[] {0x45});
        assertSilent(Arrays.copyOf(Packets.ipv6("fd00::1", "fd00::2", 40), 39));
    }

    @Test
    void shouldAnswerAHundredASecondOfAFlood() {
        byte[] packet = Packets.ipv4("10.0.0.1", "10.0.0.2", 28);
        MemorySegment answer = MemorySegment.ofArray(new byte[IcmpUnreachable.MAX_LENGTH]);
        int answers = 0;
        for (long now = 0; now < 10 * SECOND; now += SECOND / 10_000) {
            answers += icmp.answer(MemorySegment.ofArray(packet), 0, packet.length, answer, now) > 0 ? 1 : 0;
        }
        assertTrue(answers >= 1090 && answers <= 1100, answers + " in ten seconds");
    }

    @Test
    void shouldTakeAnythingForAPacket() {
        MemorySegment answer = MemorySegment.ofArray(new byte[IcmpUnreachable.MAX_LENGTH]);
        Seeds.forEach(2000, random -> {
            byte[] packet = new byte[random.nextInt(100)];
            random.nextBytes(packet);
            if (packet.length > 0) {
                packet[0] = (byte) ((packet[0] & 0x0f) | (random.nextBoolean() ? 0x40 : 0x60));
            }
            int length = new IcmpUnreachable().answer(MemorySegment.ofArray(packet), 0, packet.length, answer, 0);
            assertTrue(length == 0 || (length > packet.length && length <= IcmpUnreachable.MAX_LENGTH));
        });
    }

    private void assertSilent(byte[] packet) {
        assertEquals(0, answer(packet).length);
    }

    private byte[] answer(byte[] packet) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(7 + packet.length);
            MemorySegment.copy(packet, 0, memory, ValueLayout.JAVA_BYTE, 7, packet.length);
            MemorySegment answer = arena.allocate(IcmpUnreachable.MAX_LENGTH).fill((byte) 0xa5);
            int length = icmp.answer(memory, 7, packet.length, answer, 0);
            return answer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** The ones' complement sum over pseudo-header and payload: all ones when the checksum is right. */
    private static int pseudoSum(byte[] packet) {
        byte[] covered = Arrays.copyOfRange(packet, 4, packet.length + packet.length % 2);
        covered[2] = 0;
        covered[3] = 58;
        int sum = 0;
        for (int i = 0; i < covered.length; i += 2) {
            sum += ((covered[i] & 0xff) << 8) | (covered[i + 1] & 0xff);
        }
        while (sum > 0xffff) {
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }
}
