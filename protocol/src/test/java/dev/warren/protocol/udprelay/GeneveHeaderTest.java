package dev.warren.protocol.udprelay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class GeneveHeaderTest {
    @Test
    void shouldEncodeDiscoForTheRelay() {
        assertGolden(
                new GeneveHeader(true, GeneveHeader.DISCO, 0xc0ffee),
                "00", // version 0, no options
                "80", // control
                "7a11", // disco
                "c0ffee", // VNI
                "00"); // reserved
    }

    @Test
    void shouldEncodeWireGuardForTheOtherClient() {
        assertGolden(
                new GeneveHeader(false, GeneveHeader.WIREGUARD, 1),
                "00", // version 0, no options
                "00", // no control
                "7a12", // WireGuard
                "000001", // VNI
                "00"); // reserved
    }

    @Test
    void shouldTakeNothingElseForAHeader() {
        assertNull(decode("00807a11c0ffee"), "too short");
        assertNull(decode("40807a11c0ffee00"), "version 1");
        assertNull(decode("01807a11c0ffee00"), "with options, which would be part of the header");
        assertNull(decode("00817a11c0ffee00"), "a reserved bit");
        assertNull(decode("00807a11c0ffee01"), "the reserved byte");
        assertNull(decode("00807a10c0ffee00"), "another protocol");
        assertNull(decode("00006558c0ffee00"), "Ethernet (RFC 8926 section 3.4)");
        assertEquals(
                new GeneveHeader(true, GeneveHeader.DISCO, 0xc0ffee),
                decode("00c07a11c0ffee00"),
                "the critical bit speaks of options");
    }

    @Test
    void nothingElseThatComesToTheSamePortLooksLikeOne() {
        byte[] stun = Hex.bytes("0101000c2112a442000000000000000000000000");
        byte[] wireGuard = Hex.bytes("0400000000000000000000000000000000000000");
        byte[] disco = Hex.bytes("5453f09f92ac000000000000000000000000");
        for (byte[] packet : new byte[][] {stun, wireGuard, disco}) {
            assertFalse(GeneveHeader.looksLike(packet, 0, packet.length), Hex.text(packet));
        }
    }

    @Test
    void shouldRefuseAHeaderThatCannotBeEncoded() {
        assertThrows(IllegalArgumentException.class, () -> new GeneveHeader(true, GeneveHeader.DISCO, 1 << 24));
        assertThrows(IllegalArgumentException.class, () -> new GeneveHeader(true, GeneveHeader.DISCO, -1));
        assertThrows(IllegalArgumentException.class, () -> new GeneveHeader(true, 0x6558, 1));
    }

    @Test
    void shouldDecodeWhatItEncoded() {
        Seeds.forEach(300, random -> {
            GeneveHeader header = new GeneveHeader(
                    random.nextBoolean(),
                    random.nextBoolean() ? GeneveHeader.DISCO : GeneveHeader.WIREGUARD,
                    random.nextInt(1 << 24));
            int offset = random.nextInt(9);
            byte[] buffer = new byte[offset + GeneveHeader.encodedLength() + 3];
            Arrays.fill(buffer, (byte) 0xa5);
            assertEquals(GeneveHeader.encodedLength(), GeneveHeader.encode(header, buffer, offset));
            assertEquals("a5a5a5", Hex.text(buffer, offset + GeneveHeader.LENGTH, 3));
            assertEquals(header, GeneveHeader.decode(buffer, offset, GeneveHeader.LENGTH));
        });
    }

    @FuzzTest
    void shouldSurviveHostileBytes(byte[] bytes) {
        GeneveHeader header = GeneveHeader.decode(bytes, 0, bytes.length);
        if (header != null) {
            byte[] again = new byte[GeneveHeader.encodedLength()];
            GeneveHeader.encode(header, again, 0);
            assertEquals(header, GeneveHeader.decode(again, 0, again.length));
        }
    }

    private static void assertGolden(GeneveHeader header, String... fields) {
        byte[] buffer = new byte[GeneveHeader.encodedLength()];
        Arrays.fill(buffer, (byte) 0xa5);
        assertEquals(buffer.length, GeneveHeader.encode(header, buffer, 0));
        assertEquals(String.join("", fields), Hex.text(buffer));
        assertEquals(header, decode(fields));
    }

    private static @Nullable GeneveHeader decode(String... fields) {
        byte[] bytes = Hex.bytes(fields);
        return GeneveHeader.decode(bytes, 0, bytes.length);
    }
}
