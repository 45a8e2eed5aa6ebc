package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.count;
import static dev.warren.relay.TestRelay.gauge;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.ClientInfo;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import dev.warren.relay.client.RelayContext;
import dev.warren.relay.limit.Limits;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What another relay of the region can expect of ours; after tailscale's derp_test.go. */
@Timeout(30)
class MeshPeerTest {
    private static final MeshKey MESH_KEY = MeshKey.generate(new SecureRandom());
    private static final NodePublicKey ELSEWHERE = newKey().publicKey();

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private RelayServer relay;

    @BeforeEach
    void start() throws Exception {
        relay = TestRelay.mesh(folder, MESH_KEY);
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
        relay.close();
    }

    @Test
    void shouldTellAWatcherWhoIsThere() throws Exception {
        TestClient regular = client();
        TestClient prober = opening(
                TestClient.connect(relay.port(), newKey(), new ClientInfo(null, ClientInfo.VERSION, false, true, "")));
        TestClient away = opening(TestClient.away(relay.port()));
        TestClient watcher = meshPeer();
        watcher.send(new Frame.WatchConns());
        Set<Object> expected = Set.of(
                present(regular, Frame.PeerPresent.REGULAR),
                present(away, Frame.PeerPresent.NOT_IDEAL),
                present(prober, Frame.PeerPresent.PROBER),
                present(watcher, Frame.PeerPresent.MESH_PEER));
        Set<Object> told = new HashSet<>();
        while (told.size() < expected.size()) {
            assertTrue(told.add(watcher.next()));
        }
        assertEquals(expected, told);
        // A second wish changes nothing.
        watcher.send(new Frame.WatchConns());
        assertTrue(watcher.settled().isEmpty());
        assertEquals(1, gauge(relay, "warren.relay.mesh.watchers"));
        watcher.close();
        await("nobody watches", () -> gauge(relay, "warren.relay.mesh.watchers") == 0);
    }

    @Test
    void shouldTellAWatcherWhoComesAndGoes() throws Exception {
        TestClient watcher = watcher();
        TestClient first = client();
        assertEquals(present(first, Frame.PeerPresent.REGULAR), watcher.next());
        TestClient second = opening(TestClient.connect(relay.port(), first.key));
        assertEquals(present(second, Frame.PeerPresent.REGULAR), watcher.next());
        first.close();
        await("one has left", () -> gauge(relay, "warren.relay.connections") == 2);
        assertTrue(watcher.settled().isEmpty());
        second.close();
        assertEquals(gone(second, PeerGoneReason.DISCONNECTED), watcher.next());
    }

