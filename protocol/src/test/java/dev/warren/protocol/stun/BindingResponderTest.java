package dev.warren.protocol.stun;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.stun.StunAttribute.ErrorCode;
import dev.warren.protocol.stun.StunAttribute.Raw;
import dev.warren.protocol.stun.StunAttribute.Software;
import dev.warren.protocol.stun.StunAttribute.UnknownAttributes;
import dev.warren.protocol.stun.StunAttribute.XorMappedAddress;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class BindingResponderTest {
    private static final String COOKIE = "2112a442";
    private static final String ID_HEX = "0102030405060708090a0b0c";
    private static final TransactionId ID = TransactionId.of(Hex.bytes(ID_HEX), 0);
    private static final InetSocketAddress IPV4 = new InetSocketAddress(InetAddress.ofLiteral("1.2.3.4"), 254);
    private static final InetSocketAddress IPV6 = new InetSocketAddress(InetAddress.ofLiteral("1::4"), 257);

    private final BindingResponder responder = new BindingResponder();

    @Test
    void shouldAnswerTailscalesFormByteForByte() {
        byte[] request = Hex.bytes("000100142112a4420102030405060708090a0b0c802200087461696c6e6f646580280004b32c370f");
        assertAnswer(
                Disposition.ANSWERED_TAILSCALE,
                request,
                IPV4,
                "0101000c2112a4420102030405060708090a0b0c00200008000121ec2010a746");
        assertAnswer(
                Disposition.ANSWERED_TAILSCALE,
                request,
                IPV6,
                "010100182112a4420102030405060708090a0b0c00200014000220132113a4420102030405060708090a0b08");
    }

    @Test
    void shouldAnswerAPlainRequestInThirtyTwoBytes() {
        assertAnswer(
                Disposition.ANSWERED_RFC8489,
                BindingRequest.plain(ID),
                IPV4,
                "0101000c" + COOKIE + ID_HEX + "00200008000121ec2010a746");
    }

    @Test
    void shouldAnswerAFingerprintWithAFingerprint() {
        StunMessage request =
                StunIntegrity.withFingerprint(StunMessage.of(MessageType.BINDING_REQUEST, ID, new Software("other")));
        assertEquals(Disposition.ANSWERED_RFC8489, handle(StunCodec.encode(request), IPV6));
        byte[] response = response();
        assertEquals(52, response.length);
        assertTrue(StunIntegrity.hasFingerprint(response, 0, response.length));
        assertEquals(new BindingAnswer.Mapped(ID, IPV6), BindingAnswer.parse(response, 0, response.length));
    }

    @Test
    void shouldAnswerAClassicRequestInTheClearWithItsSixteenBytes() {
        assertAnswer(
                Disposition.ANSWERED_CLASSIC,
                Hex.bytes("00010008" + "deadbeef" + ID_HEX + "0003000400000000"),
                IPV4,
                "0101" // binding response
                        + "000c" // length
                        + "deadbeef" // the first four bytes of the transaction
                        + ID_HEX
                        + "00010008" // MAPPED-ADDRESS
                        + "0001" // IPv4
                        + "00fe" // port
                        + "01020304");
    }

    @Test
    void shouldStaySilentWhenAClassicClientWantsAnotherAddress() {
        byte[] request = Hex.bytes("00010008" + "deadbeef" + ID_HEX + "0003000400000006");
        assertIgnored(Disposition.IGNORED_CHANGE_REQUEST, request);
    }

    @Test
    void shouldRefuseAChangeOfAddressToModernClients() {
        byte[] request = Hex.bytes("00010008" + COOKIE + ID_HEX + "0003000400000002");
        assertAnswer(
                Disposition.REFUSED_UNKNOWN_ATTRIBUTE,
                request,
                IPV4,
                "0111" // binding error
                        + "0024" // length
                        + COOKIE
                        + ID_HEX
                        + "00090018" // ERROR-CODE
                        + "00000414" // 420
                        + "556e6b6e6f776e2041747472696275746528" + "7329" // Unknown Attribute(s)
                        + "000a0004" // UNKNOWN-ATTRIBUTES
                        + "00030003"); // an odd number is made even
        assertEquals(
                Disposition.ANSWERED_RFC8489,
                handle(Hex.bytes("00010008" + COOKIE + ID_HEX + "0003000400000000"), IPV4));
    }

    @Test
    void shouldNameTheAttributesThatItDoesNotKnow() {
        StunMessage request = StunMessage.of(
                MessageType.BINDING_REQUEST,
                ID,
                new Raw(0x7f01, new byte[3]),
                new Raw(0xff01, new byte[3]),
                Raw.of(AttributeType.PRIORITY, new byte[4]),
                Raw.of(AttributeType.USERNAME, new byte[4]));
        assertEquals(Disposition.REFUSED_UNKNOWN_ATTRIBUTE, handle(StunCodec.encode(request), IPV4));
        StunMessage error = decodedResponse();
        assertEquals(MessageType.BINDING_ERROR, error.type());
        assertEquals(
                List.of(
                        new ErrorCode(420, "Unknown Attribute(s)"),
                        new UnknownAttributes(List.of(0x7f01, AttributeType.PRIORITY.code()))),
                error.attributes());
    }

    @Test
    void shouldNeverHonourAnAnswerToSomebodyElse() {
        for (AttributeType wish : List.of(AttributeType.RESPONSE_ADDRESS, AttributeType.RESPONSE_PORT)) {
            StunMessage request = new StunMessage(
                    MessageType.BINDING_REQUEST, 7, ID, List.of(Raw.of(wish, Hex.bytes("0001003509090909"))));
            assertEquals(Disposition.REFUSED_UNKNOWN_ATTRIBUTE, handle(StunCodec.encode(request), IPV4));
        }
    }

    @Test
    void shouldBoundTheErrorHoweverManyAttributesAreUnknown() {
        StunAttribute[] many = IntStream.range(0x7000, 0x7200)
                .mapToObj(type -> new Raw(type, new byte[0]))
                .toArray(StunAttribute[]::new);
        byte[] request = StunCodec.encode(StunMessage.of(MessageType.BINDING_REQUEST, ID, many));
        assertEquals(Disposition.REFUSED_UNKNOWN_ATTRIBUTE, handle(request, IPV4));
        assertTrue(response().length <= BindingResponder.MAX_RESPONSE_LENGTH);
        assertEquals(
                16,
                decodedResponse()
                        .first(UnknownAttributes.class)
                        .orElseThrow()
                        .types()
                        .size());
    }

    @Test
    void shouldIgnoreCredentials() {
        byte[] key = StunIntegrity.shortTermKey("secret");
        StunMessage request = StunIntegrity.withFingerprint(StunIntegrity.withIntegrity(
                StunMessage.of(MessageType.BINDING_REQUEST, ID, Raw.of(AttributeType.USERNAME, new byte[5])), key));
        assertEquals(Disposition.ANSWERED_RFC8489, handle(StunCodec.encode(request), IPV4));
        assertEquals(
                IPV4,
                decodedResponse().first(XorMappedAddress.class).orElseThrow().address());
    }

    @Test
    void shouldIgnoreWithAReason() {
        assertIgnored(Disposition.IGNORED_TOO_SHORT, new byte[0]);
        assertIgnored(Disposition.IGNORED_TOO_SHORT, new byte[19]);
        assertIgnored(Disposition.IGNORED_NOT_STUN, Hex.bytes("ff010000" + COOKIE + ID_HEX));
        assertIgnored(Disposition.IGNORED_LENGTH, Hex.bytes("00010004" + COOKIE + ID_HEX));
        assertIgnored(Disposition.IGNORED_ATTRIBUTES, Hex.bytes("00010004" + COOKIE + ID_HEX + "80220001"));
        assertIgnored(Disposition.IGNORED_FINGERPRINT, Hex.bytes("00010008" + COOKIE + ID_HEX + "8028000400000000"));
        assertIgnored(Disposition.IGNORED_INDICATION, Hex.bytes("00110000" + COOKIE + ID_HEX));
        assertIgnored(Disposition.IGNORED_RESPONSE, Hex.bytes("01010000" + COOKIE + ID_HEX));
        assertIgnored(Disposition.IGNORED_RESPONSE, Hex.bytes("01110000" + COOKIE + ID_HEX));
        assertIgnored(Disposition.IGNORED_METHOD, Hex.bytes("00030000" + COOKIE + ID_HEX));
    }

    @Test
    void shouldNotRememberTheRequestBefore() {
        handle(Hex.bytes("00010008" + COOKIE + ID_HEX + "0003000400000002"), IPV4);
        handle(BindingRequest.tailscale(ID), IPV4);
        assertEquals(Disposition.ANSWERED_RFC8489, handle(BindingRequest.plain(ID), IPV4));
        assertEquals(32, responder.responseLength());
        assertIgnored(Disposition.IGNORED_TOO_SHORT, new byte[3]);
    }

    @Test
    void shouldTellEveryoneTheirAddress() {
        Seeds.forEach(200, random -> {
            InetSocketAddress source = StunSamples.address(random);
            TransactionId id = TransactionId.random(random);
            byte[] request = random.nextBoolean() ? BindingRequest.plain(id) : BindingRequest.tailscale(id);
            int offset = random.nextInt(9);
            byte[] buffer = new byte[offset + request.length + 5];
            Arrays.fill(buffer, (byte) 0xa5);
            System.arraycopy(request, 0, buffer, offset, request.length);
            assertTrue(responder.handle(buffer, offset, request.length, source).isAnswered());
            StunMessage answer = decodedResponse();
            assertEquals(id, answer.id());
            assertEquals(
                    source, answer.first(XorMappedAddress.class).orElseThrow().address());
        });
    }

    @Test
    void shouldAnswerWithWellFormedMessagesOnly() {
        Seeds.forEach(1000, random -> {
            byte[] bytes = StunCodec.encode(StunSamples.message(random));
            bytes[0] = 0;
            bytes[1] = 1;
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            answersWell(bytes, random.nextInt(8) == 0 ? random.nextInt(bytes.length + 1) : bytes.length);
        });
    }

    /** Whoever forges a victim's address gains next to nothing. */
    @Test
    void shouldAnswerTailscalesFormWithAtMostAFifthMore() {
        byte[] request = BindingRequest.tailscale(new TransactionId(1, 2));
        for (InetSocketAddress source : List.of(IPV4, IPV6)) {
            assertEquals(Disposition.ANSWERED_TAILSCALE, responder.handle(request, 0, request.length, source));
            assertTrue(
                    5 * responder.responseLength() <= 6 * request.length,
                    () -> responder.responseLength() + " for " + request.length);
        }
    }

    @FuzzTest(maxDuration = "5s")
    void shouldSurviveHostileBytes(byte[] bytes) {
        answersWell(bytes, bytes.length);
    }

    private void answersWell(byte[] bytes, int length) {
        Disposition disposition = responder.handle(bytes, 0, length, IPV6);
        assertEquals(disposition.isAnswered(), responder.responseLength() > 0);
        if (disposition.isAnswered()) {
            StunMessage answer = decodedResponse();
            assertArrayEquals(Arrays.copyOfRange(bytes, 4, 20), Arrays.copyOfRange(response(), 4, 20));
            assertTrue(answer.type().equals(MessageType.BINDING_SUCCESS)
                    || answer.type().equals(MessageType.BINDING_ERROR));
        }
    }

    private void assertAnswer(Disposition expected, byte[] request, InetSocketAddress source, String response) {
        assertEquals(expected, handle(request, source));
        assertEquals(response, Hex.text(response()));
    }

    private void assertIgnored(Disposition expected, byte[] request) {
        assertEquals(expected, handle(request, IPV4));
        assertEquals(0, responder.responseLength());
    }

    private Disposition handle(byte[] request, InetSocketAddress source) {
        Disposition disposition = responder.handle(request, 0, request.length, source);
        byte[] response = response();
        byte[] address = source.getAddress().getAddress();
        assertEquals(disposition, responder.handle(request, 0, request.length, address, source.getPort()));
        assertArrayEquals(response, response(), "the source as bytes gets the same answer");
        return disposition;
    }

    private byte[] response() {
        return Arrays.copyOf(responder.response(), responder.responseLength());
    }

    private StunMessage decodedResponse() {
        return assertInstanceOf(
                StunMessage.class, StunCodec.decode(responder.response(), 0, responder.responseLength()));
    }
}
