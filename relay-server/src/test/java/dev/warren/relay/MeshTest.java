package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.count;
import static dev.warren.relay.TestRelay.gauge;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.derp.RelayAddresses;
import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.testing.FreePort;
import dev.warren.protocol.testing.Hex;
import dev.warren.protocol.testing.Seeds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Regions of several of our relays, seen by their clients. */
@Timeout(60)
class MeshTest {
    private static final MeshKey MESH_KEY = MeshKey.generate(new SecureRandom());

    @TempDir
    Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldBeOneRegionToItsClients(boolean tls) throws Exception {
        List<RelayServer> region = region(tls, 3);
        List<TestClient> clients = new ArrayList<>();
        for (RelayServer relay : region) {
            clients.add(client(relay, tls));
        }
        // The two other relays, which are clients too, and their two clients.
        for (RelayServer relay : region) {
            await("all know all", () -> gauge(relay, "warren.relay.mesh.clients") >= 4);
        }
        Seeds.forEach(3, random -> {
            for (TestClient from : clients) {
                for (TestClient to : clients) {
                    for (int i = 0; i < 30; i++) {
                        byte[] packet = new byte[random.nextInt(i % 3 == 0 ? Frame.MAX_PACKET + 1 : 1500)];
                        random.nextBytes(packet);
                        from.send(new Frame.SendPacket(to.publicKey(), Payload.of(packet)));
                        Frame.RecvPacket got = assertInstanceOf(Frame.RecvPacket.class, to.next());
                        assertEquals(from.publicKey(), got.source());
                        assertArrayEquals(packet, got.packet().bytes());
                    }
                }
            }
        });
        for (RelayServer relay : region) {
            assertEquals(0, count(relay, "warren.relay.dropped"));
            // From each of two and to each of two, 30 packets three times.
            assertEquals(180, count(relay, "warren.relay.forwarded.packets", "direction", "in"));
            assertEquals(180, count(relay, "warren.relay.forwarded.packets", "direction", "out"));
            assertEquals(2, gauge(relay, "warren.relay.mesh.watchers"));
        }
    }

