package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Layouts of the WireGuard paper, sections 5.4.2 to 5.4.7. */
@Timeout(30)
class MessageCodecTest {
    private static final byte[] INITIATION = Hex.bytes(
            "01 000000", // type, reserved
            "78563412", // sender, little endian
            "e0".repeat(32), // ephemeral
            "51".repeat(32), // encrypted static
            "52".repeat(16), // its tag
            "71".repeat(12), // encrypted timestamp
            "72".repeat(16), // its tag
            "00".repeat(16), // mac1, filled in later
            "00".repeat(16)); // mac2

    private static final byte[] RESPONSE = Hex.bytes(
            "02 000000", // type, reserved
            "04030201", // sender
            "78563412", // receiver
            "e1".repeat(32), // ephemeral
            "61".repeat(16), // tag over nothing
            "00".repeat(16), // mac1
            "00".repeat(16)); // mac2

    private static final byte[] COOKIE_REPLY = Hex.bytes(
            "03 000000", // type, reserved
            "78563412", // receiver
            "91".repeat(24), // nonce
            "92".repeat(16), // encrypted cookie
            "93".repeat(16)); // its tag

    private static final byte[] DATA_HEADER = Hex.bytes(
            "04 000000", // type, reserved
            "78563412", // receiver
            "8877665544332211"); // counter, little endian

    @Test
    void shouldLayOutAnInitiation() {
        InitiationMessage message = new InitiationMessage(
                0x12345678,
                NodePublicKey.of(filled(32, 0xe0)),
                Ciphertext.of(Hex.bytes("51".repeat(32), "52".repeat(16))),
                Ciphertext.of(Hex.bytes("71".repeat(12), "72".repeat(16))));
        byte[] out = filled(InitiationMessage.LENGTH, 0xa5);
        message.encode(out, 0);

        assertEquals(Hex.text(INITIATION), Hex.text(out));
        assertEquals(148, message.encodedLength());
        assertEquals(message, InitiationMessage.decode(INITIATION, 0, INITIATION.length));
    }

    @Test
    void shouldLayOutAResponse() {
        ResponseMessage message = new ResponseMessage(
                0x01020304, 0x12345678, NodePublicKey.of(filled(32, 0xe1)), Ciphertext.of(filled(16, 0x61)));
        byte[] out = filled(ResponseMessage.LENGTH, 0xa5);
        message.encode(out, 0);

        assertEquals(Hex.text(RESPONSE), Hex.text(out));
        assertEquals(92, message.encodedLength());
        assertEquals(message, ResponseMessage.decode(RESPONSE, 0, RESPONSE.length));
    }

    @Test
    void shouldLayOutACookieReply() {
        CookieReplyMessage message = new CookieReplyMessage(
                0x12345678,
                Ciphertext.of(filled(24, 0x91)),
                Ciphertext.of(Hex.bytes("92".repeat(16), "93".repeat(16))));
        byte[] out = filled(CookieReplyMessage.LENGTH, 0xa5);
        message.encode(out, 0);

        assertEquals(Hex.text(COOKIE_REPLY), Hex.text(out));
        assertEquals(64, message.encodedLength());
        assertEquals(message, CookieReplyMessage.decode(COOKIE_REPLY, 0, COOKIE_REPLY.length));
    }

    @Test
    void shouldLayOutADataHeader() {
        byte[] out = filled(DATA_HEADER.length, 0xa5);
        MemorySegment memory = MemorySegment.ofArray(out);
        DataMessage.encodeHeader(0x12345678, 0x1122334455667788L, memory, 0);

        assertEquals(Hex.text(DATA_HEADER), Hex.text(out));
        assertEquals(0x12345678, DataMessage.receiver(memory, 0));
        assertEquals(0x1122334455667788L, DataMessage.counter(memory, 0));
        assertEquals(32, DataMessage.encodedLength(0), "a keepalive");
    }

    @Test
    void shouldKnowTheTypeOfAMessageByItsWholeFirstWordAndItsLength() {
        for (byte[] message : new byte[][] {INITIATION, RESPONSE, COOKIE_REPLY}) {
            assertNotNull(MessageType.of(message, 0, message.length));
            assertNull(MessageType.of(message, 0, message.length - 1));
            byte[] longer = Arrays.copyOf(message, message.length + 1);
            assertNull(MessageType.of(longer, 0, longer.length), "trailing bytes are not tolerated");
            byte[] reserved = message.clone();
            reserved[2] = 1;
            assertNull(MessageType.of(reserved, 0, reserved.length), "reserved bytes must be zero");
        }
        byte[] data = Arrays.copyOf(DATA_HEADER, 2000);
        assertEquals(MessageType.DATA, MessageType.of(data, 0, 2000));
        assertEquals(MessageType.DATA, MessageType.of(data, 0, 32));
        assertNull(MessageType.of(data, 0, 31));
        assertNull(MessageType.of(data, 0, 3));
        assertNull(MessageType.of(filled(64, 5), 0, 64));
    }

