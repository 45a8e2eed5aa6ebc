package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.count;
import static dev.warren.relay.TestRelay.gauge;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a client can expect of packets; after tailscale's derp_test.go. */
@Timeout(30)
class RoutingTest {
    private static final NodePublicKey NOBODY =
            NodePrivateKey.generate(new SecureRandom()).publicKey();

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private RelayServer relay;

    @BeforeEach
    void start() throws Exception {
        relay = TestRelay.plain(folder);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        relay.close();
    }

    @Test
    void shouldGiveAPacketToItsDestinationOnly() throws Exception {
        TestClient a = client();
        TestClient b = client();
        TestClient c = client();
        a.send(send(b, "c0ffee"));
        assertEquals(received(a, "c0ffee"), b.next());
        b.send(send(a, ""));
        assertEquals(received(b, ""), a.next());
        a.send(send(a, "01")); // to itself
        assertEquals(received(a, "01"), a.next());
        assertTrue(c.settled().isEmpty());
        assertEquals(3, count(relay, "warren.relay.received.packets"));
        assertEquals(3, count(relay, "warren.relay.sent.packets"));
        assertEquals(4, count(relay, "warren.relay.received.bytes"));
        assertEquals(4, count(relay, "warren.relay.sent.bytes"));
        assertEquals(3, gauge(relay, "warren.relay.clients"));
    }

