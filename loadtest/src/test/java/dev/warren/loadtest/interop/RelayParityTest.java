package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same said to our relay and to a stock derper, and the same expected: docs/relay.md has the table. The last tests
 * are the other way round: they hold what we do on purpose in another way.
 */
@Timeout(60)
class RelayParityTest {
    /** Whose relay. */
    enum Relay {
        OURS,
        DERPER
    }

    private static final Map<Relay, RelayUnderTest> RELAYS = new EnumMap<>(Relay.class);

    @TempDir
    static Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        RELAYS.put(Relay.OURS, RelayUnderTest.ours(folder));
        RELAYS.put(Relay.DERPER, RelayUnderTest.derper(folder));
    }

    @AfterAll
    static void stop() throws Exception {
        for (RelayUnderTest relay : RELAYS.values()) {
            relay.close();
        }
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    /** A frame of zeros from a client that is logged in. */
    @ParameterizedTest
    @CsvSource({
        "01, 40, open", // a server's
        "02, 56, open", // a second login
        "02, 10, open",
        "04, 31, closed",
        "04, 32, open",
        "04, 65568, open",
        "04, 65569, closed",
        "05, 40, open", // a server's
        "06, 0, open",
        "06, 3, open",
        "07, 0, closed",
        "07, 1, open",
        "07, 2, closed",
        "08, 33, open",
        "09, 51, open",
        "0a, 64, closed", // the mesh's
        "10, 0, closed",
        "11, 32, closed",
        "12, 7, closed",
        "12, 8, open",
        "12, 1000, open",
        "12, 1001, closed",
        "13, 0, open",
        "13, 3, open",
        "13, 8, open",
        "13, 2000, open",
        "14, 5, open",
        "15, 8, open",
        "16, 0, open", // unknown
        "99, 65568, open",
        "ff, 1, open",
    })
    void shouldTakeOrRefuseAFrame(String type, int length, String state) throws Exception {
        for (Relay relay : Relay.values()) {
            DerpWire wire = login(relay);
            wire.zeros(type, length);
            assertEquals(state, wire.state(), relay::name);
        }
    }

    /** A login with this JSON, which is Go's JSON: names in any case, unknown ones ignored. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{\"version\":2}; open",
                "{}; open",
                "null; open",
                "{\"Version\":2,\"CANACKPINGS\":true,\"isprober\":false}; open",
                "{\"version\":2,\"unknown\":[1,{\"a\":null}]}; open",
                "{\"version\":null}; open",
                "{\"version\":3000000000}; open",
                "{\"version\":\"2\"}; closed",
                "{\"version\":1.5}; closed",
                "{\"version\":1e3}; closed",
                "{\"version\":99999999999999999999}; closed",
                "{\"CanAckPings\":\"yes\"}; closed",
                "{\"IsProber\":1}; closed",
                "{\"meshKey\":\"\"}; closed",
                "{\"meshKey\":\"abcd\"}; closed",
                "{\"meshKey\":null}; closed",
                "{\"meshKey\":7}; closed",
                "{\"meshKey\":\"0000000000000000000000000000000000000000000000000000000000000000\"}; open",
                "{\"MeshKey\":\"11111111111111111111111111111111111111111111111111111111111111AA\"}; open",
                "{\"meshKey\":\"zz111111111111111111111111111111111111111111111111111111111111aa\"}; closed",
                "{\"AppName\":\"an app whose name has more than 32 letters\"}; open",
                "[]; closed",
                "7; closed",
                "{\"version\":2}{}; closed",
                "{\"version\":2} x; closed",
                "{\"version\":2,}; closed",
                "{'version':2}; closed",
            })
    void shouldTakeOrRefuseALogin(String json, String state) throws Exception {
        for (Relay relay : Relay.values()) {
            DerpWire wire = opening(DerpWire.upgrade(port(relay), newKey()));
            wire.login(json);
            assertEquals(state, wire.state(), relay::name);
        }
    }

    @ParameterizedTest
    @CsvSource({"04, 40", "02, 55", "02, 262145", "12, 8", "99, 1", "10, 0"})
    void shouldRefuseAnythingButALoginFirst(String type, int length) throws Exception {
        for (Relay relay : Relay.values()) {
            DerpWire wire = opening(DerpWire.upgrade(port(relay), newKey()));
            wire.zeros(type, length);
            assertEquals(DerpWire.CLOSED, wire.next(), relay::name);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldRefuseALoginUnderAnothersKey(Relay relay) throws Exception {
        DerpWire honest = opening(DerpWire.upgrade(port(relay), newKey()));
        honest.zeros("02", 100);
        assertEquals(DerpWire.CLOSED, honest.next());
    }

    /** The first line of what comes back; "01" for DERP without HTTP. */
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "GET /derp; Upgrade: DERP; 101 Switching Protocols",
                "GET /derp; Upgrade: dErP; 101 Switching Protocols",
                "GET /derp?a=b; Upgrade: DERP; 101 Switching Protocols",
                "GET http://relay/derp; Upgrade: DERP; 101 Switching Protocols",
                "GET /derp; Upgrade: websocket; 101 Switching Protocols",
                "GET /derp; Upgrade: WebSocket|Sec-WebSocket-Protocol: chat; 101 Switching Protocols",
                "GET /derp; Upgrade: DERP|Derp-Fast-Start: 1; DERP",
                "GET /derp; Upgrade: websocket|Derp-Fast-Start: 1; DERP",
                "GET /derp; Upgrade: DERP|Derp-Fast-Start: 0; 101 Switching Protocols",
                "GET /derp; Upgrade: DERP|Derp-Fast-Start: true; 101 Switching Protocols",
                "GET /derp; A: b; 426 Upgrade Required",
                "GET /derp; Upgrade: h2c; 426 Upgrade Required",
                "GET /derp; Derp-Fast-Start: 1; 426 Upgrade Required",
                "GET /derp; Upgrade: websocket|Sec-WebSocket-Protocol: derp|Connection: Upgrade"
                        + "|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==;"
                        + " 101 Switching Protocols",
                "GET /derp; Upgrade: websocket|Sec-WebSocket-Protocol: derp2|Connection: Upgrade"
                        + "|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==;"
                        + " 101 Switching Protocols",
                "GET /derp; Upgrade: websocket|Sec-WebSocket-Protocol: derp|Connection: Upgrade"
                        + "|Sec-WebSocket-Version: 13; 400 Bad Request",
                "GET /derp/probe; A: b; 200 OK",
                "HEAD /derp/probe; A: b; 200 OK",
                "GET /derp/latency-check; A: b; 200 OK",
                "POST /derp/probe; Content-Length: 0; 405 Method Not Allowed",
                "GET /generate_204; A: b; 204 No Content",
                "POST /generate_204; Content-Length: 0; 204 No Content",
                "OPTIONS /generate_204; A: b; 204 No Content",
                "GET /robots.txt; A: b; 200 OK",
                "GET /bootstrap-dns; A: b; 200 OK",
                "GET /; A: b; 200 OK",
            })
    void shouldAnswerHttp(String line, String fields, String answer) throws Exception {
        for (Relay relay : Relay.values()) {
            String request = line + " HTTP/1.1\r\nHost: relay\r\n" + fields.replace("|", "\r\n") + "\r\n\r\n";
            assertEquals(answer, firstLine(relay, request), relay::name);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ts_relay.example, true",
        "A-Z._:09, true",
        "1234567890123456789012345678901234567890123456789012345678901234, true",
        "12345678901234567890123456789012345678901234567890123456789012345, false",
        "a b, false",
        "a/b, false",
    })
    void shouldEchoAChallenge(String challenge, boolean echoed) throws Exception {
        for (Relay relay : Relay.values()) {
            String answer = exchange(
                    relay,
                    "GET /generate_204 HTTP/1.1\r\nHost: relay\r\nConnection: close\r\nX-Tailscale-Challenge: "
                            + challenge + "\r\n\r\n");
            assertEquals(echoed, answer.contains("\r\nX-Tailscale-Response: response " + challenge + "\r\n"), answer);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldSayNotHereToDiscoThreeTimesAndThenOnceASecond(Relay relay) throws Exception {
        DerpWire wire = login(relay);
        NodePublicKey nobody = newKey().publicKey();
        Frame disco = new Frame.SendPacket(nobody, Payload.of(disco(62)));
        Frame notHere = new Frame.PeerGone(nobody, PeerGoneReason.NOT_HERE);
        wire.send(new Frame.SendPacket(nobody, Payload.of(disco(61))), new Frame.SendPacket(nobody, Payload.EMPTY));
        wire.send(disco, disco, disco, disco, disco, disco);
        long begin = System.nanoTime();
        for (int i = 0; i < 3; i++) {
            assertEquals(notHere, wire.next());
        }
        assertEquals(List.of(), wire.settled());
        List<Object> more = List.of();
        while (more.isEmpty()) {
            wire.send(disco);
            more = wire.settled();
            assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(20), "no token came back");
        }
        assertEquals(List.of(notHere), more);
        assertTrue(System.nanoTime() - begin > TimeUnit.MILLISECONDS.toNanos(900), "a token came back too early");
    }

    @ParameterizedTest
    @EnumSource
    void shouldTellWhoHeardFromAPeerThatItLeft(Relay relay) throws Exception {
        DerpWire a = login(relay);
        DerpWire b = login(relay);
        DerpWire stranger = login(relay);
        b.send(packet(a, "01")); // a hears from b, b hears nothing from a
        assertEquals(received(b, "01"), a.next());
        stranger.send(new Frame.Ping(1));
        b.close();
        assertEquals(new Frame.PeerGone(b.publicKey(), PeerGoneReason.DISCONNECTED), a.next());
        a.close();
        assertEquals(List.of(new Frame.Pong(1)), stranger.settled());
    }

    /** Two connections with one key: who gets the packets. */
    @ParameterizedTest
    @EnumSource
    void shouldGivePacketsToTheDuplicateThatWroteLast(Relay relay) throws Exception {
        NodePrivateKey key = newKey();
        DerpWire sender = login(relay);
        DerpWire first = login(relay, key);
        DerpWire second = login(relay, key);
        assertEquals("second", receiver(sender, key, Map.of("first", first, "second", second)));
        first.send(new Frame.NotePreferred(true));
        first.settled();
        assertEquals("first", receiver(sender, key, Map.of("first", first, "second", second)));
        second.settled();
        assertEquals("second", receiver(sender, key, Map.of("first", first, "second", second)));
        second.close();
        awaitReceiver(sender, key, first);
        // It was no last one of its key, so nobody was told.
        assertEquals(List.of(), sender.settled());
        first.send(packet(sender, "05"));
        assertEquals(received(first, "05"), sender.next());
        first.close();
        assertEquals(new Frame.PeerGone(key.publicKey(), PeerGoneReason.DISCONNECTED), sender.next());
    }

    /** Any frame is a sign of life, also one that the relay does not know, and one that has only begun. */
    @ParameterizedTest
    @EnumSource
    void shouldGivePacketsToTheDuplicateThatWroteAnything(Relay relay) throws Exception {
        NodePrivateKey key = newKey();
        DerpWire sender = login(relay);
        DerpWire first = login(relay, key);
        DerpWire second = login(relay, key);
        first.zeros("99", 3);
        awaitReceiver(sender, key, first);
        second.zeros("13", 8);
        awaitReceiver(sender, key, second);
        first.raw(Hex.bytes("04 00000064"));
        awaitReceiver(sender, key, first);
    }

    /** Three connections that all wrote: the writers' order decides when they leave. */
    @ParameterizedTest
    @EnumSource
    void shouldGoBackToTheLastWriterWhenADuplicateLeaves(Relay relay) throws Exception {
        NodePrivateKey key = newKey();
        DerpWire sender = login(relay);
        DerpWire a = login(relay, key);
        DerpWire b = login(relay, key);
        DerpWire c = login(relay, key);
        b.settled();
        a.settled();
        c.settled();
        Map<String, DerpWire> all = Map.of("a", a, "b", b, "c", c);
        assertEquals("c", receiver(sender, key, all));
        b.close(); // not the active one: nothing changes
        assertEquals("c", receiver(sender, key, Map.of("a", a, "c", c)));
        c.close();
        awaitReceiver(sender, key, a);
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepThirtyLargePacketsInFlight(Relay relay) throws Exception {
        DerpWire sender = login(relay);
        DerpWire receiver = login(relay);
        for (int i = 0; i < 30; i++) {
            byte[] large = new byte[Frame.MAX_PACKET];
            large[0] = (byte) i;
            sender.send(new Frame.SendPacket(receiver.publicKey(), Payload.of(large)));
        }
        for (int i = 0; i < 30; i++) {
            Frame.RecvPacket got = assertInstanceOf(Frame.RecvPacket.class, receiver.next());
            assertEquals(i, got.packet().bytes()[0]);
            assertEquals(Frame.MAX_PACKET, got.packet().length());
        }
    }

    /** On purpose: an unknown frame of up to 4 GiB would be a free way to keep a relay reading. */
    @Test
    void shouldDifferInTheLengthOfUnknownFrames() throws Exception {
        DerpWire ours = login(Relay.OURS);
        ours.zeros("99", 65569);
        assertEquals("closed", ours.state());
        DerpWire derpers = login(Relay.DERPER);
        derpers.zeros("99", 65569);
        assertEquals("open", derpers.state());
    }

    /** On purpose: derper shows its home page there. */
    @ParameterizedTest
    @ValueSource(strings = {"/nowhere", "/derp/", "/index.html"})
    void shouldDifferInPathsThatDoNotExist(String path) throws Exception {
        String request = "GET " + path + " HTTP/1.1\r\nHost: relay\r\n\r\n";
        assertEquals("404 Not Found", firstLine(Relay.OURS, request));
        assertEquals("200 OK", firstLine(Relay.DERPER, request));
    }

    /** On purpose: what is not GET is no upgrade (RFC 9110 section 7.8 allows it, but nobody does it). */
    @Test
    void shouldDifferInUpgradesByOtherMethods() throws Exception {
        String request = "POST /derp HTTP/1.1\r\nHost: relay\r\nContent-Length: 0\r\nUpgrade: DERP\r\n\r\n";
        assertEquals("426 Upgrade Required", firstLine(Relay.OURS, request));
        assertEquals("101 Switching Protocols", firstLine(Relay.DERPER, request));
    }

    /** On purpose: clients that expect JSON fail on nothing. */
    @Test
    void shouldDifferInTheAddressesOfNoNames() throws Exception {
        String request = "GET /bootstrap-dns HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n";
        assertTrue(exchange(Relay.OURS, request).endsWith("\r\n\r\n{}"));
        assertTrue(exchange(Relay.DERPER, request).endsWith("\r\n\r\n"));
    }

    /** On purpose: a peer that went, came back and went again is gone. */
    @Test
    void shouldDifferInTellingASecondTimeThatAPeerLeft() throws Exception {
        assertEquals(List.of("told", "told"), goodbyes(Relay.OURS));
        assertEquals(List.of("told", "not told"), goodbyes(Relay.DERPER));
    }

    /** On purpose: of three duplicates that never wrote, the newer one that is left is likelier to be alive. */
    @Test
    void shouldDifferInWhoFollowsASilentDuplicate() throws Exception {
        assertEquals("second", follower(Relay.OURS));
        assertEquals("first", follower(Relay.DERPER));
    }

    private List<String> goodbyes(Relay relay) throws Exception {
        DerpWire hearer = login(relay);
        NodePrivateKey key = newKey();
        List<String> goodbyes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            DerpWire peer = login(relay, key);
            peer.send(packet(hearer, "01"));
            assertEquals(received(peer, "01"), hearer.next());
            peer.close();
            awaitGone(relay, key.publicKey());
            goodbyes.add(hearer.settled().isEmpty() ? "not told" : "told");
        }
        return goodbyes;
    }

    private String follower(Relay relay) throws Exception {
        NodePrivateKey key = newKey();
        DerpWire sender = login(relay);
        DerpWire first = login(relay, key);
        DerpWire second = login(relay, key);
        DerpWire third = login(relay, key);
        third.close();
        Map<String, DerpWire> left = Map.of("first", first, "second", second);
        String receiver = "nobody";
        // Until the relay has noticed that the third one has gone.
        while (receiver.equals("nobody")) {
            receiver = receiver(sender, key, left);
        }
        return receiver;
    }

    /** Which of {@code candidates} gets a packet for {@code key}; "nobody" when none does within a moment. */
    private static String receiver(DerpWire sender, NodePrivateKey key, Map<String, DerpWire> candidates)
            throws Exception {
        byte[] packet = new byte[16];
        new SecureRandom().nextBytes(packet);
        Frame expected = new Frame.RecvPacket(sender.publicKey(), Payload.of(packet));
        sender.send(new Frame.SendPacket(key.publicKey(), Payload.of(packet)));
        for (int i = 0; i < 100; i++) {
            for (Map.Entry<String, DerpWire> candidate : candidates.entrySet()) {
                if (candidate.getValue().has(expected)) {
                    return candidate.getKey();
                }
            }
        }
        return "nobody";
    }

    private static void awaitReceiver(DerpWire sender, NodePrivateKey key, DerpWire awaited) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (receiver(sender, key, Map.of("awaited", awaited)).equals("nobody")) {
            assertTrue(System.nanoTime() < deadline, "the packets go to nobody");
        }
    }

    /** Until the relay says that nobody has {@code key}. */
    private void awaitGone(Relay relay, NodePublicKey key) throws Exception {
        DerpWire asking = login(relay);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        Frame notHere = new Frame.PeerGone(key, PeerGoneReason.NOT_HERE);
        while (true) {
            asking.send(new Frame.SendPacket(key, Payload.of(disco(62))));
            if (asking.settled().contains(notHere)) {
                return;
            }
            assertTrue(System.nanoTime() < deadline, "it does not leave");
        }
    }

    private static String firstLine(Relay relay, String request) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(relay))) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            StringBuilder line = new StringBuilder();
            for (int next = in.read(); next >= 0 && next != '\r'; next = in.read()) {
                if (line.isEmpty() && next == 0x01) {
                    return "DERP";
                }
                line.append((char) next);
            }
            return line.toString().replace("HTTP/1.1 ", "");
        }
    }

    private static String exchange(Relay relay, String request) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(relay))) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private DerpWire login(Relay relay) throws Exception {
        return opening(DerpWire.login(port(relay)));
    }

    private DerpWire login(Relay relay, NodePrivateKey key) throws Exception {
        return opening(DerpWire.login(port(relay), key));
    }

    private static int port(Relay relay) {
        return Objects.requireNonNull(RELAYS.get(relay)).port();
    }

    private static NodePrivateKey newKey() {
        return NodePrivateKey.generate(new SecureRandom());
    }

    private static Frame packet(DerpWire to, String hex) {
        return new Frame.SendPacket(to.publicKey(), Payload.of(Hex.bytes(hex)));
    }

    private static Frame received(DerpWire from, String hex) {
        return new Frame.RecvPacket(from.publicKey(), Payload.of(Hex.bytes(hex)));
    }

    /** "TS" and U+1F4AC, then zeros. */
    private static byte[] disco(int length) {
        byte[] message = new byte[length];
        System.arraycopy(Hex.bytes("5453 f09f92ac"), 0, message, 0, 6);
        return message;
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }
}
