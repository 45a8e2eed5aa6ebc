package dev.warren.protocol.derp;

import static dev.warren.protocol.derp.DerpSamples.CLIENT;
import static dev.warren.protocol.derp.DerpSamples.CLIENT_PRIVATE;
import static dev.warren.protocol.derp.DerpSamples.SERVER;
import static dev.warren.protocol.derp.DerpSamples.SERVER_PRIVATE;
import static dev.warren.protocol.derp.FrameCodecTest.reasonOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both sessions, against each other and against hostile ends. */
@Timeout(30)
class SessionTest {
    private static final NaclBox PAIR = NaclBox.between(CLIENT_PRIVATE, SERVER);
    private static final RandomGenerator RANDOM = Seeds.random(7);

    /** A client and what happened to it. */
    private static final class Client implements ClientSession.Events {
        final ByteArrayOutputStream sent = new ByteArrayOutputStream();
        final List<Object> events = new ArrayList<>();
        final List<NodePublicKey> sources = new ArrayList<>();

        ClientSession start() {
            return ClientSession.start(
                    CLIENT_PRIVATE, ClientInfo.node(), Upgrade.request("relay.example", null), RANDOM, this);
        }

        ClientSession startFast() {
            return ClientSession.startFast(
                    CLIENT_PRIVATE, ClientInfo.node(), Upgrade.fastRequest("relay.example"), SERVER, RANDOM, this);
        }

        @Override
        public void transmit(byte[] bytes) {
            sent.writeBytes(bytes);
        }

        @Override
        public void connected(ServerInfo info) {
            events.add(info);
        }

        @Override
        public void packet(NodePublicKey source, byte[] buffer, int offset, int length) {
            sources.add(source);
            events.add(new Frame.RecvPacket(source, Payload.of(buffer, offset, length)));
        }

        @Override
        public void frame(Frame frame) {
            events.add(frame);
        }

        byte[] take() {
            byte[] taken = sent.toByteArray();
            sent.reset();
            return taken;
        }
    }

    /** A relay that lets everybody in. */
    private static final class Server implements ServerSession.Events {
        final ByteArrayOutputStream sent = new ByteArrayOutputStream();
        final List<Object> events = new ArrayList<>();
        final ServerSession session = new ServerSession(SERVER_PRIVATE, RANDOM, this);
        final FrameReader reader = new FrameReader(session);
        boolean mesh;

        @Override
        public void transmit(Frame frame) {
            sent.writeBytes(FrameCodec.encode(frame));
        }

        @Override
        public void login(NodePublicKey key, ClientInfo info) {
            events.add(key);
            events.add(info);
            if (mesh) {
                session.admitMeshPeer(ServerInfo.unlimited());
            } else {
                session.admit(ServerInfo.unlimited());
            }
        }

        @Override
        public void frame(Frame frame) {
            events.add(frame);
        }

        byte[] take() {
            byte[] taken = sent.toByteArray();
            sent.reset();
            return taken;
        }
    }

    private final Client client = new Client();
    private final Server server = new Server();

    @Test
    void shouldLogInInTheNormalForm() {
        ClientSession session = client.start();
        byte[] asked = client.take();
        HttpHead request = HttpHead.parse(asked, 0, asked.length);
        assertEquals(Upgrade.Form.NORMAL, Upgrade.form(request));
        give(session, Upgrade.answer(SERVER));
        assertEquals(0, client.sent.size(), "the client waits for the server's key");
        server.session.start();
        give(session, server.take());
        assertEquals(SERVER, session.serverKey());
        giveServer(client.take());
        assertEquals(List.of(CLIENT, ClientInfo.node()), server.events);
        assertTrue(server.session.isOpen());
        give(session, server.take());
        assertEquals(List.of(ServerInfo.unlimited()), client.events);
    }

    @Test
    void shouldLogInByAFastStart() {
        ClientSession session = client.startFast();
        byte[] first = client.take();
        int head = HttpHead.length(first, 0, first.length);
        assertEquals(Upgrade.Form.FAST_START, Upgrade.form(HttpHead.parse(first, 0, head)));
        server.session.start();
        giveServer(Arrays.copyOfRange(first, head, first.length));
        // The server's key comes too, and is skipped; there is no HTTP answer.
        give(session, server.take());
        assertEquals(List.of(ServerInfo.unlimited()), client.events);
    }

