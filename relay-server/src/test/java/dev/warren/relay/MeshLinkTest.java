package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.count;
import static dev.warren.relay.TestRelay.gauge;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import dev.warren.relay.client.RelayContext;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What our relay does on its links to relays that say and hear what a test wants. */
@Timeout(30)
class MeshLinkTest {
    private static final MeshKey MESH_KEY = MeshKey.generate(new SecureRandom());
    private static final NodePublicKey REMOTE =
            NodePrivateKey.generate(new SecureRandom()).publicKey();

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @Test
    void shouldShowTheMeshKeyAndWatch() throws Exception {
        FakeMeshRelay other = opening(new FakeMeshRelay());
        RelayServer relay = opening(TestRelay.mesh(folder, MESH_KEY, other.node()));
        assertEquals(MESH_KEY, other.next());
        assertEquals(new Frame.WatchConns(), other.next());
        assertEquals(0, gauge(relay, "warren.relay.mesh.link.up"));
        other.transmit(new Frame.PeerPresent(relay.publicKey(), null, Frame.PeerPresent.MESH_PEER));
        await("the link is up", () -> gauge(relay, "warren.relay.mesh.link.up") == 1);
        // It needs no way to itself.
        assertEquals(0, gauge(relay, "warren.relay.mesh.clients"));
    }

    @Test
    void shouldForwardToTheRelayThatHasTheKey() throws Exception {
        FakeMeshRelay other = opening(new FakeMeshRelay());
        RelayServer relay = linked(other);
        TestClient a = opening(TestClient.connect(relay.port()));
        for (int length : new int[] {0, 1, 1400, Frame.MAX_PACKET}) {
            Payload packet = Payload.of(new byte[length]);
            a.send(new Frame.SendPacket(REMOTE, packet));
            assertEquals(new Frame.ForwardPacket(a.publicKey(), REMOTE, packet), other.next());
        }
        assertEquals(4, count(relay, "warren.relay.forwarded.packets", "direction", "out"));
        assertEquals(1 + 1400 + Frame.MAX_PACKET, count(relay, "warren.relay.forwarded.bytes", "direction", "out"));
        assertEquals(0, count(relay, "warren.relay.dropped"));
    }

    @Test
    void shouldPreferALocalConnection() throws Exception {
        NodePrivateKey key = NodePrivateKey.generate(new SecureRandom());
        FakeMeshRelay other = opening(new FakeMeshRelay());
        RelayServer relay = opening(TestRelay.mesh(folder, MESH_KEY, other.node()));
        other.welcome(key.publicKey());
        await("the other's client is known", () -> gauge(relay, "warren.relay.mesh.clients") == 1);
        TestClient a = opening(TestClient.connect(relay.port()));
        TestClient local = opening(TestClient.connect(relay.port(), key));
        a.send(new Frame.SendPacket(key.publicKey(), Payload.of(Hex.bytes("01"))));
        assertEquals(new Frame.RecvPacket(a.publicKey(), Payload.of(Hex.bytes("01"))), local.next());
        local.send(new Frame.SendPacket(a.publicKey(), Payload.of(Hex.bytes("02"))));
        assertEquals(new Frame.RecvPacket(key.publicKey(), Payload.of(Hex.bytes("02"))), a.next());
        // It leaves this relay, but is still in the region: nobody is told, and packets take the other way.
        local.close();
        await("it has left", () -> gauge(relay, "warren.relay.clients") == 1);
        assertTrue(a.settled().isEmpty());
        a.send(new Frame.SendPacket(key.publicKey(), Payload.of(Hex.bytes("03"))));
        assertEquals(
                new Frame.ForwardPacket(a.publicKey(), key.publicKey(), Payload.of(Hex.bytes("03"))), other.next());
        other.transmit(new Frame.PeerGone(key.publicKey(), PeerGoneReason.DISCONNECTED));
        assertEquals(new Frame.PeerGone(key.publicKey(), PeerGoneReason.DISCONNECTED), a.next());
    }

    @Test
    void shouldPreferTheOldestOfSeveralWays() throws Exception {
        FakeMeshRelay first = opening(new FakeMeshRelay());
        FakeMeshRelay second = opening(new FakeMeshRelay());
        RelayServer relay = opening(TestRelay.mesh(folder, MESH_KEY, second.node(), first.node()));
        NodePublicKey marker = NodePrivateKey.generate(new SecureRandom()).publicKey();
        first.welcome(REMOTE);
        await("the first is a way", () -> gauge(relay, "warren.relay.mesh.clients") == 1);
        second.welcome(REMOTE, marker);
        await("the second is one too", () -> gauge(relay, "warren.relay.mesh.clients") == 2);
        TestClient a = opening(TestClient.connect(relay.port()));
        Payload packet = Payload.of(Hex.bytes("01"));
        a.send(new Frame.SendPacket(REMOTE, packet));
        assertEquals(new Frame.ForwardPacket(a.publicKey(), REMOTE, packet), first.next());
        first.transmit(new Frame.PeerGone(REMOTE, PeerGoneReason.DISCONNECTED));
        first.transmit(new Frame.PeerPresent(REMOTE, null, 1));
        NodePublicKey last = NodePrivateKey.generate(new SecureRandom()).publicKey();
        first.transmit(new Frame.PeerPresent(last, null, 1));
        await("the first one has told all", () -> gauge(relay, "warren.relay.mesh.clients") == 3);
        a.send(new Frame.SendPacket(REMOTE, packet));
        assertEquals(new Frame.ForwardPacket(a.publicKey(), REMOTE, packet), second.next());
    }

