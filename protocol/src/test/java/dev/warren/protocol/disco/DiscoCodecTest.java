package dev.warren.protocol.disco;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.warren.protocol.disco.DiscoMessage.AllocateRequest;
import dev.warren.protocol.disco.DiscoMessage.AllocateResponse;
import dev.warren.protocol.disco.DiscoMessage.BindAnswer;
import dev.warren.protocol.disco.DiscoMessage.BindChallenge;
import dev.warren.protocol.disco.DiscoMessage.BindRequest;
import dev.warren.protocol.disco.DiscoMessage.Binding;
import dev.warren.protocol.disco.DiscoMessage.CallMeMaybe;
import dev.warren.protocol.disco.DiscoMessage.CallMeMaybeVia;
import dev.warren.protocol.disco.DiscoMessage.Ping;
import dev.warren.protocol.disco.DiscoMessage.Pong;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class DiscoCodecTest {
    private static final String ID_HEX = "0102030405060708090a0b0c";
    private static final TxId ID = TxId.of(Hex.bytes(ID_HEX), 0);
    private static final String NODE_HEX = "7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13";
    private static final NodePublicKey NODE = NodePublicKey.parseHex(NODE_HEX);
    private static final String SERVER_HEX = "0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20";
    private static final String LOW_HEX = "11".repeat(32);
    private static final String HIGH_HEX = "ee".repeat(32);
    private static final DiscoPublicKey HIGH = DiscoPublicKey.parseHex(HIGH_HEX);
    private static final DiscoPair PAIR = new DiscoPair(HIGH, DiscoPublicKey.parseHex(LOW_HEX));
    private static final Binding BINDING = new Binding(0x00c0ffee, 0x01020304, HIGH);
    private static final String BINDING_HEX = "00c0ffee" + "01020304" + HIGH_HEX;
    private static final String CHALLENGE_HEX = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private static final InetSocketAddress IPV4 = endpoint("1.2.3.4", 254);
    private static final InetSocketAddress IPV6 = endpoint("2001:db8::1", 567);

    @Test
    void shouldEncodeAPing() {
        assertGolden(
                new Ping(ID, NODE, 0),
                "01", // type
                "00", // version
                ID_HEX, // transaction
                NODE_HEX); // node key
    }

    @Test
    void shouldEncodeAPingWithPadding() {
        assertGolden(
                new Ping(ID, NODE, 5),
                "01", // type
                "00", // version
                ID_HEX, // transaction
                NODE_HEX, // node key
                "0000000000"); // padding
    }

    @Test
    void shouldEncodeAPingOfAnOldSender() {
        assertGolden(
                new Ping(ID, null, 0),
                "01", // type
                "00", // version
                ID_HEX); // transaction, and no node key
    }

    @Test
    void shouldEncodeAPong() {
        assertGolden(
                new Pong(ID, IPV4),
                "02", // type
                "00", // version
                ID_HEX, // transaction
                "00000000000000000000ffff01020304", // IPv4 address, mapped
                "00fe"); // port
        assertGolden(
                new Pong(ID, IPV6),
                "02", // type
                "00", // version
                ID_HEX, // transaction
                "20010db8000000000000000000000001", // IPv6 address
                "0237"); // port
    }

    @Test
    void shouldEncodeACallMeMaybe() {
        assertGolden(new CallMeMaybe(List.of()), "03", "00");
        assertGolden(
                new CallMeMaybe(List.of(IPV4, IPV6)),
                "03", // type
                "00", // version
                "00000000000000000000ffff01020304", // first address
                "00fe", // first port
                "20010db8000000000000000000000001", // second address
                "0237"); // second port
    }

    @Test
    void shouldEncodeTheThreeStepsOfABind() {
        Challenge challenge = Challenge.of(Hex.bytes(CHALLENGE_HEX), 0);
        assertGolden(
                new BindRequest(BINDING),
                "04", // type
                "00", // version
                "00c0ffee", // VNI
                "01020304", // generation
                HIGH_HEX, // the other client's disco key
                "00".repeat(32)); // no challenge yet
        assertGolden(new BindChallenge(BINDING, challenge), "05", "00", BINDING_HEX, CHALLENGE_HEX);
        assertGolden(new BindAnswer(BINDING, challenge), "06", "00", BINDING_HEX, CHALLENGE_HEX);
    }

    @Test
    void shouldEncodeARelaySession() {
        RelaySession session = new RelaySession(
                DiscoPublicKey.parseHex(SERVER_HEX),
                PAIR,
                7,
                42,
                30_000_000_000L,
                300_000_000_000L,
                List.of(IPV4, IPV6));
        String[] fields = {
            SERVER_HEX, // the relay's disco key
            LOW_HEX, // the clients' disco keys, in the order of their bytes
            HIGH_HEX,
            "0000000000000007", // Lamport id
            "0000002a", // VNI
            "00000006fc23ac00", // bind lifetime, ns
            "00000045d964b800", // steady lifetime, ns
            "00000000000000000000ffff01020304", // first address
            "00fe",
            "20010db8000000000000000000000001", // second address
            "0237"
        };
        assertGolden(new CallMeMaybeVia(session), "07", "00", String.join("", fields));
        assertGolden(new AllocateResponse(9, session), "09", "00", "00000009", String.join("", fields));
    }

    @Test
    void shouldEncodeAnAllocateRequest() {
        assertGolden(
                new AllocateRequest(PAIR, 9),
                "08", // type
                "00", // version
                LOW_HEX, // the clients' disco keys, in the order of their bytes
                HIGH_HEX,
                "00000009"); // generation
        assertEquals(
                new AllocateRequest(PAIR, 9),
                decode("0800" + HIGH_HEX + LOW_HEX + "00000009" + "aa"),
                "any order is read, and what follows is ignored");
    }

    @Test
    void theSizesOnTheWireAreTailscales() {
        // nat-traversal.md section 1.2, without the 78 bytes of the envelope.
        RelaySession session = new RelaySession(HIGH, PAIR, 1, 1, 1, 1, List.of(IPV4, IPV6));
        assertEquals(152 - 78, DiscoCodec.encodedLength(new BindRequest(BINDING)));
        assertEquals(204 + 2 * 18 - 78, DiscoCodec.encodedLength(new CallMeMaybeVia(session)));
        assertEquals(148 - 78, DiscoCodec.encodedLength(new AllocateRequest(PAIR, 1)));
        assertEquals(208 + 2 * 18 - 78, DiscoCodec.encodedLength(new AllocateResponse(1, session)));
    }

    @Test
    void shouldNotUnderstandASessionOfAnotherVersionOrWithBrokenAddresses() {
        String session = "22".repeat(124) + "00000000000000000000ffff0102030400fe";
        assertEquals(CallMeMaybeVia.class, classOf(decode("0700" + session)));
        assertNull(decode("0701" + session));
        assertNull(decode("0700" + session + "00"));
        assertNull(decode("0700" + session.substring(2)));
        assertNull(decode("0700" + "22".repeat(124)), "no address at all");
        assertEquals(AllocateResponse.class, classOf(decode("0900" + "00000001" + session)));
        assertNull(decode("0902" + "00000001" + session));
        assertNull(decode("0900" + "00000001" + session + "00"));
        assertNull(decode("0801" + LOW_HEX + HIGH_HEX + "00000001"));
        assertNull(decode("0800" + LOW_HEX + HIGH_HEX + "000001"));
    }

    @Test
    void shouldIgnoreTheVersionOfABindAndWhatFollowsIt() {
        assertEquals(new BindRequest(BINDING), decode("0409" + BINDING_HEX + CHALLENGE_HEX + "aa"));
        assertNull(decode("0400" + BINDING_HEX + CHALLENGE_HEX.substring(2)));
    }

    private static @Nullable Class<?> classOf(@Nullable Object object) {
        return object == null ? null : object.getClass();
    }

    @Test
    void shouldIgnoreTheVersionOfPingAndPong() {
        assertEquals(new Ping(ID, NODE, 0), decode("0107" + ID_HEX + NODE_HEX));
        assertEquals(new Pong(ID, IPV4), decode("02ff" + ID_HEX + "00000000000000000000ffff0102030400fe"));
    }

    @Test
    void shouldIgnoreBytesBehindAPong() {
        assertEquals(new Pong(ID, IPV4), decode("0200" + ID_HEX + "00000000000000000000ffff0102030400fe" + "aabbcc"));
    }

    @Test
    void shouldCountBytesBehindAPingAsPaddingWhateverTheyAre() {
        assertEquals(new Ping(ID, NODE, 2), decode("0100" + ID_HEX + NODE_HEX + "aabb"));
        assertEquals(new Ping(ID, null, 31), decode("0100" + ID_HEX + NODE_HEX.substring(2)));
    }

    @Test
    void shouldTakeAZeroNodeKeyForNone() {
        assertEquals(new Ping(ID, null, 32), decode("0100" + ID_HEX + "00".repeat(32)));
    }

    @Test
    void shouldTakeAnotherVersionOrAnOddLengthForNoEndpoints() {
        String endpoint = "00000000000000000000ffff0102030400fe";
        assertEquals(new CallMeMaybe(List.of()), decode("0301" + endpoint));
        assertEquals(new CallMeMaybe(List.of()), decode("0300" + endpoint + "00"));
        assertEquals(new CallMeMaybe(List.of()), decode("0300" + endpoint.substring(2)));
        assertEquals(new CallMeMaybe(List.of(IPV4, IPV4)), decode("0300" + endpoint + endpoint));
    }

    @Test
    void shouldNotUnderstandUnknownTypesAndShortPayloads() {
        assertNull(decode(""));
        assertNull(decode("01"));
        assertNull(decode("0000"));
        assertNull(decode("0a00" + "00".repeat(200)));
        assertNull(decode("8100" + ID_HEX + NODE_HEX));
        assertNull(decode("0100" + ID_HEX.substring(2)));
        assertNull(decode("0200" + ID_HEX + "00000000000000000000ffff0102030400"));
    }

    @Test
    void shouldRefuseMessagesThatCannotBeEncoded() {
        InetSocketAddress name = InetSocketAddress.createUnresolved("host.example", 1);
        assertThrows(IllegalArgumentException.class, () -> new Pong(ID, name));
        assertThrows(IllegalArgumentException.class, () -> new CallMeMaybe(List.of(IPV4, name)));
        assertThrows(IllegalArgumentException.class, () -> new Ping(ID, null, -1));
        assertThrows(IllegalArgumentException.class, () -> new RelaySession(HIGH, PAIR, 1, 1, 1, 1, List.of()));
        assertThrows(IllegalArgumentException.class, () -> new RelaySession(HIGH, PAIR, 1, 1, 1, 1, List.of(name)));
        NodePublicKey zero = NodePublicKey.of(new byte[32]);
        assertThrows(IllegalArgumentException.class, () -> new Ping(ID, zero, 0));
    }

    @Test
    void shouldDecodeWhatItEncoded() {
        Seeds.forEach(300, random -> {
            DiscoMessage message = DiscoSamples.message(random);
            int offset = random.nextInt(9);
            byte[] buffer = new byte[offset + DiscoCodec.encodedLength(message) + 3];
            Arrays.fill(buffer, (byte) 0xa5);
            int length = DiscoCodec.encode(message, buffer, offset);
            assertEquals(DiscoCodec.encodedLength(message), length);
            assertEquals(buffer.length - 3, offset + length);
            assertEquals("a5a5a5", Hex.text(buffer, offset + length, 3));
            assertEquals(message, DiscoCodec.decode(buffer, offset, length));
        });
    }

    @Test
    void shouldSurviveFlippedAndTruncatedBytes() {
        Seeds.forEach(500, random -> {
            DiscoMessage message = DiscoSamples.message(random);
            byte[] buffer = new byte[DiscoCodec.encodedLength(message)];
            DiscoCodec.encode(message, buffer, 0);
            buffer[random.nextInt(buffer.length)] ^= (byte) (1 << random.nextInt(8));
            survives(buffer, random.nextInt(buffer.length + 1));
        });
    }

    @FuzzTest(maxDuration = "5s")
    void shouldSurviveHostileBytes(byte[] bytes) {
        survives(bytes, bytes.length);
    }

    /** Whatever is understood can be written again and is then understood as the same. */
    private static void survives(byte[] bytes, int length) {
        DiscoMessage message = DiscoCodec.decode(bytes, 0, length);
        if (message != null) {
            byte[] again = new byte[DiscoCodec.encodedLength(message)];
            DiscoCodec.encode(message, again, 0);
            assertEquals(message, DiscoCodec.decode(again, 0, again.length));
        }
    }

    private static void assertGolden(DiscoMessage message, String... fields) {
        byte[] buffer = new byte[DiscoCodec.encodedLength(message)];
        Arrays.fill(buffer, (byte) 0xa5);
        assertEquals(buffer.length, DiscoCodec.encode(message, buffer, 0));
        assertEquals(String.join("", fields), Hex.text(buffer));
        assertEquals(message, decode(fields));
    }

    private static @Nullable DiscoMessage decode(String... fields) {
        byte[] bytes = Hex.bytes(fields);
        return DiscoCodec.decode(bytes, 0, bytes.length);
    }

    private static InetSocketAddress endpoint(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }
}
