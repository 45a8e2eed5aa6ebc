package dev.warren.protocol.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.stun.StunAttribute.Raw;
import dev.warren.protocol.stun.StunAttribute.UnknownAttributes;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The responder of a server with two addresses and two ports (RFC 5780), and the one that is closed to RFC 3489. */
@Timeout(30)
final class DiscoveryResponderTest {
    private static final String COOKIE = "2112a442";
    private static final String ID_HEX = "0102030405060708090a0b0c";
    private static final TransactionId ID = TransactionId.of(Hex.bytes(ID_HEX), 0);
    private static final InetSocketAddress SOURCE = socket("1.2.3.4", 254);
    private static final InetSocketAddress ORIGIN = socket("192.0.2.1", 3478);
    private static final InetSocketAddress OTHER = socket("192.0.2.2", 3479);

    private final BindingResponder responder = new BindingResponder(new ResponderConfig(ORIGIN, OTHER, true));

    @Test
    void shouldTellAPlainRequestWhereTheAnswerIsFromAndWhatElseThereIs() {
        assertEquals(Disposition.ANSWERED_RFC8489, handle(BindingRequest.plain(ID)));
        assertEquals(
                "01010024" + COOKIE + ID_HEX // binding success, 36 bytes
                        + "00200008" + "000121ec2010a746" // XOR-MAPPED-ADDRESS
                        + "802b0008" + "00010d96" + "c0000201" // RESPONSE-ORIGIN 192.0.2.1:3478
                        + "802c0008" + "00010d97" + "c0000202", // OTHER-ADDRESS 192.0.2.2:3479
                Hex.text(response()));
        assertEquals(0, responder.change());
    }

    @Test
    void shouldAnswerTailscalesFormWithNothingButTheAddress() {
        assertEquals(Disposition.ANSWERED_TAILSCALE, handle(BindingRequest.tailscale(ID)));
        assertEquals("0101000c" + COOKIE + ID_HEX + "00200008000121ec2010a746", Hex.text(response()));
    }

    @ParameterizedTest
    @CsvSource({"0, 192.0.2.1, 3478", "2, 192.0.2.1, 3479", "4, 192.0.2.2, 3478", "6, 192.0.2.2, 3479"})
    void shouldAnswerFromWhereItIsAskedTo(int change, String address, int port) {
        for (int bits : List.of(change, change | 0xfffffff0 | 1)) {
            assertEquals(Disposition.ANSWERED_RFC8489, handle(change(bits)));
            assertEquals(change, responder.change());
            assertEquals(socket(address, port), address(AttributeType.RESPONSE_ORIGIN));
            assertEquals(OTHER, address(AttributeType.OTHER_ADDRESS));
        }
    }

    @ParameterizedTest
    @CsvSource({"0, c0000201, 0d96", "2, c0000201, 0d97", "4, c0000202, 0d96", "6, c0000202, 0d97"})
    void shouldTellAClassicClientInItsOwnWords(int change, String address, String port) {
        byte[] request = Hex.bytes("00010008" + "deadbeef" + ID_HEX + "00030004" + "0000000" + change);
        assertEquals(Disposition.ANSWERED_CLASSIC, handle(request));
        assertEquals(change, responder.change());
        assertEquals(
                "01010024" + "deadbeef" + ID_HEX
                        + "00010008" + "000100fe" + "01020304" // MAPPED-ADDRESS
                        + "00040008" + "0001" + port + address // SOURCE-ADDRESS
                        + "00050008" + "00010d97" + "c0000202", // CHANGED-ADDRESS
                Hex.text(response()));
    }

    @Test
    void shouldHonourAChangeInARequestThatIsTailscalesOtherwise() {
        StunMessage request = message(
                new StunAttribute.Software("tailnode"), Raw.of(AttributeType.CHANGE_REQUEST, Hex.bytes("00000006")));
        assertEquals(Disposition.ANSWERED_RFC8489, handle(StunCodec.encode(StunIntegrity.withFingerprint(request))));
        assertEquals(6, responder.change());
        assertTrue(StunIntegrity.hasFingerprint(response(), 0, response().length));
    }

