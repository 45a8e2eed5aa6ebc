package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.count;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import dev.warren.relay.client.RelayContext;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DERP in WebSocket messages, by the JDK's client and by bytes of RFC 6455. */
@Timeout(30)
class WebSocketTest {
    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private RelayServer relay;

    @BeforeEach
    void start() throws Exception {
        relay = opening(TestRelay.plain(folder));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @Test
    void shouldCarryPacketsBetweenAWebSocketAndAPlainClient() throws Exception {
        WebSocketTestClient a = opening(WebSocketTestClient.connect(relay));
        TestClient b = opening(TestClient.connect(relay.port()));
        assertEquals("derp", a.subprotocol());
        a.message(encode(new Frame.SendPacket(b.publicKey(), Payload.of(Hex.bytes("c0ffee")))));
        assertEquals(new Frame.RecvPacket(a.publicKey(), Payload.of(Hex.bytes("c0ffee"))), b.next());
        b.send(new Frame.SendPacket(a.publicKey(), Payload.EMPTY));
        assertEquals(new Frame.RecvPacket(b.publicKey(), Payload.EMPTY), a.next());
        assertEquals(1, count(relay, "warren.relay.websockets"));
        assertEquals(2, count(relay, "warren.relay.accepts"));
    }

    @Test
    void shouldSpeakWebSocketOverTlsToo() throws Exception {
        RelayServer tls = opening(TestRelay.start(folder, true, RelayContext.Timing.DEFAULT, null));
        WebSocketTestClient a = opening(WebSocketTestClient.connect(tls));
        a.message(encode(new Frame.Ping(7)));
        assertEquals(new Frame.Pong(7), a.next());
    }

    @Test
    void shouldTakeFramesAcrossMessagesAndSeveralInOne() throws Exception {
        WebSocketTestClient a = opening(WebSocketTestClient.connect(relay));
        TestClient b = opening(TestClient.connect(relay.port()));
        Seeds.forEach(3, random -> {
            List<byte[]> packets = new ArrayList<>();
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (int i = 0; i < 20; i++) {
                byte[] packet = new byte[random.nextInt(3000)];
                random.nextBytes(packet);
                packets.add(packet);
                stream.writeBytes(encode(new Frame.SendPacket(b.publicKey(), Payload.of(packet))));
            }
            sendInPieces(a, stream.toByteArray(), random);
            for (byte[] packet : packets) {
                assertArrayEquals(
                        packet,
                        assertInstanceOf(Frame.RecvPacket.class, b.next())
                                .packet()
                                .bytes());
            }
        });
    }

    /** Cuts {@code stream} anywhere, into messages and into fragments of messages. */
    private static void sendInPieces(WebSocketTestClient client, byte[] stream, RandomGenerator random)
            throws Exception {
        int at = 0;
        while (at < stream.length) {
            int count = Math.min(stream.length - at, random.nextInt(5000));
            byte[] piece = Arrays.copyOfRange(stream, at, at + count);
            at += count;
            if (at == stream.length || random.nextBoolean()) {
                client.message(piece);
            } else {
                client.fragment(piece);
            }
        }
    }

    @Test
    void shouldSendMessagesThatTailscalesClientReads() throws Exception {
        WebSocketTestClient a = opening(WebSocketTestClient.connect(relay));
        byte[] largest = new byte[Frame.MAX_PACKET];
        new Random(1).nextBytes(largest);
        Payload packet = Payload.of(largest);
        a.message(encode(new Frame.SendPacket(a.publicKey(), packet)));
        assertEquals(new Frame.RecvPacket(a.publicKey(), packet), a.next());
        assertTrue(a.longestMessage() <= 32 << 10, "message of " + a.longestMessage());
    }

    @Test
    void shouldAnswerPingsAndClose() throws Exception {
        WebSocketTestClient a = opening(WebSocketTestClient.connect(relay));
        a.socket().sendPing(ByteBuffer.wrap(Hex.bytes("0102"))).get(10, TimeUnit.SECONDS);
        assertEquals("pong 0102", a.next());
        a.socket().sendClose(1000, "bye").get(10, TimeUnit.SECONDS);
        assertEquals("close 1000", a.next());
        await("the end is counted", () -> count(relay, "warren.relay.ended", "reason", "closed") == 1);
        await("nobody is left", () -> TestRelay.gauge(relay, "warren.relay.connections") == 0);
    }

    @Test
    void shouldRefuseText() throws Exception {
        WebSocketTestClient a = opening(WebSocketTestClient.connect(relay));
        a.socket().sendText("hello", true).get(10, TimeUnit.SECONDS);
        assertEquals("close 1003", a.next());
        await("the end is counted", () -> count(relay, "warren.relay.ended", "reason", "protocol_error") == 1);
    }

    @Test
    void shouldRefuseAnotherSubprotocol() throws Exception {
        WebSocketTestClient a = opening(WebSocketTestClient.open(relay, "derp2"));
        assertEquals("close 1008", a.next());
        assertEquals("", a.subprotocol());
        await("the end is counted", () -> count(relay, "warren.relay.ended", "reason", "protocol_error") == 1);
        assertEquals(0, count(relay, "warren.relay.websockets"));
    }

    @Test
    void shouldCloseWithAFarewellWhenTheProtocolIsBroken() throws Exception {
        WebSocketTestClient a = opening(WebSocketTestClient.connect(relay));
        a.message(Hex.bytes("12 00000007"));
        assertEquals("close 1000", a.next());
        await("the end is counted", () -> count(relay, "warren.relay.ended", "reason", "protocol_error") == 1);
    }

    @Test
    void shouldTellWebSocketClientsThatItStops() throws Exception {
        WebSocketTestClient a = opening(WebSocketTestClient.connect(relay));
        relay.close();
        assertInstanceOf(Frame.Restarting.class, a.next());
        assertEquals("close 1000", a.next());
    }

    /** Bytes behind the handshake, and the status with which the relay closes. */
    @ParameterizedTest
    @CsvSource({
        // RFC 6455 section 5.7: "Hello" as a masked text message, and in two fragments, the first unmasked.
        "81 85 37fa213d 7f9f4d5158, 03eb",
        "01 03 48656c, 03ea",
        "82 05 48656c6c6f, 03ea", // binary, but not masked
        "c2 80 00000000, 03ea", // compressed, which was not agreed on
        "83 80 00000000, 03ea", // a type that does not exist
        "80 80 00000000, 03ea", // the continuation of nothing
        "02 81 00000000 01 82 81 00000000 02, 03ea", // a message within a message
        "09 80 00000000, 03ea", // a control frame in fragments
        "82 ff 0000000000020001 00000000, 03f1", // a byte longer than 128 KiB
        "82 ff 7fffffffffffffff 00000000, 03f1",
    })
    void shouldRefuseBrokenFrames(String frames, String status) throws Exception {
        try (RawWebSocket raw = RawWebSocket.open(relay.port())) {
            raw.write(frames);
            assertEquals("88" + status, raw.closeFrame());
        }
        await("the end is counted", () -> count(relay, "warren.relay.ended", "reason", "protocol_error") == 1);
    }

    /** What a browser's library may do to a message: masked, in fragments, a ping between them (RFC 6455 5.4, 5.5). */
    @Test
    void shouldTakeControlFramesBetweenFragments() throws Exception {
        try (RawWebSocket raw = RawWebSocket.open(relay.port())) {
            raw.write("02 80 37fa213d" + "89 85 37fa213d 7f9f4d5158" + "80 80 37fa213d");
            assertEquals("8a05" + "48656c6c6f", raw.read(7));
        }
    }

    @Test
    void shouldNotLetUnansweredPingsPileUp() throws Exception {
        try (RawWebSocket raw = RawWebSocket.open(relay.port())) {
            byte[] ping = Hex.bytes("89 fd 00000000" + "00".repeat(125));
            ByteArrayOutputStream many = new ByteArrayOutputStream();
            for (int i = 0; i < 8_000; i++) {
                many.writeBytes(ping);
            }
            // 20 MB of answers that nobody reads: the relay reads on, and drops them once the socket takes no more.
            for (int i = 0; i < 20; i++) {
                raw.write(many.toByteArray());
            }
            await("answers are dropped", () -> count(relay, "warren.relay.dropped", "reason", "pong_pending") > 0);
        }
        await("the end is counted", () -> count(relay, "warren.relay.ended") == 1);
    }

    private static byte[] encode(Frame frame) {
        return FrameCodec.encode(frame);
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }
}
