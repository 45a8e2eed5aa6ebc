package dev.warren.protocol.portmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.portmap.NatPmpMessage.Address;
import dev.warren.protocol.portmap.NatPmpMessage.AddressRequest;
import dev.warren.protocol.portmap.NatPmpMessage.Refused;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.net.Inet4Address;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class NatPmpCodecTest {
    private static final Inet4Address OUTSIDE = Inet4Address.ofLiteral("203.0.113.7");

    @Test
    void shouldEncodeTheQuestion() {
        assertGolden(
                new AddressRequest(),
                "00", // version
                "00"); // opcode
    }

    @Test
    void shouldEncodeTheAddress() {
        assertGolden(
                new Address(0xfedcba98L, OUTSIDE),
                "00", // version
                "80", // opcode 0, answer
                "0000", // success
                "fedcba98", // epoch
                "cb007107"); // address
    }

    @Test
    void shouldEncodeARefusal() {
        assertGolden(
                new Refused(NatPmpResult.NOT_AUTHORIZED.code, 1),
                "00", // version
                "80", // opcode 0, answer
                "0002", // not authorized
                "00000001"); // epoch
    }

    @Test
    void shouldIgnoreTheAddressOfARefusal() {
        assertEquals(new Refused(3, 1), decode("00", "80", "0003", "00000001", "ffffffff"));
    }

    @Test
    void shouldTakeNothingElse() {
        assertNull(decode("00"), "too short for anything");
        assertNull(decode("000000"), "a longer request, which is of another opcode");
        assertNull(decode("0200"), "another version");
        assertNull(decode("00", "81", "0000", "00000001", "cb007107"), "the answer to a mapping");
        assertNull(decode("00", "80", "0000", "00000001", "cb0071"), "too short for its address");
        assertNull(decode("00", "80", "0001", "000000"), "too short for a refusal");
    }

    @Test
    void shouldNameItsResults() {
        assertEquals(NatPmpResult.OUT_OF_RESOURCES, NatPmpResult.of(4));
        assertNull(NatPmpResult.of(6));
        assertNull(NatPmpResult.of(-1));
    }

    @Test
    void shouldRefuseWhatHasNoBytes() {
        assertThrows(IllegalArgumentException.class, () -> new Refused(0, 0));
        assertThrows(IllegalArgumentException.class, () -> new Refused(0x10000, 0));
        assertThrows(IllegalArgumentException.class, () -> new Address(1L << 32, OUTSIDE));
        assertThrows(IllegalArgumentException.class, () -> new Address(-1, OUTSIDE));
    }

    @Test
    void shouldDecodeWhatItEncoded() {
        Seeds.forEach(300, random -> {
            NatPmpMessage message = message(random);
            int offset = random.nextInt(9);
            int length = NatPmpCodec.encodedLength(message);
            byte[] buffer = new byte[offset + length + 3];
            Arrays.fill(buffer, (byte) 0xa5);
            assertEquals(length, NatPmpCodec.encode(message, buffer, offset));
            assertEquals("a5a5a5", Hex.text(buffer, offset + length, 3));
            assertEquals(message, NatPmpCodec.decode(buffer, offset, length));
        });
    }

    @FuzzTest(maxDuration = "5s")
    void shouldSurviveHostileBytes(byte[] bytes) {
        NatPmpMessage message = NatPmpCodec.decode(bytes, 0, bytes.length);
        if (message != null) {
            byte[] again = new byte[NatPmpCodec.encodedLength(message)];
            NatPmpCodec.encode(message, again, 0);
            assertEquals(message, NatPmpCodec.decode(again, 0, again.length));
        }
    }

    private static NatPmpMessage message(RandomGenerator random) {
        long epochSeconds = Integer.toUnsignedLong(random.nextInt());
        byte[] address = new byte[4];
        random.nextBytes(address);
        return switch (random.nextInt(3)) {
            case 0 -> new AddressRequest();
            case 1 -> new Refused(random.nextInt(1, 0x10000), epochSeconds);
            default -> new Address(epochSeconds, Bytes.inet4(address, 0));
        };
    }

    private static void assertGolden(NatPmpMessage message, String... fields) {
        byte[] buffer = new byte[NatPmpCodec.encodedLength(message)];
        Arrays.fill(buffer, (byte) 0xa5);
        assertEquals(buffer.length, NatPmpCodec.encode(message, buffer, 0));
        assertEquals(String.join("", fields), Hex.text(buffer));
        assertEquals(message, decode(fields));
    }

    private static @Nullable NatPmpMessage decode(String... fields) {
        byte[] bytes = Hex.bytes(fields);
        return NatPmpCodec.decode(bytes, 0, bytes.length);
    }
}
