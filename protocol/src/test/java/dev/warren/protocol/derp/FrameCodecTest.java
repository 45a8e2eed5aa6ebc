package dev.warren.protocol.derp;

import static dev.warren.protocol.derp.DerpSamples.CLIENT;
import static dev.warren.protocol.derp.DerpSamples.CLIENT_HEX;
import static dev.warren.protocol.derp.DerpSamples.SERVER;
import static dev.warren.protocol.derp.DerpSamples.SERVER_HEX;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(30)
class FrameCodecTest {
    private static final Payload PACKET = Payload.of(Hex.bytes("c0ffee"));

    /** One frame and its bytes. */
    record Golden(Frame frame, String bytes) {
        Golden(Frame frame, String... fields) {
            this(frame, Hex.text(Hex.bytes(fields)));
        }

        @Override
        public String toString() {
            return frame.type().toString();
        }
    }

    /** A frame of every type. */
    static Stream<Golden> golden() {
        return Stream.concat(loginAndPackets().stream(), control().stream());
    }

    private static List<Golden> loginAndPackets() {
        return List.of(
                new Golden(
                        new Frame.ServerKey(SERVER),
                        "01 00000028", // type, length 40
                        "44455250 f09f9491", // "DERP" and U+1F511
                        SERVER_HEX),
                new Golden(
                        new Frame.ClientHello(CLIENT, Payload.of(Hex.bytes("aa".repeat(40)))),
                        "02 00000048", // type, length 72
                        CLIENT_HEX,
                        "aa".repeat(40)), // nonce, tag, ciphertext
                new Golden(
                        new Frame.ServerHello(Payload.of(Hex.bytes("bb".repeat(40)))),
                        "03 00000028", // type, length 40
                        "bb".repeat(40)), // nonce, tag, ciphertext
                new Golden(
                        new Frame.SendPacket(CLIENT, PACKET),
                        "04 00000023", // type, length 35
                        CLIENT_HEX, // destination
                        "c0ffee"),
                new Golden(
                        new Frame.RecvPacket(CLIENT, PACKET),
                        "05 00000023", // type, length 35
                        CLIENT_HEX, // source
                        "c0ffee"),
                new Golden(
                        new Frame.ForwardPacket(CLIENT, SERVER, PACKET),
                        "0a 00000043", // type, length 67
                        CLIENT_HEX, // source
                        SERVER_HEX, // destination
                        "c0ffee"));
    }

    private static List<Golden> control() {
        return List.of(
                new Golden(new Frame.KeepAlive(), "06", "00000000"),
                new Golden(new Frame.NotePreferred(true), "07 00000001", "01"),
                new Golden(new Frame.NotePreferred(false), "07 00000001", "00"),
                new Golden(
                        new Frame.PeerGone(CLIENT, PeerGoneReason.NOT_HERE),
                        "08 00000021", // type, length 33
                        CLIENT_HEX,
                        "01"), // not here
                new Golden(
                        new Frame.PeerPresent(CLIENT, at("192.0.2.7", 41641), 9),
                        "09 00000033", // type, length 51
                        CLIENT_HEX,
                        "00000000 00000000 0000ffff c0000207", // v4-mapped
                        "a2a9", // port 41641
                        "09"), // regular, not its ideal node
                new Golden(
                        new Frame.PeerPresent(CLIENT, at("2001:db8::7", 1), 0),
                        "09 00000033",
                        CLIENT_HEX,
                        "20010db8 00000000 00000000 00000007",
                        "0001", // port
                        "00"), // the server does not say
                new Golden(
                        new Frame.PeerPresent(CLIENT, null, 1),
                        "09 00000033",
                        CLIENT_HEX,
                        "00".repeat(18), // no address
                        "01"), // regular
                new Golden(new Frame.WatchConns(), "10", "00000000"),
                new Golden(new Frame.ClosePeer(CLIENT), "11 00000020", CLIENT_HEX),
                new Golden(new Frame.Ping(0x0102030405060708L), "12 00000008", "0102030405060708"),
                new Golden(new Frame.Pong(0xff02030405060708L), "13 00000008", "ff02030405060708"),
                new Golden(new Frame.Health("bad \u00e9"), "14 00000006", "62616420 c3a9"),
                new Golden(
                        new Frame.Restarting(1500, 0xffff_ffffL),
                        "15 00000008", // type, length 8
                        "000005dc", // reconnect in 1500 ms
                        "ffffffff")); // try for 2^32 - 1 ms
    }

    @ParameterizedTest
    @MethodSource("golden")
    void shouldBeByteExact(Golden golden) {
        byte[] bytes = Hex.bytes(golden.bytes());
        assertEquals(golden.bytes(), Hex.text(FrameCodec.encode(golden.frame())));
        assertEquals(golden.frame(), FrameCodec.decode(bytes, 0, bytes.length));
    }

    @Test
    void shouldHaveAGoldenFrameOfEveryType() {
        for (FrameType type : FrameType.values()) {
            assertTrue(golden().anyMatch(golden -> golden.frame().type() == type), type::toString);
        }
    }

    @Test
    void shouldReadBackWhatItWrites() {
        Seeds.forEach(500, random -> {
            Frame frame = DerpSamples.frame(random);
            byte[] bytes = FrameCodec.encode(frame);
            assertEquals(frame, FrameCodec.decode(bytes, 0, bytes.length));
        });
    }

