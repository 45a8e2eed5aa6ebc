package dev.warren.node.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {
    @Test
    void shouldSumTheExampleOfRfc1071() {
        byte[] example = HexFormat.of().parseHex("0001f203f4f5f6f7");

        assertEquals(0xddf2, InternetChecksum.sum(MemorySegment.ofArray(example), 0, example.length));
        assertEquals(0x220d, InternetChecksum.complement(0xddf2));
    }

    @Test
    void shouldSumEveryLengthAtEveryAlignmentAsTheSlowOneDoes() {
        Seeds.forEach(3, random -> {
            byte[] bytes = TestPacket.bytes(random, 1_600);
            // Long stretches of ones make the most carries.
            Arrays.fill(bytes, 300, 900, (byte) 0xff);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(bytes.length);
                MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, 0, bytes.length);
                for (int at = 0; at < 9; at++) {
                    for (int length = 0; at + length <= bytes.length; length++) {
                        int expected = SlowChecksum.sum(Arrays.copyOfRange(bytes, at, at + length));
                        assertEquals(expected, InternetChecksum.sum(memory, at, length), at + "+" + length);
                    }
                }
                assertEquals(SlowChecksum.sum(bytes), InternetChecksum.sum(MemorySegment.ofArray(bytes), 0, 1_600));
            }
        });
    }

    @Test
    void shouldSumTheLargestPacketOfOnes() {
        byte[] bytes = new byte[65_536];
        Arrays.fill(bytes, (byte) 0xff);

        assertEquals(0xffff, InternetChecksum.sum(MemorySegment.ofArray(bytes), 0, bytes.length));
    }

    @Test
    void shouldBeZeroOnlyForZeros() {
        byte[] bytes = new byte[100];

        assertEquals(0, InternetChecksum.sum(MemorySegment.ofArray(bytes), 0, 100));

        bytes[17] = 1;
        assertEquals(1, InternetChecksum.sum(MemorySegment.ofArray(bytes), 0, 100));
    }

    @Test
    void shouldFoldEveryCarry() {
        assertEquals(0xffff, InternetChecksum.fold(-1));
        assertEquals(1, InternetChecksum.fold(0x1_0000));
        assertEquals(1, InternetChecksum.fold(1L << 48));
        assertEquals(0x8000, InternetChecksum.fold(Long.MIN_VALUE));
        assertEquals(0, InternetChecksum.complement(0xffff));
        assertEquals(0xffff, InternetChecksum.complementNotZero(0xffff));
    }

    @Test
    void shouldUpdateAsIfSummedAnew() {
        Seeds.forEach(300, random -> {
            byte[] before = TestPacket.bytes(random, 20);
            byte[] after = before.clone();
            after[6] = (byte) random.nextInt();
            after[7] = (byte) random.nextInt();
            int checksum = ~SlowChecksum.sum(before) & 0xffff;
            int oldWord = Octets.u16(MemorySegment.ofArray(before), 6);
            int newWord = Octets.u16(MemorySegment.ofArray(after), 6);

            int updated = InternetChecksum.update(checksum, oldWord, newWord);

            assertEquals(~SlowChecksum.sum(after) & 0xffff, updated);
        });
    }

    @Test
    void shouldSumPseudoHeaders() {
        Seeds.forEach(100, random -> {
            TestPacket packet = TestPacket.random(random).with(TestPacket.bytes(random, random.nextInt(100)));
            MemorySegment bytes = MemorySegment.ofArray(packet.bytesWithoutChecksum());
            int at = packet.ipHeaderLength();
            int length = (int) bytes.byteSize() - at;

            int sum = InternetChecksum.pseudoHeader(bytes, 0, packet.ipv4, packet.tcp ? 6 : 17, length);

            assertEquals(Octets.u16(bytes, at + (packet.tcp ? 16 : 6)), sum);
        });
    }
}