    @Test
    void shouldCarryThirtyLargePacketsAtOnce() throws Exception {
        List<RelayServer> region = region(false, 2);
        TestClient a = client(region.getFirst(), false);
        TestClient b = client(region.getLast(), false);
        await("a's relay knows b", () -> gauge(region.getFirst(), "warren.relay.mesh.clients") == 1);
        List<Payload> sent = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            byte[] packet = new byte[Frame.MAX_PACKET];
            packet[0] = (byte) i;
            sent.add(Payload.of(packet));
        }
        a.send(sent.stream()
                .map(packet -> new Frame.SendPacket(b.publicKey(), packet))
                .toArray(Frame[]::new));
        for (Payload packet : sent) {
            assertEquals(new Frame.RecvPacket(a.publicKey(), packet), b.next());
        }
    }

    @Test
    void shouldTellThroughTheRegionWhoLeftIt() throws Exception {
        List<RelayServer> region = region(false, 2);
        RelayServer here = region.getFirst();
        RelayServer there = region.getLast();
        TestClient a = client(here, false);
        TestClient b = client(there, false);
        TestClient stranger = client(there, false);
        await("a's relay knows b", () -> gauge(here, "warren.relay.mesh.clients") == 2);
        await("b's relay knows a", () -> gauge(there, "warren.relay.mesh.clients") == 1);
        a.send(new Frame.SendPacket(b.publicKey(), Payload.of(Hex.bytes("01"))));
        assertEquals(new Frame.RecvPacket(a.publicKey(), Payload.of(Hex.bytes("01"))), b.next());
        // It comes back elsewhere before it leaves: it never left the region.
        TestClient moved = opening(TestClient.connect(there.port(), a.key));
        await("it is there", () -> gauge(here, "warren.relay.mesh.clients") == 3);
        a.close();
        await("it has left", () -> gauge(there, "warren.relay.mesh.clients") == 0);
        assertTrue(b.settled().isEmpty());
        moved.close();
        assertEquals(new Frame.PeerGone(a.publicKey(), PeerGoneReason.DISCONNECTED), b.next());
        assertTrue(stranger.settled().isEmpty());
        // Now it is nowhere.
        b.send(new Frame.SendPacket(a.publicKey(), disco()));
        assertEquals(new Frame.PeerGone(a.publicKey(), PeerGoneReason.NOT_HERE), b.next());
    }

    @Test
    void shouldTellWhoIsGoneWithARelayThatDies() throws Exception {
        List<RelayServer> region = region(false, 2);
        TestClient a = client(region.getFirst(), false);
        TestClient b = client(region.getLast(), false);
        await("b's relay knows a", () -> gauge(region.getLast(), "warren.relay.mesh.clients") == 1);
        await("a's relay knows b", () -> gauge(region.getFirst(), "warren.relay.mesh.clients") == 1);
        a.send(new Frame.SendPacket(b.publicKey(), Payload.of(Hex.bytes("01"))));
        assertEquals(new Frame.RecvPacket(a.publicKey(), Payload.of(Hex.bytes("01"))), b.next());
        region.getFirst().close();
        assertEquals(new Frame.PeerGone(a.publicKey(), PeerGoneReason.DISCONNECTED), b.next());
    }

    @Test
    void shouldNotLinkToItself() throws Exception {
        int port = FreePort.next();
        DerpNode self = node(port);
        RelayConfig config = TestRelay.meshConfig(folder, false, MESH_KEY, self);
        RelayServer relay = opening(RelayServer.start(listening(config, port)));
        // The link has come, seen, and gone; it is not tried again.
        await("the link was tried", () -> count(relay, "warren.relay.ended", "reason", "closed") >= 1);
        TestClient a = client(relay, false);
        a.send(new Frame.SendPacket(relay.publicKey(), disco()));
        assertEquals(new Frame.PeerGone(relay.publicKey(), PeerGoneReason.NOT_HERE), a.next());
        assertEquals(0, count(relay, "warren.relay.mesh.link.failures"));
        assertEquals(0, gauge(relay, "warren.relay.mesh.link.up"));
        assertEquals(0, gauge(relay, "warren.relay.mesh.watchers"));
        assertEquals(2, count(relay, "warren.relay.accepts"));
    }

    @Test
    void shouldNotLinkToARelayWithAnotherMeshKey() throws Exception {
        RelayServer other = opening(
                TestRelay.mesh(Files.createDirectory(folder.resolve("other")), MeshKey.generate(new SecureRandom())));
        RelayServer relay = opening(TestRelay.mesh(folder, MESH_KEY, node(other.port())));
        await("it was tried again", () -> count(relay, "warren.relay.mesh.link.failures") >= 2);
        assertEquals(0, gauge(relay, "warren.relay.mesh.link.up"));
        assertEquals(0, gauge(other, "warren.relay.mesh.watchers"));
    }

    @Test
    void shouldLinkToARelayThatStartsLater() throws Exception {
        int port = FreePort.next();
        RelayServer first = opening(TestRelay.mesh(folder, MESH_KEY, node(port)));
        await("nobody is there", () -> count(first, "warren.relay.mesh.link.failures") >= 1);
        Path later = Files.createDirectory(folder.resolve("later"));
        RelayServer second = opening(RelayServer.start(listening(TestRelay.meshConfig(later, false, MESH_KEY), port)));
        await("the link is up", () -> gauge(first, "warren.relay.mesh.link.up") == 1);
        assertEquals(1, gauge(second, "warren.relay.mesh.watchers"));
    }

    /** Relays that are all linked to each other. */
    private List<RelayServer> region(boolean tls, int size) throws Exception {
        List<RelayConfig> configs = new ArrayList<>();
        List<DerpNode> nodes = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            // One short run gives a relay with a certificate of its own its pin.
            Path own = Files.createDirectory(folder.resolve("relay" + i));
            int port = FreePort.next();
            RelayConfig config = listening(TestRelay.meshConfig(own, tls, MESH_KEY), port);
            try (RelayServer once = RelayServer.start(config)) {
                String pin = once.mapEntry().nodes().getFirst().trust().pin();
                nodes.addAll(RelayAddresses.parse("127.0.0.1:" + port + (pin == null ? ",plaintext" : ",pin=" + pin)));
            }
            configs.add(config);
        }
        List<RelayServer> relays = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<DerpNode> others = new ArrayList<>(nodes);
            others.remove(i);
            RelayConfig.Mesh mesh =
                    java.util.Objects.requireNonNull(configs.get(i).mesh());
            relays.add(
                    opening(RelayServer.start(configs.get(i).withMesh(new RelayConfig.Mesh(mesh.keyFile(), others)))));
        }
        for (RelayServer relay : relays) {
            await("all links are up", () -> gauge(relay, "warren.relay.mesh.link.up") == size - 1);
        }
        return relays;
    }

    private TestClient client(RelayServer relay, boolean tls) throws Exception {
        if (!tls) {
            return opening(TestClient.connect(relay.port()));
        }
        String pin = "" + relay.mapEntry().nodes().getFirst().trust().pin();
        TestClient made = opening(TestClient.tls(relay.port(), dev.warren.platform.tls.Pin.parse(pin), "TLSv1.3"));
        made.next();
        return made;
    }

    private static RelayConfig listening(RelayConfig config, int port) {
        return TestRelay.on(config, port);
    }

    private static DerpNode node(int port) {
        return RelayAddresses.parse("127.0.0.1:" + port + ",plaintext").getFirst();
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
