package dev.warren.protocol.portmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.portmap.PcpMessage.AnnounceRequest;
import dev.warren.protocol.portmap.PcpMessage.Response;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class PcpCodecTest {
    @Test
    void shouldEncodeAnAnnounceOverIpv4() {
        assertGolden(
                new AnnounceRequest(InetAddress.ofLiteral("192.168.1.20")),
                "02", // version
                "00", // request, ANNOUNCE
                "0000", // reserved
                "00000000", // lifetime
                "00000000000000000000ffff", // IPv4 mapped into IPv6
                "c0a80114"); // client
    }

    @Test
    void shouldEncodeAnAnnounceOverIpv6() {
        assertGolden(
                new AnnounceRequest(InetAddress.ofLiteral("2001:db8::20")),
                "02", // version
                "00", // request, ANNOUNCE
                "0000", // reserved
                "00000000", // lifetime
                "20010db8000000000000000000000020"); // client
    }

    @Test
    void shouldEncodeAnAnswer() {
        assertGolden(
                new Response(0, PcpResult.NOT_AUTHORIZED.code, 1800, 0xfedcba98L),
                "02", // version
                "80", // answer, ANNOUNCE
                "00", // reserved
                "02", // not authorized
                "00000708", // lifetime
                "fedcba98", // epoch
                "000000000000000000000000"); // reserved
    }

    @Test
    void shouldIgnoreReservedFieldsAndWhatFollowsTheHeader() {
        assertEquals(
                new Response(1, 0, 7, 9),
                decode("02", "81", "ff", "00", "00000007", "00000009", "ffffffffffffffffffffffff", "01020304"));
    }

    @Test
    void shouldTakeNothingElse() {
        String rest = "00".repeat(16);
        assertNull(decode("02", "80", "0000", "00000000", "00".repeat(15)), "too short");
        assertNull(decode("02", "80", "0000", "00000000", rest, "000000"), "no multiple of four");
        assertNull(decode("02", "80", "0000", "00000000", rest, "00".repeat(1100)), "too long");
        assertNull(decode("01", "80", "0000", "00000000", rest), "another version");
        assertNull(decode("02", "01", "0000", "00000000", rest), "a request for a mapping");
    }

    @Test
    void shouldNameItsResults() {
        assertEquals(PcpResult.ADDRESS_MISMATCH, PcpResult.of(12));
        assertNull(PcpResult.of(14));
        assertNull(PcpResult.of(-1));
    }

    @Test
    void shouldRefuseWhatHasNoBytes() {
        assertThrows(IllegalArgumentException.class, () -> new Response(128, 0, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Response(0, 256, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Response(0, 0, -1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Response(0, 0, 0, 1L << 32));
    }

    @Test
    void shouldDecodeWhatItEncoded() {
        Seeds.forEach(300, random -> {
            PcpMessage message = message(random);
            int offset = random.nextInt(9);
            int length = PcpCodec.encodedLength(message);
            byte[] buffer = new byte[offset + length + 3];
            Arrays.fill(buffer, (byte) 0xa5);
            assertEquals(length, PcpCodec.encode(message, buffer, offset));
            assertEquals("a5a5a5", Hex.text(buffer, offset + length, 3));
            assertEquals(message, PcpCodec.decode(buffer, offset, length));
        });
    }

    @FuzzTest(maxDuration = "5s")
    void shouldSurviveHostileBytes(byte[] bytes) {
        PcpMessage message = PcpCodec.decode(bytes, 0, bytes.length);
        if (message != null) {
            byte[] again = new byte[PcpCodec.encodedLength(message)];
            PcpCodec.encode(message, again, 0);
            assertEquals(message, PcpCodec.decode(again, 0, again.length));
        }
    }

    private static PcpMessage message(RandomGenerator random) {
        byte[] address = new byte[random.nextBoolean() ? 4 : 16];
        random.nextBytes(address);
        return random.nextBoolean()
                ? new AnnounceRequest(address.length == 4 ? Bytes.inet4(address, 0) : Bytes.inet16(address, 0))
                : new Response(
                        random.nextInt(128),
                        random.nextInt(256),
                        Integer.toUnsignedLong(random.nextInt()),
                        Integer.toUnsignedLong(random.nextInt()));
    }

    private static void assertGolden(PcpMessage message, String... fields) {
        byte[] buffer = new byte[PcpCodec.encodedLength(message)];
        Arrays.fill(buffer, (byte) 0xa5);
        assertEquals(buffer.length, PcpCodec.encode(message, buffer, 0));
        assertEquals(String.join("", fields), Hex.text(buffer));
        assertEquals(message, decode(fields));
    }

    private static @Nullable PcpMessage decode(String... fields) {
        byte[] bytes = Hex.bytes(fields);
        return PcpCodec.decode(bytes, 0, bytes.length);
    }
}
