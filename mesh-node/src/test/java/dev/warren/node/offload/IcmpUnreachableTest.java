package dev.warren.node.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class IcmpUnreachableTest {
    private static final int ROOM = 16;
    private static final byte[] NONE = {};

    @Test
    void shouldAnswerIpv4WithTheseBytes() {
        byte[] packet = new TestPacket().udp().with(new byte[] {1, 2, 3}).bytes();

        assertEquals(
                "45c0003b" + "00004000" + "40012600" + "0a000002" + "0a000001" // from the destination to the source
                        + "0301111e" + "00000000" // host unreachable
                        + HexFormat.of().formatHex(packet),
                HexFormat.of().formatHex(answer(packet)));
    }

    @Test
    void shouldAnswerIpv6WithTheseBytes() {
        byte[] packet = new TestPacket().ipv6().udp().with(new byte[] {1, 2, 3}).bytes();

        assertEquals(
                "60000000" + "003b3a40"
                        + "fd000000000000000000000000000002" + "fd000000000000000000000000000001"
                        + "01039353" + "00000000" // address unreachable
                        + HexFormat.of().formatHex(packet),
                HexFormat.of().formatHex(answer(packet)));
    }

    @Test
    void shouldQuoteNoMoreThanTheProtocolsAllow() {
        for (int length : new int[] {0, 1, 519, 520, 521, 1_183, 1_184, 1_185, 1_400}) {
            byte[] ipv4 = new TestPacket().udp().with(new byte[length]).bytes();
            byte[] ipv6 = new TestPacket().ipv6().udp().with(new byte[length]).bytes();

            assertQuotes(ipv4, answer(ipv4), 28, 576);
            assertQuotes(ipv6, answer(ipv6), 48, 1_280);
        }
    }

    @Test
    void shouldQuoteThePacketWithoutWhatLiesBehindIt() {
        byte[] packet = new TestPacket().with(new byte[10]).bytes();

        assertQuotes(packet, answer(Arrays.copyOf(packet, packet.length + 6)), 28, 576);
    }

    @Test
    void shouldHaveRightChecksums() {
        Seeds.forEach(300, random -> {
            TestPacket packet = TestPacket.random(random).with(TestPacket.bytes(random, random.nextInt(1_500)));
            packet.source[0] = 0x20;
            packet.destination[0] = 0x20;

            byte[] answer = answer(packet.bytes());

            int header = packet.ipv4 ? 20 : 40;
            byte[] message = Arrays.copyOfRange(answer, header, answer.length);
            if (packet.ipv4) {
                assertEquals(0xffff, SlowChecksum.sum(Arrays.copyOf(answer, 20)));
                assertEquals(0xffff, SlowChecksum.sum(message));
            } else {
                byte[] pseudo = {0, 0, (byte) (message.length >> 8), (byte) message.length, 0, 0, 0, 58};
                assertEquals(0xffff, SlowChecksum.sum(packet.destination, packet.source, pseudo, message));
            }
        });
    }

    @Test
    void shouldNotAnswerWhatIsNotToOrFromOneHost() {
        for (String source : new String[] {"00000000", "7f000001", "e0000001", "ffffffff", "f0000001"}) {
            assertSilent(packet -> packet.source = HexFormat.of().parseHex(source), source);
        }
        for (String destination : new String[] {"e0000001", "ffffffff", "00000000"}) {
            assertSilent(packet -> packet.destination = HexFormat.of().parseHex(destination), destination);
        }
        String zeros = "0".repeat(31);
        for (String address : new String[] {zeros + "0", zeros + "1", "ff02" + zeros.substring(3)}) {
            byte[] bytes = HexFormat.of().parseHex(address);
            assertSilent(packet -> packet.ipv6().source = bytes, address);
            assertSilent(packet -> packet.ipv6().destination = bytes, address);
        }
    }

    @Test
    void shouldAnswerTheFirstFragmentOnly() {
        assertTrue(answer(made(packet -> packet.fragment = 0x2000)).length > 0);
        assertSilent(packet -> packet.fragment = 0x2001, "a later one");
        assertSilent(packet -> packet.fragment = 0x00ff, "the last one");
        assertTrue(answer(fragment(0x0001, 6)).length > 0);
        assertArrayEquals(NONE, answer(fragment(0x0009, 6)));
        assertArrayEquals(NONE, answer(fragment(0x0ff8, 6)));
    }

    @Test
    void shouldNeverAnswerAnError() {
        for (int type : new int[] {3, 4, 5, 6, 11, 12, 19, 32, 255}) {
            assertArrayEquals(NONE, answer(icmp4(type)), "type " + type);
        }
        assertTrue(answer(icmp4(8)).length > 0, "a ping");
        assertTrue(answer(icmp4(13)).length > 0);
        for (int type : new int[] {0, 1, 2, 3, 4, 100, 127, 137}) {
            assertArrayEquals(NONE, answer(icmp6(type)), "type " + type);
        }
        assertTrue(answer(icmp6(128)).length > 0, "a ping");
        assertTrue(answer(icmp6(135)).length > 0);
    }

    @Test
    void shouldFindAnErrorBehindExtensionHeaders() {
        byte[] options = {43, 0, 1, 4, 0, 0, 0, 0};
        byte[] routing = {44, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        byte[] fragment = {51, 0, 0, 1, 0, 0, 0, 0};
        byte[] authentication = {58, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        for (int type : new int[] {1, 128}) {
            TestPacket packet = new TestPacket().ipv6().udp();
            packet.extensions = TestPacket.concat(options, routing, fragment, authentication);
            packet.sourcePort = type << 8;
            assertEquals(type == 128, answer(packet.bytes()).length > 0);
        }
        TestPacket cut = new TestPacket().ipv6().udp();
        cut.extensions = new byte[] {60, 9, 0, 0, 0, 0, 0, 0}; // longer than the packet
        assertArrayEquals(NONE, answer(cut.bytes()));
        TestPacket endless = new TestPacket().ipv6().udp();
        endless.extensions = new byte[17 * 8];
        for (int i = 0; i < endless.extensions.length; i += 8) {
            endless.extensions[i] = 60;
        }
        assertArrayEquals(NONE, answer(endless.bytes()));
    }

    @Test
    void shouldNotAnswerWhatIsBroken() {
        byte[] good = made(_ -> {});
        assertTrue(answer(good).length > 0);
        for (int length = 0; length < good.length; length++) {
            assertArrayEquals(NONE, answer(Arrays.copyOf(good, length)));
        }
        for (int at = 0; at < 20; at++) {
            byte[] flipped = good.clone();
            flipped[at] ^= 0x10;
            assertArrayEquals(NONE, answer(flipped), "byte " + at);
        }
        byte[] ipv6 = new TestPacket().ipv6().with(new byte[20]).bytes();
        for (int length = 0; length < ipv6.length; length++) {
            assertArrayEquals(NONE, answer(Arrays.copyOf(ipv6, length)));
        }
    }

    @Test
    void shouldAnswerSoOftenAndNoMore() {
        MemorySegment packet = MemorySegment.ofArray(made(_ -> {}));
        MemorySegment to = MemorySegment.ofArray(new byte[IcmpUnreachable.MAX_BYTES]);
        long now = Long.MAX_VALUE - 1_000; // the clock's numbers go round
        IcmpUnreachable icmp = new IcmpUnreachable(now);

        assertEquals(IcmpUnreachable.BURST, answers(icmp, packet, to, now));
        assertEquals(0, answers(icmp, packet, to, now + 999_999));
        assertEquals(1, answers(icmp, packet, to, now + 1_000_000));
        assertEquals(0, answers(icmp, packet, to, now), "a clock that goes back gives nothing");
        assertEquals(10, answers(icmp, packet, to, now + 11_000_000));
        assertEquals(IcmpUnreachable.BURST, answers(icmp, packet, to, now + 3_600_000_000_000L));
    }

    @Test
    void shouldTakeNothingForWhatIsNotAnswered() {
        MemorySegment error = MemorySegment.ofArray(icmp4(3));
        MemorySegment to = MemorySegment.ofArray(new byte[IcmpUnreachable.MAX_BYTES]);
        IcmpUnreachable icmp = new IcmpUnreachable(0);

        assertEquals(0, answers(icmp, error, to, 0));
        assertEquals(IcmpUnreachable.BURST, answers(icmp, MemorySegment.ofArray(made(_ -> {})), to, 0));
    }

    @Test
    void shouldNotAnswerItsOwnAnswers() {
        assertArrayEquals(NONE, answer(answer(made(_ -> {}))));
        assertArrayEquals(NONE, answer(answer(made(TestPacket::ipv6))));
    }

    @FuzzTest(maxDuration = "5s")
    void anyBytesAreAnsweredOrNot(byte[] bytes) {
        answer(bytes);
        if (bytes.length >= 20 && bytes[0] == 0x45) {
            byte[] sound = bytes.clone();
            sound[2] = (byte) (sound.length >> 8);
            sound[3] = (byte) sound.length;
            sound[10] = 0;
            sound[11] = 0;
            int checksum = ~SlowChecksum.sum(Arrays.copyOf(sound, 20));
            sound[10] = (byte) (checksum >> 8);
            sound[11] = (byte) checksum;
            answer(sound);
        }
    }

    @Test
    void shouldTakeRandomBytes() {
        Seeds.forEach(2_000, random -> {
            byte[] bytes = TestPacket.bytes(random, random.nextInt(200));
            if (bytes.length > 6) {
                bytes[0] = (byte) (random.nextBoolean() ? 0x60 : 0x45);
                bytes[4] = 0;
                bytes[6] = (byte) random.nextInt(64);
            }
            answer(bytes);
        });
    }

    private static int answers(IcmpUnreachable icmp, MemorySegment packet, MemorySegment to, long now) {
        int count = 0;
        for (int i = 0; i < 2 * IcmpUnreachable.BURST; i++) {
            count += icmp.answer(packet, 0, (int) packet.byteSize(), to, 0, now) > 0 ? 1 : 0;
        }
        return count;
    }

    /** What is answered to the packet, which lies at the end of its memory; nothing around the answer may change. */
    private static byte[] answer(byte[] packet) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(3 + packet.length);
            MemorySegment.copy(MemorySegment.ofArray(packet), 0, memory, 3, packet.length);
            MemorySegment to = arena.allocate(IcmpUnreachable.MAX_BYTES + 2 * ROOM);
            to.fill((byte) 0xa5);
            int length = new IcmpUnreachable(0).answer(memory, 3, packet.length, to, ROOM, 0);
            byte[] all = to.toArray(ValueLayout.JAVA_BYTE);
            assertTrue(length <= IcmpUnreachable.MAX_BYTES);
            for (int i = 0; i < ROOM; i++) {
                assertEquals((byte) 0xa5, all[i]);
                assertEquals((byte) 0xa5, all[ROOM + length + i]);
            }
            return Arrays.copyOfRange(all, ROOM, ROOM + length);
        }
    }

    private static void assertQuotes(byte[] packet, byte[] answer, int headers, int limit) {
        assertEquals(Math.min(limit, headers + packet.length), answer.length);
        assertArrayEquals(
                Arrays.copyOf(packet, answer.length - headers), Arrays.copyOfRange(answer, headers, answer.length));
    }

    private static void assertSilent(Consumer<TestPacket> change, String why) {
        assertArrayEquals(NONE, answer(made(change)), why);
    }

    private static byte[] made(Consumer<TestPacket> change) {
        TestPacket packet = new TestPacket().with(new byte[20]);
        change.accept(packet);
        return packet.bytes();
    }

    private static byte[] fragment(int offsetAndMore, int next) {
        return made(packet -> {
            packet.ipv6().extensions = new byte[] {44, 0, 1, 4, 0, 0, 0, 0, (byte) next, 0, 0, 0, 0, 0, 0, 1};
            packet.extensions[10] = (byte) (offsetAndMore >> 8);
            packet.extensions[11] = (byte) offsetAndMore;
        });
    }

    private static byte[] icmp4(int type) {
        return made(tcp -> {
            tcp.protocol = 1;
            tcp.sourcePort = type << 8;
        });
    }

    private static byte[] icmp6(int type) {
        return made(tcp -> {
            tcp.ipv6().protocol = 58;
            tcp.sourcePort = type << 8;
        });
    }
}