    @Test
    void shouldTellAWatcherOfMoreThanABufferHolds() throws Exception {
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            clients.add(client());
        }
        TestClient watcher = meshPeer();
        watcher.send(new Frame.WatchConns());
        Set<NodePublicKey> keys = new HashSet<>();
        for (int i = 0; i <= clients.size(); i++) {
            keys.add(assertInstanceOf(Frame.PeerPresent.class, watcher.next()).key());
        }
        clients.forEach(client -> assertTrue(keys.remove(client.publicKey())));
        assertEquals(Set.of(watcher.publicKey()), keys);
    }

    @Test
    void shouldForwardToItsClients() throws Exception {
        TestClient peer = meshPeer();
        TestClient a = client();
        Seeds.forEach(3, random -> {
            for (int length : new int[] {0, 1, 31, 100, 1400, Frame.MAX_PACKET}) {
                byte[] packet = new byte[length];
                random.nextBytes(packet);
                peer.send(new Frame.ForwardPacket(ELSEWHERE, a.publicKey(), Payload.of(packet)));
                Frame.RecvPacket got = assertInstanceOf(Frame.RecvPacket.class, a.next());
                assertEquals(ELSEWHERE, got.source());
                assertArrayEquals(packet, got.packet().bytes());
            }
        });
        assertEquals(18, count(relay, "warren.relay.forwarded.packets", "direction", "in"));
        assertEquals(
                3 * (1 + 31 + 100 + 1400 + Frame.MAX_PACKET),
                count(relay, "warren.relay.forwarded.bytes", "direction", "in"));
        assertEquals(0, count(relay, "warren.relay.received.packets"));
        assertEquals(18, count(relay, "warren.relay.sent.packets"));
    }

    @Test
    void shouldForwardOneHopOnlyAndSayWhoIsNotHere() throws Exception {
        TestClient peer = meshPeer();
        Payload data = Payload.of(new byte[100]);
        peer.send(new Frame.ForwardPacket(ELSEWHERE, newKey().publicKey(), data));
        assertTrue(peer.settled().isEmpty());
        assertEquals(1, dropped("other"));
        NodePublicKey nobody = newKey().publicKey();
        Frame ping = new Frame.ForwardPacket(ELSEWHERE, nobody, disco());
        peer.send(ping, ping, ping, ping, ping);
        Frame notHere = new Frame.PeerGone(nobody, PeerGoneReason.NOT_HERE);
        assertEquals(List.of(notHere, notHere, notHere), List.copyOf(peer.settled()));
        assertEquals(5, dropped("disco"));
    }

    @Test
    void shouldTellWhoHeardFromAForwardedSenderWhenTheRelayBetweenGoes() throws Exception {
        TestClient peer = meshPeer();
        TestClient a = client();
        TestClient stranger = client();
        peer.send(new Frame.ForwardPacket(ELSEWHERE, a.publicKey(), Payload.of(Hex.bytes("01"))));
        assertInstanceOf(Frame.RecvPacket.class, a.next());
        peer.close();
        assertEquals(new Frame.PeerGone(ELSEWHERE, PeerGoneReason.DISCONNECTED), a.next());
        assertTrue(stranger.settled().isEmpty());
        assertEquals(2, gauge(relay, "warren.relay.clients"));
    }

    @Test
    void shouldNotReportASenderThatIsStillInTheRegion() throws Exception {
        NodePrivateKey moving = newKey();
        TestClient peer = meshPeer();
        TestClient a = client();
        peer.send(new Frame.ForwardPacket(moving.publicKey(), a.publicKey(), Payload.of(Hex.bytes("01"))));
        assertInstanceOf(Frame.RecvPacket.class, a.next());
        TestClient moved = opening(TestClient.connect(relay.port(), moving));
        peer.close();
        await("the relay between has left", () -> gauge(relay, "warren.relay.connections") == 2);
        assertTrue(a.settled().isEmpty());
        moved.close();
        assertEquals(gone(moved, PeerGoneReason.DISCONNECTED), a.next());
    }

    @Test
    void shouldCloseEveryConnectionOfAPeer() throws Exception {
        TestClient peer = meshPeer();
        TestClient a = client();
        TestClient again = opening(TestClient.connect(relay.port(), a.key));
        TestClient other = client();
        peer.send(new Frame.ClosePeer(a.publicKey()), new Frame.ClosePeer(ELSEWHERE));
        assertEquals(TestClient.END, a.next());
        assertEquals(TestClient.END, again.next());
        await("the ends are counted", () -> count(relay, "warren.relay.ended", "reason", "closed_by_mesh") == 2);
        assertTrue(other.settled().isEmpty());
        assertTrue(peer.settled().isEmpty());
    }

    @Test
    void shouldLetARelayInUnaskedAndNotSlowItDown() throws Exception {
        RelayConfig.Mesh mesh = java.util.Objects.requireNonNull(
                TestRelay.meshConfig(folder, false, MESH_KEY).mesh());
        RelayConfig.Verify nobody = new RelayConfig.Verify(URI.create("http://127.0.0.1:1/v1/verify"), null);
        RelayServer strict =
                opening(RelayServer.start(TestRelay.config(folder, false, RelayContext.Timing.DEFAULT, nobody)
                        .withLimits(new Limits(new Limits.Rate(1000, 0)))
                        .withMesh(mesh)));
        TestClient peer = opening(TestClient.meshPeer(strict.port(), MESH_KEY, newKey()));
        Payload large = Payload.of(new byte[Frame.MAX_PACKET]);
        // At the rate of a client this took a quarter of an hour.
        for (int i = 0; i < 15; i++) {
            peer.send(new Frame.ForwardPacket(ELSEWHERE, peer.publicKey(), large));
            assertEquals(new Frame.RecvPacket(ELSEWHERE, large), peer.next());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"other", "zero", "none"})
    void shouldNotTakeAStrangerForARelay(String claimed) throws Exception {
        MeshKey key =
                switch (claimed) {
                    case "other" -> MeshKey.generate(new SecureRandom());
                    case "zero" -> MeshKey.parse("00".repeat(32));
                    default -> null;
                };
        for (Frame frame : List.of(
                new Frame.WatchConns(),
                new Frame.ClosePeer(ELSEWHERE),
                new Frame.ForwardPacket(ELSEWHERE, ELSEWHERE, Payload.of(new byte[0])))) {
            TestClient stranger = opening(TestClient.connect(
                    relay.port(), newKey(), new ClientInfo(key, ClientInfo.VERSION, true, false, "")));
            stranger.send(frame);
            assertEquals(TestClient.END, stranger.next());
        }
        await("the ends are counted", () -> count(relay, "warren.relay.ended", "reason", "protocol_error") == 3);
    }

    @Test
    void shouldTakeNobodyForARelayWhenThereIsNoMesh() throws Exception {
        RelayServer alone = opening(TestRelay.plain(folder));
        TestClient stranger = opening(TestClient.meshPeer(alone.port(), MESH_KEY, newKey()));
        stranger.send(new Frame.WatchConns());
        assertEquals(TestClient.END, stranger.next());
    }

    private TestClient client() throws Exception {
        return opening(TestClient.connect(relay.port()));
    }

    private TestClient meshPeer() throws Exception {
        return opening(TestClient.meshPeer(relay.port(), MESH_KEY, newKey()));
    }

    /** A mesh peer that has been told of itself. */
    private TestClient watcher() throws Exception {
        TestClient watcher = meshPeer();
        watcher.send(new Frame.WatchConns());
        assertEquals(present(watcher, Frame.PeerPresent.MESH_PEER), watcher.next());
        return watcher;
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }

    private double dropped(String kind) {
        return count(relay, "warren.relay.dropped", "reason", "unknown_destination_forwarded", "kind", kind);
    }

    private static Frame present(TestClient client, int flags) {
        return new Frame.PeerPresent(
                client.publicKey(), (InetSocketAddress) client.socket.getLocalSocketAddress(), flags);
    }

    private static Frame gone(TestClient client, PeerGoneReason reason) {
        return new Frame.PeerGone(client.publicKey(), reason);
    }

    private static NodePrivateKey newKey() {
        return NodePrivateKey.generate(new SecureRandom());
    }

    private static Payload disco() {
        byte[] message = new byte[62];
        System.arraycopy(Hex.bytes("5453 f09f92ac"), 0, message, 0, 6);
        return Payload.of(message);
    }
}