    @Test
    void shouldCountTheFirstChangeRequestOnlyAndRefuseOneOfAWrongLength() {
        assertEquals(
                Disposition.ANSWERED_RFC8489,
                handle(StunCodec.encode(message(
                        Raw.of(AttributeType.CHANGE_REQUEST, Hex.bytes("00000002")),
                        Raw.of(AttributeType.CHANGE_REQUEST, Hex.bytes("00000004"))))));
        assertEquals(2, responder.change());
        assertEquals(
                Disposition.REFUSED_UNKNOWN_ATTRIBUTE,
                handle(StunCodec.encode(message(Raw.of(AttributeType.CHANGE_REQUEST, Hex.bytes("0000000400000004"))))));
        assertEquals(0, responder.change());
    }

    @Test
    void shouldRefuseFromWhereTheRequestWentTo() {
        byte[] request = StunCodec.encode(message(
                Raw.of(AttributeType.CHANGE_REQUEST, Hex.bytes("00000006")),
                Raw.of(AttributeType.RESPONSE_PORT, Hex.bytes("12340000"))));
        assertEquals(Disposition.REFUSED_UNKNOWN_ATTRIBUTE, handle(request));
        assertEquals(0, responder.change());
        assertEquals(
                List.of(AttributeType.RESPONSE_PORT.code(), AttributeType.RESPONSE_PORT.code()),
                decoded().first(UnknownAttributes.class).orElseThrow().types());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 24, 28, 29, 40, 500, 1440, 1480, 1500, 1900})
    void shouldPadTheAnswerToNoMoreThanTheRequest(int padding) {
        for (boolean fingerprint : List.of(false, true)) {
            StunMessage message = message(Raw.of(AttributeType.PADDING, new byte[padding]));
            byte[] request = StunCodec.encode(fingerprint ? StunIntegrity.withFingerprint(message) : message);
            assertEquals(Disposition.ANSWERED_RFC8489, handle(request));
            int bare = fingerprint ? 64 : 56;
            int expected = request.length < bare + 4 ? bare : Math.min(request.length, 1500);
            assertEquals(expected, response().length, "to " + request.length);
            assertEquals(fingerprint, StunIntegrity.hasFingerprint(response(), 0, response().length));
        }
    }

    @Test
    void shouldPadWithZeros() {
        handle(StunCodec.encode(message(Raw.of(AttributeType.PADDING, new byte[300]))));
        handle(StunCodec.encode(message(new Raw(0x7f01, new byte[300]))));
        assertEquals(
                Disposition.REFUSED_UNKNOWN_ATTRIBUTE,
                handle(StunCodec.encode(message(new Raw(0x7f01, new byte[300])))));
        handle(StunCodec.encode(message(Raw.of(AttributeType.PADDING, new byte[300]))));
        assertEquals(
                Raw.of(AttributeType.PADDING, new byte[264]),
                decoded().attributes().getLast());
    }

    @Test
    void shouldNotKnowPaddingWithoutAnotherAddress() {
        byte[] request = StunCodec.encode(message(Raw.of(AttributeType.PADDING, new byte[300])));
        assertEquals(
                Disposition.REFUSED_UNKNOWN_ATTRIBUTE,
                new BindingResponder().handle(request, 0, request.length, SOURCE));
    }

    @Test
    void shouldIgnoreClassicRequestsWhenToldTo() {
        BindingResponder modern = new BindingResponder(new ResponderConfig(ORIGIN, null, false));
        byte[] classic = Hex.bytes("00010000" + "deadbeef" + ID_HEX);
        assertEquals(Disposition.IGNORED_CLASSIC, modern.handle(classic, 0, classic.length, SOURCE));
        assertEquals(0, modern.responseLength());
        byte[] response = Hex.bytes("01010000" + "deadbeef" + ID_HEX);
        assertEquals(Disposition.IGNORED_RESPONSE, modern.handle(response, 0, response.length, SOURCE));
        byte[] request = BindingRequest.plain(ID);
        assertEquals(Disposition.ANSWERED_RFC8489, modern.handle(request, 0, request.length, SOURCE));
        assertEquals(32, modern.responseLength(), "one address alone is not told");
    }

    @Test
    void shouldHaveRoomForTheLongestAnswers() {
        InetSocketAddress source = socket("2001:db8::1", 65535);
        BindingResponder large = new BindingResponder(
                new ResponderConfig(socket("2001:db8::2", 3478), socket("2001:db8::3", 3479), true));
        byte[] request = StunCodec.encode(StunIntegrity.withFingerprint(message()));
        assertEquals(Disposition.ANSWERED_RFC8489, large.handle(request, 0, request.length, source));
        assertEquals(100, large.responseLength());
        assertEquals(BindingResponder.MAX_RESPONSE_LENGTH, large.maxResponseLength());
        assertEquals(100, new BindingResponder().maxResponseLength());
    }

    @Test
    void shouldRefuseAddressesThatAreNoTwoCorners() {
        for (InetSocketAddress other : List.of(
                socket("192.0.2.1", 3479),
                socket("192.0.2.2", 3478),
                socket("192.0.2.2", 0),
                socket("0.0.0.0", 3479),
                socket("2001:db8::1", 3479),
                InetSocketAddress.createUnresolved("stun.example", 3479))) {
            assertThrows(
                    IllegalArgumentException.class, () -> new ResponderConfig(ORIGIN, other, true), other::toString);
        }
        assertThrows(IllegalArgumentException.class, () -> new ResponderConfig(null, OTHER, true));
    }

    @Test
    void shouldAnswerWithWellFormedMessagesOnly() {
        Seeds.forEach(1000, random -> {
            byte[] bytes = StunCodec.encode(StunSamples.message(random));
            bytes[0] = 0;
            bytes[1] = 1;
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            shouldSurviveHostileBytes(bytes);
        });
    }

    @FuzzTest
    void shouldSurviveHostileBytes(byte[] bytes) {
        Disposition disposition = handle(bytes);
        assertEquals(disposition.isAnswered(), response().length > 0);
        assertEquals(0, responder.change() & ~(BindingResponder.CHANGE_ADDRESS | BindingResponder.CHANGE_PORT));
        if (disposition.isAnswered()) {
            decoded();
            assertTrue(response().length <= Math.max(100, bytes.length), "grown from " + bytes.length);
        }
    }

    private Disposition handle(byte[] request) {
        return responder.handle(request, 0, request.length, SOURCE);
    }

    private byte[] response() {
        return Arrays.copyOf(responder.response(), responder.responseLength());
    }

    private StunMessage decoded() {
        byte[] response = response();
        return assertInstanceOf(StunMessage.class, StunCodec.decode(response, 0, response.length));
    }

    private InetSocketAddress address(AttributeType type) {
        Raw raw = decoded().attributes().stream()
                .filter(attribute -> attribute.type() == type.code())
                .map(Raw.class::cast)
                .findFirst()
                .orElseThrow();
        InetSocketAddress address = AddressValue.read(raw.value());
        assertTrue(address != null, raw::toString);
        return address == null ? SOURCE : address;
    }

    private static byte[] change(int bits) {
        byte[] value = new byte[4];
        Bytes.putI32(value, 0, bits);
        return StunCodec.encode(message(Raw.of(AttributeType.CHANGE_REQUEST, value)));
    }

    private static StunMessage message(StunAttribute... attributes) {
        return StunMessage.of(MessageType.BINDING_REQUEST, ID, attributes);
    }

    private static InetSocketAddress socket(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }
}