    @Test
    void shouldReadBackWhatItWroteAtAnyOffset() {
        Seeds.forEach(200, random -> {
            int offset = random.nextInt(30);
            byte[] buffer = new byte[offset + 200];
            InitiationMessage initiation = new InitiationMessage(
                    random.nextInt(), key(random), ciphertext(48, random), ciphertext(28, random));
            initiation.encode(buffer, offset);
            assertEquals(initiation, InitiationMessage.decode(buffer, offset, initiation.encodedLength()));

            ResponseMessage response =
                    new ResponseMessage(random.nextInt(), random.nextInt(), key(random), ciphertext(16, random));
            response.encode(buffer, offset);
            assertEquals(response, ResponseMessage.decode(buffer, offset, response.encodedLength()));

            CookieReplyMessage reply =
                    new CookieReplyMessage(random.nextInt(), ciphertext(24, random), ciphertext(32, random));
            reply.encode(buffer, offset);
            assertEquals(reply, CookieReplyMessage.decode(buffer, offset, reply.encodedLength()));
        });
    }

    @Test
    void shouldWriteExactlyTheEncodedLength() {
        Seeds.forEach(50, random -> {
            InitiationMessage message = new InitiationMessage(
                    random.nextInt(), key(random), ciphertext(48, random), ciphertext(28, random));
            byte[] one = filled(160, 0xa5);
            byte[] other = filled(160, 0x5a);
            message.encode(one, 3);
            message.encode(other, 3);
            int written = 0;
            for (int i = 0; i < one.length; i++) {
                written += one[i] == other[i] ? 1 : 0;
            }
            assertEquals(message.encodedLength(), written);
        });
    }

    @Test
    void shouldGiveNothingForRandomFlippedOrTruncatedBytes() {
        Seeds.forEach(500, random -> {
            byte[] garbage = new byte[random.nextInt(200)];
            random.nextBytes(garbage);
            InitiationMessage.decode(garbage, 0, garbage.length);
            ResponseMessage.decode(garbage, 0, garbage.length);
            CookieReplyMessage.decode(garbage, 0, garbage.length);

            int cut = random.nextInt(RESPONSE.length);
            assertNull(ResponseMessage.decode(RESPONSE, 0, cut));
            byte[] flipped = RESPONSE.clone();
            flipped[random.nextInt(4)] ^= (byte) (1 << random.nextInt(8));
            assertNull(ResponseMessage.decode(flipped, 0, flipped.length));
        });
    }

    @Test
    void shouldPadToSixteenButNeverBeyondTheMtu() {
        assertEquals(0, DataMessage.paddedLength(0, 1420));
        assertEquals(16, DataMessage.paddedLength(1, 1420));
        assertEquals(96, DataMessage.paddedLength(84, 1420));
        assertEquals(1408, DataMessage.paddedLength(1408, 1420));
        assertEquals(1420, DataMessage.paddedLength(1409, 1420));
        assertEquals(1420, DataMessage.paddedLength(1420, 1420));
        assertEquals(1420 + 16, DataMessage.paddedLength(1421, 1420));
        assertEquals(2 * 1420, DataMessage.paddedLength(2840, 1420));
        assertEquals(96, DataMessage.paddedLength(84, 0));
        Seeds.forEach(500, random -> {
            int length = random.nextInt(9000);
            int padding = DataMessage.paddedLength(length, 1 + random.nextInt(2000)) - length;
            assertEquals(true, padding >= 0 && padding < 16);
        });
    }

    @Test
    void shouldHideTheClockInTimestamps() {
        // 1 s after the epoch is TAI second 11; 0x1fffffff ns lose their low 24 bits.
        byte[] stamp = Tai64n.encode(1_000_000_000L + 0x1fffffffL);
        assertEquals("400000000000000b" + "1f000000", Hex.text(stamp));
        assertArrayEquals(stamp, Tai64n.encode(1_000_000_000L + 0x1f000000L));
        assertEquals("4000000000000009" + "3b000000", Hex.text(Tai64n.encode(-1)));
        Seeds.forEach(200, random -> {
            long early = random.nextLong(Long.MAX_VALUE / 2);
            long late = early + random.nextLong(1 << 30);
            assertEquals(false, Tai64n.isAfter(Tai64n.encode(early), Tai64n.encode(late)));
            assertEquals(true, Tai64n.isAfter(Tai64n.encode(late + (1 << 24)), Tai64n.encode(early)));
        });
    }

    private static NodePublicKey key(RandomGenerator random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return NodePublicKey.of(bytes);
    }

    private static Ciphertext ciphertext(int length, RandomGenerator random) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return Ciphertext.of(bytes);
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }
}
