package dev.warren.protocol.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.stun.StunAttribute.ErrorCode;
import dev.warren.protocol.stun.StunAttribute.Fingerprint;
import dev.warren.protocol.stun.StunAttribute.MappedAddress;
import dev.warren.protocol.stun.StunAttribute.Raw;
import dev.warren.protocol.stun.StunAttribute.Software;
import dev.warren.protocol.stun.StunAttribute.UnknownAttributes;
import dev.warren.protocol.stun.StunAttribute.XorMappedAddress;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class StunCodecTest {
    private static final String COOKIE = "2112a442";
    private static final String ID_HEX = "0102030405060708090a0b0c";
    private static final TransactionId ID = TransactionId.of(Hex.bytes(ID_HEX), 0);
    private static final InetSocketAddress IPV4 = address("1.2.3.4", 254);
    private static final InetSocketAddress IPV6 = address("1::4", 257);

    @Test
    void shouldEncodeARequestWithoutAttributes() {
        assertGolden(
                StunMessage.of(MessageType.BINDING_REQUEST, ID),
                "0001", // binding request
                "0000", // length
                COOKIE,
                ID_HEX);
    }

    @Test
    void shouldEncodeMaskedAddresses() {
        assertGolden(
                StunMessage.of(MessageType.BINDING_SUCCESS, ID, new XorMappedAddress(IPV4)),
                "0101", // binding success
                "000c", // length
                COOKIE,
                ID_HEX,
                "0020", // XOR-MAPPED-ADDRESS
                "0008", // length
                "00", // zero
                "01", // IPv4
                "21ec", // port 254 ^ 2112
                "2010a746"); // 1.2.3.4 ^ cookie
        assertGolden(
                StunMessage.of(MessageType.BINDING_SUCCESS, ID, new XorMappedAddress(IPV6)),
                "0101", // binding success
                "0018", // length
                COOKIE,
                ID_HEX,
                "0020", // XOR-MAPPED-ADDRESS
                "0014", // length
                "00", // zero
                "02", // IPv6
                "2013", // port 257 ^ 2112
                "2113a4420102030405060708090a0b08"); // 1::4 ^ cookie and transaction
    }

    @Test
    void shouldEncodeClearAddresses() {
        assertGolden(
                StunMessage.of(MessageType.BINDING_SUCCESS, ID, new MappedAddress(IPV4)),
                "0101", // binding success
                "000c", // length
                COOKIE,
                ID_HEX,
                "0001", // MAPPED-ADDRESS
                "0008", // length
                "0001", // IPv4
                "00fe", // port
                "01020304"); // address
    }

    @Test
    void shouldEncodeARefusal() {
        assertGolden(
                StunMessage.of(
                        MessageType.BINDING_ERROR,
                        ID,
                        new ErrorCode(420, "Unknown"),
                        new UnknownAttributes(List.of(0x0003, 0x7f00, 0x0026))),
                "0111", // binding error
                "001c", // length
                COOKIE,
                ID_HEX,
                "0009", // ERROR-CODE
                "000b", // length
                "0000", // reserved
                "04", // class
                "14", // number
                "556e6b6e6f776e", // reason
                "00", // padding
                "000a", // UNKNOWN-ATTRIBUTES
                "0006", // length
                "00037f000026", // three types
                "0000"); // padding
    }

    @Test
    void shouldEncodeTailscalesRequest() {
        byte[] request = BindingRequest.tailscale(ID);
        assertEquals(BindingRequest.TAILSCALE_LENGTH, request.length);
        assertEquals(
                "0001" // binding request
                        + "0014" // length
                        + COOKIE
                        + ID_HEX
                        + "80220008" // SOFTWARE
                        + "7461696c6e6f6465" // tailnode
                        + "80280004" // FINGERPRINT
                        + "b32c370f",
                Hex.text(request));
        assertEquals(
                List.of(new Software("tailnode"), new Fingerprint(0xb32c370f)),
                decoded(Hex.text(request)).attributes());
    }

    @Test
    void shouldKeepAClassicTransaction() {
        StunMessage message = decoded("0001" + "0000" + "deadbeef" + ID_HEX);
        assertTrue(message.isClassic());
        assertEquals("00010000deadbeef" + ID_HEX, Hex.text(StunCodec.encode(message)));
    }

    @Test
    void shouldReadTheOldCodeOfTheMaskedAddress() {
        StunMessage message = decoded("0101000c" + COOKIE + ID_HEX + "80200008000121ec2010a746");
        assertEquals(List.of(new XorMappedAddress(IPV4)), message.attributes());
    }

    @Test
    void shouldLeaveAttributesRawThatDoNotHaveTheFormOfTheirType() {
        assertRaw("0020" + "0008" + "0003000001020304"); // family 3
        assertRaw("0020" + "0008" + "0002000001020304"); // IPv6 with four bytes
        assertRaw("0020" + "0004" + "00010000"); // no address
        assertRaw("0001" + "0000");
        assertRaw("0009" + "0004" + "00000700"); // class 7
        assertRaw("0009" + "0004" + "00000464"); // number 100
        assertRaw("0009" + "0002" + "00000000"); // short
        assertRaw("000a" + "0003" + "00030400"); // odd
        assertRaw("8028" + "0002" + "00000000"); // short
        assertRaw("8022" + "0002" + "c3280000"); // not UTF-8
        assertRaw("8022" + "02fc" + "61".repeat(764)); // one over 763
    }

    @Test
    void shouldIgnorePaddingBytes() {
        assertEquals(
                List.of(new Software("a"), new Software("b")),
                decoded("0001" + "0010" + COOKIE + ID_HEX + "80220001" + "61ffffff" + "80220001" + "62202020")
                        .attributes());
    }

    @Test
    void shouldLeaveOutWhatFollowsIntegrityExceptTheSealsThemselves() {
        String hmac = "00".repeat(20);
        List<StunAttribute> attributes = decoded("0001" + "0050" + COOKIE + ID_HEX
                        + "00080014" + hmac
                        + "80220004" + "61616161"
                        + "001c0010" + "00".repeat(16)
                        + "00060010" + "00".repeat(16)
                        + "80280004" + "00000000")
                .attributes();
        assertEquals(
                List.of(
                        Raw.of(AttributeType.MESSAGE_INTEGRITY, new byte[20]),
                        Raw.of(AttributeType.MESSAGE_INTEGRITY_SHA256, new byte[16]),
                        new Fingerprint(0)),
                attributes);
    }

    @Test
    void shouldSayWhyBytesAreNotStun() {
        assertNotStun(NotStun.TOO_SHORT, "");
        assertNotStun(NotStun.TOO_SHORT, "00010000" + COOKIE + ID_HEX.substring(2));
        assertNotStun(NotStun.LEADING_BITS, "80010000" + COOKIE + ID_HEX);
        assertNotStun(NotStun.LEADING_BITS, "40010000" + COOKIE + ID_HEX);
        assertNotStun(NotStun.LENGTH, "00010004" + COOKIE + ID_HEX);
        assertNotStun(NotStun.LENGTH, "00010000" + COOKIE + ID_HEX + "80220000");
        assertNotStun(NotStun.LENGTH, "00010002" + COOKIE + ID_HEX + "8022");
        assertNotStun(NotStun.ATTRIBUTES, "00010004" + COOKIE + ID_HEX + "80220001");
        assertNotStun(NotStun.ATTRIBUTES, "00010008" + COOKIE + ID_HEX + "8022ffff00000000");
        assertNotStun(NotStun.ATTRIBUTES, "0001000c" + COOKIE + ID_HEX + "8028000400000000" + "80220000");
    }

    @Test
    void shouldTellStunByItsHeader() {
        byte[] request = BindingRequest.plain(ID);
        assertTrue(StunCodec.looksLike(request, 0, 20));
        assertFalse(StunCodec.looksLike(request, 0, 19));
        request[4] ^= 1;
        assertFalse(StunCodec.looksLike(request, 0, 20));
        request[4] ^= 1;
        request[0] = (byte) 0x80;
        assertFalse(StunCodec.looksLike(request, 0, 20));
        request[0] = 0;
        request[3] = 4;
        assertFalse(StunCodec.looksLike(request, 0, 20));
    }

    @Test
    void shouldRefuseWhatCannotBeEncoded() {
        StunMessage longText = StunMessage.of(MessageType.BINDING_REQUEST, ID, new Software("a".repeat(764)));
        assertThrows(IllegalArgumentException.class, () -> StunCodec.encode(longText));
        StunMessage huge =
                StunMessage.of(MessageType.BINDING_REQUEST, ID, Raw.of(AttributeType.PADDING, new byte[0x10000]));
        assertThrows(IllegalArgumentException.class, () -> StunCodec.encode(huge));
        assertThrows(IllegalArgumentException.class, () -> new ErrorCode(299, ""));
        assertThrows(IllegalArgumentException.class, () -> new ErrorCode(700, ""));
        assertThrows(IllegalArgumentException.class, () -> new MessageType(MessageType.Kind.REQUEST, 0x1000));
    }

    @Test
    void shouldPackClassAndMethod() {
        assertEquals(0x0001, MessageType.BINDING_REQUEST.code());
        assertEquals(0x0011, MessageType.BINDING_INDICATION.code());
        assertEquals(0x0101, MessageType.BINDING_SUCCESS.code());
        assertEquals(0x0111, MessageType.BINDING_ERROR.code());
        for (int code = 0; code < 0x4000; code++) {
            assertEquals(code, MessageType.of(code).code());
        }
    }

    @Test
    void shouldDecodeWhatItEncoded() {
        Seeds.forEach(300, random -> {
            StunMessage message = StunSamples.message(random);
            byte[] bytes = StunCodec.encode(message);
            assertEquals(StunCodec.encodedLength(message), bytes.length);
            byte[] moved = new byte[bytes.length + 8];
            int offset = random.nextInt(8);
            System.arraycopy(bytes, 0, moved, offset, bytes.length);
            assertEquals(message, StunCodec.decode(moved, offset, bytes.length));
        });
    }

    @Test
    void shouldSurviveFlippedAndTruncatedBytes() {
        Seeds.forEach(500, random -> {
            byte[] bytes = StunCodec.encode(StunSamples.message(random));
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            survives(bytes, random.nextInt(bytes.length + 1));
            survives(bytes, bytes.length);
        });
    }

    @FuzzTest
    void shouldSurviveHostileBytes(byte[] bytes) {
        survives(bytes, bytes.length);
    }

    /** Whatever is a message can be written again and is then the same message. */
    private static void survives(byte[] bytes, int length) {
        if (StunCodec.decode(bytes, 0, length) instanceof StunMessage message) {
            byte[] again = StunCodec.encode(message);
            assertEquals(message, StunCodec.decode(again, 0, again.length));
        }
        BindingAnswer.parse(bytes, 0, length);
    }

    private static void assertGolden(StunMessage message, String... fields) {
        assertEquals(String.join("", fields), Hex.text(StunCodec.encode(message)));
        assertEquals(message, decoded(fields));
    }

    private static void assertRaw(String attribute) {
        int length = attribute.length() / 2;
        StunMessage message = decoded("0001", String.format("%04x", length), COOKIE, ID_HEX, attribute);
        assertInstanceOf(Raw.class, message.attributes().getFirst(), message::toString);
        assertEquals(1, message.attributes().size());
    }

    private static void assertNotStun(NotStun reason, String hex) {
        byte[] bytes = Hex.bytes(hex);
        assertEquals(reason, StunCodec.decode(bytes, 0, bytes.length));
    }

    private static StunMessage decoded(String... fields) {
        byte[] bytes = Hex.bytes(fields);
        return assertInstanceOf(StunMessage.class, StunCodec.decode(bytes, 0, bytes.length));
    }

    private static InetSocketAddress address(String literal, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), port);
    }
}