    @Test
    void shouldLogInWhateverTheCuts() {
        Seeds.forEach(50, random -> {
            Client end = new Client();
            ClientSession session = end.start();
            Server relay = new Server();
            relay.sent.writeBytes(Upgrade.answer(SERVER));
            relay.session.start();
            end.take();
            while (relay.sent.size() > 0 || end.sent.size() > 0) {
                for (byte[] piece : pieces(relay.take(), random)) {
                    session.receive(piece, 0, piece.length);
                }
                for (byte[] piece : pieces(end.take(), random)) {
                    relay.reader.receive(piece, 0, piece.length);
                }
            }
            assertEquals(List.of(ServerInfo.unlimited()), end.events);
        });
    }

    @Test
    void shouldHandOnPacketsAndAnswerPings() {
        ClientSession session = loggedIn();
        Frame.RecvPacket packet = new Frame.RecvPacket(SERVER, Payload.of(Hex.bytes("0102")));
        give(session, FrameCodec.encode(packet));
        give(session, FrameCodec.encode(packet));
        give(session, FrameCodec.encode(new Frame.KeepAlive()));
        give(session, FrameCodec.encode(new Frame.Ping(77)));
        assertEquals(List.of(packet, packet, new Frame.KeepAlive(), new Frame.Ping(77)), client.events);
        assertSame(client.sources.get(0), client.sources.get(1), "one source makes one key object");
        assertEquals(Hex.text(FrameCodec.encode(new Frame.Pong(77))), Hex.text(client.take()));
    }

    @Test
    void shouldSkipFramesThatAClientDoesNotUnderstand() {
        ClientSession session = loggedIn();
        give(session, Hex.bytes("99 00000003 010203"));
        give(session, Hex.bytes("08 00000001 01")); // a PeerGone that is too short
        give(session, Hex.bytes("05 00000004 01020304")); // a packet without a whole source
        give(session, Hex.bytes("12 00000003 010203")); // a ping that is too short
        give(session, FrameCodec.encode(new Frame.ClosePeer(SERVER))); // not a server's frame
        give(session, FrameCodec.encode(new Frame.ServerKey(CLIENT)));
        assertEquals(List.of(), client.events);
        assertEquals(SERVER, session.serverKey());
        give(session, FrameCodec.encode(new Frame.Health("")));
        assertEquals(List.of(new Frame.Health("")), client.events);
    }

    @Test
    void shouldRefuseABadServer() {
        assertEquals(
                ProtocolException.Reason.NOT_UPGRADED,
                reasonOf(() -> give(client.start(), bytes("HTTP/1.1 200 OK\r\n\r\n"))));
        assertEquals(
                ProtocolException.Reason.BAD_HTTP,
                reasonOf(() -> give(client.start(), new byte[HttpHead.MAX_LENGTH + 1])));
        assertEquals(
                ProtocolException.Reason.UNEXPECTED_FRAME, reasonOf(() -> give(upgraded(), Hex.bytes("06 00000000"))));
        assertEquals(
                ProtocolException.Reason.FRAME_TOO_LONG, reasonOf(() -> give(upgraded(), Hex.bytes("01 00000401"))));
        assertEquals(
                ProtocolException.Reason.FRAME_TOO_SHORT, reasonOf(() -> give(upgraded(), Hex.bytes("01 00000027"))));
        assertEquals(
                ProtocolException.Reason.FRAME_TOO_LONG, reasonOf(() -> give(loggedIn(), Hex.bytes("05 00100001"))));
        assertEquals(
                ProtocolException.Reason.FRAME_TOO_LONG, reasonOf(() -> give(loggedIn(), Hex.bytes("99 ffffffff"))));
        byte[] forged = FrameCodec.encode(
                LoginCodec.seal(ServerInfo.unlimited(), NaclBox.between(CLIENT_PRIVATE, CLIENT), RANDOM));
        assertEquals(ProtocolException.Reason.BAD_BOX, reasonOf(() -> give(client.startFast(), forged)));
        assertNull(upgraded().serverKey());
    }

    @ParameterizedTest
    @CsvSource({
        "01 00000000, UNEXPECTED_FRAME", // not a login
        "04 00000020, UNEXPECTED_FRAME",
        "99 00000020, UNEXPECTED_FRAME",
        "02 00000037, FRAME_TOO_SHORT", // 55 bytes
        "02 00040001, FRAME_TOO_LONG" // 256 KiB and one
    })
    void shouldRefuseABadLogin(String header, ProtocolException.Reason reason) {
        server.session.start();
        assertEquals(reason, reasonOf(() -> giveServer(Hex.bytes(header))));
    }