    @Test
    void shouldKnowTheLengthBeforehand() {
        Seeds.forEach(500, random -> {
            Frame frame = DerpSamples.frame(random);
            assertEquals(FrameCodec.encode(frame).length, FrameCodec.encodedLength(frame));
        });
    }

    @Test
    void shouldWriteNothingBesideTheHeader() {
        byte[] target = new byte[9];
        Arrays.fill(target, (byte) 0xa5);
        FrameCodec.writeHeader(FrameType.RECV_PACKET, 0x01020304, target, 2);
        assertArrayEquals(Hex.bytes("a5a5 05 01020304 a5a5"), target);
    }

    @Test
    void shouldOnlyThrowTheDeclaredErrorForBrokenBytes() {
        Seeds.forEach(2000, random -> {
            byte[] bytes = FrameCodec.encode(DerpSamples.frame(random));
            switch (random.nextInt(3)) {
                case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
                case 1 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                default -> random.nextBytes(bytes);
            }
            try {
                FrameCodec.decode(bytes, 0, bytes.length);
            } catch (ProtocolException expected) {
                assertEquals(0, expected.getStackTrace().length, "strangers must not cost stack traces");
            }
        });
    }

    @ParameterizedTest
    @EnumSource(FrameType.class)
    void shouldHoldEachTypeToItsLengths(FrameType type) {
        type.check(type.minLength());
        type.check(type.maxLength());
        if (type.minLength() > 0) {
            assertEquals(ProtocolException.Reason.FRAME_TOO_SHORT, reasonOf(() -> type.check(type.minLength() - 1L)));
        }
        assertEquals(ProtocolException.Reason.FRAME_TOO_LONG, reasonOf(() -> type.check(type.maxLength() + 1L)));
        assertEquals(ProtocolException.Reason.FRAME_TOO_LONG, reasonOf(() -> type.check(0xffff_ffffL)));
    }

    @ParameterizedTest
    @EnumSource(FrameType.class)
    void shouldFindEachTypeByItsNumber(FrameType type) {
        assertEquals(type, FrameType.ofCode(type.code()));
        assertTrue(type.isFromClient() || type.isFromServer());
    }

    @Test
    void shouldKnowNoOtherNumbers() {
        List<Integer> unknown = new ArrayList<>();
        for (int code = -1; code <= 256; code++) {
            if (FrameType.ofCode(code) == null) {
                unknown.add(code);
            }
        }
        assertEquals(258 - FrameType.values().length, unknown.size());
    }

    @Test
    void shouldIgnoreWhatLaterServersAdd() {
        // ServerKey with four bytes more.
        assertEquals(new Frame.ServerKey(SERVER), decode("01 0000002c 44455250f09f9491", SERVER_HEX, "deadbeef"));
        // PeerGone of an old server, without a reason; and one with a reason that nobody knows yet.
        Frame gone = new Frame.PeerGone(CLIENT, PeerGoneReason.DISCONNECTED);
        assertEquals(gone, decode("08 00000020", CLIENT_HEX));
        assertEquals(gone, decode("08 00000021", CLIENT_HEX, "77"));
        // PeerPresent that ends behind the key, behind the port, and with an AppName (v1.104).
        assertEquals(new Frame.PeerPresent(CLIENT, null, 0), decode("09 00000020", CLIENT_HEX));
        String ip = "00000000 00000000 0000ffff c0000207 0050";
        assertEquals(new Frame.PeerPresent(CLIENT, at("192.0.2.7", 80), 0), decode("09 00000032", CLIENT_HEX, ip));
        assertEquals(
                new Frame.PeerPresent(CLIENT, at("192.0.2.7", 80), 1),
                decode("09 00000038", CLIENT_HEX, ip, "01 04 64656d6f"));
        // Any byte but zero makes a home; a longer ping has eight bytes that count.
        assertEquals(new Frame.NotePreferred(true), decode("07 00000001 7f"));
        assertEquals(new Frame.Ping(1), decode("12 0000000a 0000000000000001 aaaa"));
    }

    @Test
    void shouldSayWhatIsWrong() {
        assertEquals(ProtocolException.Reason.FRAME_TOO_SHORT, reasonOf(() -> decode("06 000000")));
        assertEquals(ProtocolException.Reason.FRAME_TOO_SHORT, reasonOf(() -> decode("13 00000009 0000000000000001")));
        assertEquals(ProtocolException.Reason.FRAME_TOO_LONG, reasonOf(() -> decode("13 00000007 0000000000000001")));
        assertEquals(ProtocolException.Reason.FRAME_TOO_SHORT, reasonOf(() -> decode("12 00000007 01020304050607")));
        assertEquals(ProtocolException.Reason.FRAME_TOO_LONG, reasonOf(() -> decode("10 00000001 00")));
        assertEquals(ProtocolException.Reason.UNEXPECTED_FRAME, reasonOf(() -> decode("77 00000000")));
        assertEquals(
                ProtocolException.Reason.BAD_MAGIC, reasonOf(() -> decode("01 00000028 44455250f09f9492", SERVER_HEX)));
    }

    private static Frame decode(String... fields) {
        byte[] bytes = Hex.bytes(fields);
        // Behind other bytes, so that an offset is not forgotten.
        byte[] shifted = new byte[bytes.length + 3];
        System.arraycopy(bytes, 0, shifted, 3, bytes.length);
        return FrameCodec.decode(shifted, 3, bytes.length);
    }

    static ProtocolException.Reason reasonOf(Runnable broken) {
        return assertThrows(ProtocolException.class, broken::run).reason();
    }

    private static InetSocketAddress at(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }
}