    @Test
    void shouldKeepOrderAndBytesWhateverTheSizes() throws Exception {
        TestClient a = client();
        TestClient b = client();
        Seeds.forEach(5, random -> {
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                byte[] packet = new byte[random.nextInt(i % 3 == 0 ? Frame.MAX_PACKET + 1 : 1500)];
                random.nextBytes(packet);
                sent.add(packet);
            }
            // Thirty of up to 64 KiB in flight without a loss is what derpprobe asks for.
            Frame[] frames = sent.stream()
                    .map(packet -> new Frame.SendPacket(b.publicKey(), Payload.of(packet)))
                    .toArray(Frame[]::new);
            a.send(frames);
            for (byte[] packet : sent) {
                Frame.RecvPacket got = assertInstanceOf(Frame.RecvPacket.class, b.next());
                assertEquals(a.publicKey(), got.source());
                assertArrayEquals(packet, got.packet().bytes());
            }
        });
        assertEquals(0, count(relay, "warren.relay.dropped"));
    }

    @Test
    void shouldDropPacketsForNobodySilently() throws Exception {
        TestClient a = client();
        a.send(new Frame.SendPacket(NOBODY, Payload.of(new byte[100])));
        assertTrue(a.settled().isEmpty());
        assertEquals(1, count(relay, "warren.relay.dropped", "reason", "unknown_destination", "kind", "other"));
    }

    @Test
    void shouldSayNotHereToDiscoThreeTimesAtOnce() throws Exception {
        TestClient a = client();
        Frame ping = new Frame.SendPacket(NOBODY, disco(62));
        a.send(ping, ping, ping, ping, ping, ping);
        List<Object> notices = List.copyOf(a.settled());
        assertEquals(List.of(notHere(), notHere(), notHere()), notices);
        assertEquals(6, count(relay, "warren.relay.dropped", "reason", "unknown_destination", "kind", "disco"));
        assertEquals(3, count(relay, "warren.relay.peer.gone", "reason", "not_here"));
        // One byte less is no disco message.
        a.send(new Frame.SendPacket(NOBODY, disco(61)));
        assertTrue(a.settled().isEmpty());
        assertEquals(1, count(relay, "warren.relay.dropped", "reason", "unknown_destination", "kind", "other"));
    }

    @Test
    void shouldTellThoseWhoHeardFromAPeerThatItLeft() throws Exception {
        TestClient a = client();
        TestClient b = client();
        TestClient stranger = client();
        a.send(send(b, "01"));
        assertEquals(received(a, "01"), b.next());
        a.close();
        assertEquals(new Frame.PeerGone(a.publicKey(), PeerGoneReason.DISCONNECTED), b.next());
        assertTrue(stranger.settled().isEmpty());
        // Armed again when the peer comes back.
        TestClient again = opening(TestClient.connect(relay.port(), a.key));
        again.send(send(b, "02"));
        assertEquals(received(a, "02"), b.next());
        again.close();
        assertEquals(new Frame.PeerGone(a.publicKey(), PeerGoneReason.DISCONNECTED), b.next());
        await("two clients left", () -> gauge(relay, "warren.relay.clients") == 2);
        assertEquals(2, count(relay, "warren.relay.ended", "reason", "closed"));
    }

    @Test
    void shouldGivePacketsToTheConnectionThatWroteLast() throws Exception {
        TestClient sender = client();
        TestClient first = client();
        TestClient second = opening(TestClient.connect(relay.port(), first.key));
        assertEquals(2, gauge(relay, "warren.relay.clients"));
        assertEquals(3, gauge(relay, "warren.relay.connections"));
        sender.send(send(first, "01"));
        assertEquals(received(sender, "01"), second.next());
        assertTrue(first.settled().isEmpty(), "the newer one is active, until the older one writes: just now");
        sender.send(send(first, "02"));
        assertEquals(received(sender, "02"), first.next());
        first.close();
        await("the older one has left", () -> gauge(relay, "warren.relay.connections") == 2);
        sender.send(send(first, "03"));
        assertEquals(received(sender, "03"), second.next());
        second.close();
        await("both have left", () -> gauge(relay, "warren.relay.connections") == 1);
        sender.send(new Frame.SendPacket(first.publicKey(), disco(62)));
        assertEquals(new Frame.PeerGone(first.publicKey(), PeerGoneReason.NOT_HERE), sender.next());
    }

    @Test
    void shouldNotLetAFrozenReceiverHoldUpOthers() throws Exception {
        TestClient a = client();
        TestClient frozen = client();
        TestClient b = client();
        frozen.reading.acquire();
        byte[] large = new byte[Frame.MAX_PACKET];
        for (int i = 0; i < 200; i++) {
            a.send(
                    new Frame.SendPacket(frozen.publicKey(), Payload.of(large)),
                    send(b, Integer.toHexString(0x1000 + i)));
        }
        for (int i = 0; i < 200; i++) {
            assertEquals(received(a, Integer.toHexString(0x1000 + i)), b.next());
        }
        assertTrue(count(relay, "warren.relay.dropped", "reason", "queue_head", "kind", "other") > 0);
        // What was queued last is still there: the oldest made room.
        a.send(send(frozen, "ff"));
        a.settled();
        frozen.reading.release();
        Object last = frozen.next();
        while (!last.equals(received(a, "ff"))) {
            last = frozen.next();
        }
    }

    @Test
    void shouldKeepDiscoApartFromAFloodOfData() throws Exception {
        TestClient a = client();
        TestClient slow = client();
        slow.reading.acquire();
        byte[] large = new byte[Frame.MAX_PACKET];
        for (int i = 0; i < 200; i++) {
            a.send(new Frame.SendPacket(slow.publicKey(), Payload.of(large)));
        }
        a.send(new Frame.SendPacket(slow.publicKey(), disco(100)));
        for (int i = 0; i < 100; i++) {
            a.send(new Frame.SendPacket(slow.publicKey(), Payload.of(large)));
        }
        a.settled();
        slow.reading.release();
        Object event = slow.next();
        while (!event.equals(new Frame.RecvPacket(a.publicKey(), disco(100)))) {
            event = slow.next();
        }
        assertEquals(0, count(relay, "warren.relay.dropped", "kind", "disco"));
    }

    @Test
    void shouldAnswerPings() throws Exception {
        TestClient a = client();
        a.send(new Frame.Ping(0x0102030405060708L));
        assertEquals(new Frame.Pong(0x0102030405060708L), a.next());
        assertEquals(1, count(relay, "warren.relay.pings"));
        // Five at once: one answer may wait, the rest is dropped; each is either answered or counted.
        a.send(new Frame.Ping(1), new Frame.Ping(2), new Frame.Ping(3), new Frame.Ping(4), new Frame.Ping(5));
        int answered = a.settled().size();
        assertEquals(5, answered + count(relay, "warren.relay.dropped", "reason", "pong_pending"));
    }

    @Test
    void shouldCountHomes() throws Exception {
        TestClient a = client();
        a.send(new Frame.NotePreferred(true), new Frame.NotePreferred(true));
        a.settled();
        assertEquals(1, gauge(relay, "warren.relay.home.clients"));
        a.send(new Frame.NotePreferred(false));
        a.settled();
        assertEquals(0, gauge(relay, "warren.relay.home.clients"));
        a.send(new Frame.NotePreferred(true));
        a.settled();
        a.close();
        await("the home is given up", () -> gauge(relay, "warren.relay.home.clients") == 0);
    }

    @Test
    void shouldSkipFramesThatItDoesNotKnow() throws Exception {
        TestClient a = client();
        a.raw(Hex.bytes("99 00000003 010203", "06 00000000"));
        assertTrue(a.settled().isEmpty());
        assertEquals(2, count(relay, "warren.relay.unknown.frames"));
    }

    private TestClient client() throws Exception {
        return opening(TestClient.connect(relay.port()));
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }

    private static Frame send(TestClient to, String hex) {
        return new Frame.SendPacket(to.publicKey(), Payload.of(Hex.bytes(hex)));
    }

    private static Frame received(TestClient from, String hex) {
        return new Frame.RecvPacket(from.publicKey(), Payload.of(Hex.bytes(hex)));
    }

    private static Frame notHere() {
        return new Frame.PeerGone(NOBODY, PeerGoneReason.NOT_HERE);
    }

    /** "TS" and U+1F4AC, then zeros. */
    private static Payload disco(int length) {
        byte[] message = new byte[length];
        System.arraycopy(Hex.bytes("5453 f09f92ac"), 0, message, 0, 6);
        return Payload.of(message);
    }
}