    @Test
    void shouldForgetAKeyThatIsNotThere() throws Exception {
        FakeMeshRelay other = opening(new FakeMeshRelay());
        RelayServer relay = linked(other);
        TestClient a = opening(TestClient.connect(relay.port()));
        Frame ping = new Frame.SendPacket(REMOTE, disco());
        a.send(ping);
        assertEquals(new Frame.ForwardPacket(a.publicKey(), REMOTE, disco()), other.next());
        other.transmit(new Frame.PeerGone(REMOTE, PeerGoneReason.NOT_HERE));
        await("the key is forgotten", () -> gauge(relay, "warren.relay.mesh.clients") == 0);
        a.send(ping);
        assertEquals(new Frame.PeerGone(REMOTE, PeerGoneReason.NOT_HERE), a.next());
    }

    @Test
    void shouldForgetAllKeysOfALinkThatBreaksAndMakeItAgain() throws Exception {
        FakeMeshRelay other = opening(new FakeMeshRelay());
        RelayServer relay = linked(other);
        other.breakLink();
        await("the keys are forgotten", () -> gauge(relay, "warren.relay.mesh.clients") == 0);
        assertTrue(count(relay, "warren.relay.mesh.link.failures") >= 1);
        TestClient a = opening(TestClient.connect(relay.port()));
        a.send(new Frame.SendPacket(REMOTE, disco()));
        assertEquals(new Frame.PeerGone(REMOTE, PeerGoneReason.NOT_HERE), a.next());
        other.welcome(REMOTE);
        await("the link is up again", () -> gauge(relay, "warren.relay.mesh.clients") == 1);
        a.send(new Frame.SendPacket(REMOTE, disco()));
        assertEquals(new Frame.ForwardPacket(a.publicKey(), REMOTE, disco()), other.next());
        assertEquals(1, gauge(relay, "warren.relay.mesh.link.up"));
    }

    @Test
    void shouldNotHoldUpLocalClientsWhenALinkStandsStill() throws Exception {
        FakeMeshRelay other = opening(new FakeMeshRelay());
        RelayContext.Timing timing = new RelayContext.Timing(10_000, 1_500, 60_000);
        RelayServer relay = opening(RelayServer.start(TestRelay.meshConfig(folder, timing, MESH_KEY, other.node())));
        other.welcome(REMOTE);
        await("the link is up", () -> gauge(relay, "warren.relay.mesh.clients") == 1);
        TestClient a = opening(TestClient.connect(relay.port()));
        TestClient b = opening(TestClient.connect(relay.port()));
        other.reading.acquire();
        Payload large = Payload.of(new byte[Frame.MAX_PACKET]);
        for (int i = 0; i < 300; i++) {
            Payload small = Payload.of(Hex.bytes(Integer.toHexString(0x1000 + i)));
            a.send(new Frame.SendPacket(REMOTE, large), new Frame.SendPacket(b.publicKey(), small));
            assertEquals(new Frame.RecvPacket(a.publicKey(), small), b.next());
        }
        assertTrue(count(relay, "warren.relay.dropped", "reason", "link_queue_head", "kind", "other") > 0);
        // In the end it counts as broken, with what it held.
        await("the link is given up", () -> gauge(relay, "warren.relay.mesh.link.up") == 0);
        assertTrue(count(relay, "warren.relay.dropped", "reason", "link_lost") > 0);
        assertEquals(0, gauge(relay, "warren.relay.mesh.clients"));
        other.reading.release();
    }

    /** A relay with a link to {@code other}, which has told it of {@link #REMOTE}. */
    private RelayServer linked(FakeMeshRelay other) throws Exception {
        RelayServer relay = opening(TestRelay.mesh(folder, MESH_KEY, other.node()));
        other.welcome(REMOTE);
        await("the link is up", () -> gauge(relay, "warren.relay.mesh.clients") == 1);
        return relay;
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }

    private static Payload disco() {
        byte[] message = new byte[62];
        System.arraycopy(Hex.bytes("5453 f09f92ac"), 0, message, 0, 6);
        return Payload.of(message);
    }
}