    @ParameterizedTest
    @CsvSource({
        "04 0000001f, FRAME_TOO_SHORT",
        "04 00010021, FRAME_TOO_LONG", // a packet of 64 KiB and one
        "07 00000000, FRAME_TOO_SHORT",
        "07 00000002, FRAME_TOO_LONG",
        "12 00000007, FRAME_TOO_SHORT",
        "12 000003e9, FRAME_TOO_LONG", // 1001 bytes
        "10 00000000, NOT_A_MESH_PEER",
        "11 00000020, NOT_A_MESH_PEER",
        "0a 00000040, NOT_A_MESH_PEER",
        "99 00010021, FRAME_TOO_LONG", // unknown, over 65,568 bytes
        "05 ffffffff, FRAME_TOO_LONG" // not a client's
    })
    void shouldRefuseABadFrame(String header, ProtocolException.Reason reason) {
        loggedIn();
        assertEquals(reason, reasonOf(() -> giveServer(Hex.bytes(header))));
    }

    @Test
    void shouldTakeWhatAClientSends() {
        loggedIn();
        List<Frame> sent = List.of(
                new Frame.SendPacket(SERVER, Payload.of(new byte[Frame.MAX_PACKET])),
                new Frame.NotePreferred(true),
                new Frame.Ping(5));
        server.events.clear();
        giveServer(Hex.bytes("99 00000002 0000")); // skipped
        giveServer(FrameCodec.encode(new Frame.KeepAlive())); // skipped: a server's frame
        giveServer(FrameCodec.encode(new Frame.Pong(6))); // skipped: no server pings
        giveServer(Hex.bytes("13 00000003 000000"));
        giveServer(FrameCodec.encode(LoginCodec.seal(ClientInfo.node(), CLIENT, PAIR, RANDOM))); // skipped
        sent.forEach(frame -> giveServer(FrameCodec.encode(frame)));
        assertEquals(sent, server.events);
    }

    @Test
    void shouldTakeTheMeshsFramesFromAMeshPeer() {
        server.mesh = true;
        loggedIn();
        List<Frame> sent = List.of(
                new Frame.WatchConns(),
                new Frame.ClosePeer(CLIENT),
                new Frame.ForwardPacket(CLIENT, SERVER, Payload.of(new byte[Frame.MAX_PACKET])));
        server.events.clear();
        sent.forEach(frame -> giveServer(FrameCodec.encode(frame)));
        assertEquals(sent, server.events);
    }

    @ParameterizedTest
    @CsvSource({
        "10 00000001, FRAME_TOO_LONG",
        "11 0000001f, FRAME_TOO_SHORT",
        "11 00000021, FRAME_TOO_LONG",
        "0a 0000003f, FRAME_TOO_SHORT",
        "0a 00010041, FRAME_TOO_LONG" // a packet of 64 KiB and one
    })
    void shouldRefuseABadFrameOfAMeshPeer(String header, ProtocolException.Reason reason) {
        server.mesh = true;
        loggedIn();
        assertEquals(reason, reasonOf(() -> giveServer(Hex.bytes(header))));
    }

    @Test
    void shouldRefuseALoginUnderAnothersKey() {
        Frame.ClientHello mine = LoginCodec.seal(ClientInfo.node(), CLIENT, PAIR, RANDOM);
        byte[] forged = FrameCodec.encode(new Frame.ClientHello(SERVER, mine.box()));
        assertEquals(ProtocolException.Reason.BAD_BOX, reasonOf(() -> giveServer(forged)));
        assertFalse(server.session.isOpen());
        assertEquals(List.of(), server.events);
    }

    @Test
    void shouldNotAdmitTwiceOrBeforeALogin() {
        assertThrows(IllegalStateException.class, () -> server.session.admit(ServerInfo.unlimited()));
        loggedIn();
        assertThrows(IllegalStateException.class, () -> server.session.admit(ServerInfo.unlimited()));
    }

    private ClientSession upgraded() {
        ClientSession session = client.start();
        give(session, Upgrade.answer(SERVER));
        client.take();
        return session;
    }

    private ClientSession loggedIn() {
        ClientSession session = client.startFast();
        byte[] first = client.take();
        int head = HttpHead.length(first, 0, first.length);
        Server relay = server.session.isOpen() ? new Server() : server;
        relay.reader.receive(first, head, first.length - head);
        give(session, relay.take());
        client.events.clear();
        return session;
    }

    private static List<byte[]> pieces(byte[] bytes, RandomGenerator random) {
        List<byte[]> pieces = new ArrayList<>();
        for (int at = 0; at < bytes.length; ) {
            int count = Math.min(bytes.length - at, 1 + random.nextInt(60));
            pieces.add(Arrays.copyOfRange(bytes, at, at + count));
            at += count;
        }
        return pieces;
    }

    private static void give(ClientSession session, byte[] bytes) {
        session.receive(bytes, 0, bytes.length);
    }

    private void giveServer(byte[] bytes) {
        server.reader.receive(bytes, 0, bytes.length);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }
}
