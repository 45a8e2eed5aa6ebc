package dev.warren.relay;

import static dev.warren.relay.TestRelay.await;
import static dev.warren.relay.TestRelay.count;
import static dev.warren.relay.TestRelay.gauge;
import static dev.warren.relay.TestRelay.loopback;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.disco.Challenge;
import dev.warren.protocol.disco.RelaySession;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.udprelay.GeneveHeader;
import dev.warren.protocol.udprelay.RelayClient;
import dev.warren.protocol.udprelay.UdpRelayLimits;
import dev.warren.relay.admission.AdmissionConfig;
import dev.warren.relay.client.RelayContext;
import dev.warren.relay.udp.UdpRelayConfig;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The UDP relay as its clients see it: sessions over real DERP connections, datagrams over real sockets. */
@Timeout(60)
final class UdpRelayTest {
    private static final InetAddress IPV4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress IPV6 = InetAddress.ofLiteral("::1");

    private final RandomGenerator random = new Random(1);

    @TempDir
    Path folder;

    /** Both ends of one client: its DERP connection and its UDP socket. */
    private record Client(TestClient derp, RelayClient relayed, DatagramSocket socket) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            derp.close();
            socket.close();
        }
    }

    @Test
    void shouldForwardBetweenClientsOfBothFamilies() throws Exception {
        try (RelayServer relay = RelayServer.start(config(UdpRelayLimits.DEFAULT));
                Client a = client(relay, IPV4);
                Client b = client(relay, IPV4);
                Client six = client(relay, IPV6)) {
            RelaySession session = bound(relay, a, b);
            assertEchoes(relay, session, a, b, 1);
            assertEchoes(relay, session, b, a, 1400);
            assertEchoes(relay, session, a, b, 9216 - 8);
            RelaySession crossing = bound(relay, a, six);
            assertEchoes(relay, crossing, a, six, 1400);
            assertEchoes(relay, crossing, six, a, 1400);
            await("two open sessions", () -> gauge(relay, "warren.udp.relay.sessions.open") == 2);
            await("five datagrams counted", () -> datagrams(relay, "forwarded") == 5);
            assertEquals(
                    5 * 8 + 1 + 3 * 1400 + 9208,
                    relay.registry()
                            .get("warren.udp.relay.forwarded.bytes")
                            .functionCounter()
                            .count());
            assertEquals(4, datagrams(relay, "challenged"));
            assertEquals(4, datagrams(relay, "bound"));
            assertEquals(2, count(relay, "warren.udp.relay.allocations", "outcome", "created"));
        }
    }

    @Test
    void manyDatagramsKeepTheirOrderAndContent() throws Exception {
        try (RelayServer relay = RelayServer.start(config(UdpRelayLimits.DEFAULT));
                Client a = client(relay, IPV4);
                Client b = client(relay, IPV4)) {
            RelaySession session = bound(relay, a, b);
            int next = 0;
            for (int round = 0; round < 100; round++) {
                for (int i = 0; i < 50; i++) {
                    send(relay, a, numbered(session, round * 50 + i));
                }
                for (int i = 0; i < 50; i++) {
                    assertArrayEquals(numbered(session, next++), receive(b));
                }
            }
        }
    }

    @Test
    void bothClientsGetTheSameSessionAndTheKeyStandsInTheMap() throws Exception {
        try (RelayServer relay = RelayServer.start(config(UdpRelayLimits.DEFAULT));
                Client a = client(relay, IPV4);
                Client b = client(relay, IPV4)) {
            RelaySession session = allocate(relay, a, b);
            assertEquals(session, allocate(relay, b, a));
            assertEquals(discoKey(relay), session.server());
            InetSocketAddress there =
                    new InetSocketAddress(IPV4, relay.udpRelayPort().orElseThrow());
            assertEquals(List.of(there), session.addresses());
            assertEquals(1, count(relay, "warren.udp.relay.allocations", "outcome", "repeated"));
        }
    }

    @Test
    void theKeyThatStandsInRelayMapsSurvivesARestart() throws Exception {
        DiscoPublicKey first;
        try (RelayServer relay = RelayServer.start(config(UdpRelayLimits.DEFAULT))) {
            first = discoKey(relay);
        }
        try (RelayServer relay = RelayServer.start(config(UdpRelayLimits.DEFAULT))) {
            assertEquals(first, discoKey(relay));
        }
        try (RelayServer without = TestRelay.plain(folder)) {
            assertTrue(without.udpRelayPort().isEmpty());
            assertNull(without.mapEntry().nodes().getFirst().udpRelay());
        }
    }

    @Test
    void whatIsNoRequestGetsNoAnswerAndHurtsNobody() throws Exception {
        try (RelayServer relay = RelayServer.start(config(UdpRelayLimits.DEFAULT));
                Client a = client(relay, IPV4);
                Client b = client(relay, IPV4)) {
            byte[] large = new byte[60_000];
            a.derp().send(new Frame.SendPacket(relay.publicKey(), Payload.of(large)));
            a.derp().send(new Frame.SendPacket(relay.publicKey(), Payload.of(new byte[200])));
            a.derp().send(new Frame.SendPacket(relay.publicKey(), Payload.EMPTY));
            await(
                    "two are no requests",
                    () -> count(relay, "warren.udp.relay.allocations", "outcome", "bad_request") == 2);
            assertTrue(a.derp().settled().isEmpty(), "no answer");
            assertEquals(1, count(relay, "warren.relay.dropped", "reason", "unknown_destination"));
            byte[] garbage = new byte[300];
            random.nextBytes(garbage);
            garbage[0] = 'x';
            send(relay, a, garbage);
            send(relay, a, new byte[3]);
            send(relay, a, RelayClient.data(77, 100));
            send(relay, a, RelayClient.datagram(new GeneveHeader(true, GeneveHeader.DISCO, 77), new byte[152]));
            send(relay, a, new byte[9_300]);
            await(
                    "each is counted",
                    () -> datagrams(relay, "not_ours") == 3
                            && datagrams(relay, "unknown_session") == 1
                            && datagrams(relay, "bad_control") == 1);
            assertEchoes(relay, bound(relay, a, b), a, b, 100);
        }
    }

    @Test
    void nothingGoesToAnAddressThatAnsweredNoChallenge() throws Exception {
        try (RelayServer relay = RelayServer.start(config(UdpRelayLimits.DEFAULT));
                Client a = client(relay, IPV4);
                Client b = client(relay, IPV4);
                DatagramSocket victim = new DatagramSocket(loopback(0))) {
            RelaySession session = bound(relay, a, b);
            // As if the victim's address were forged: all that it gets is a challenge as long as the request.
            byte[] request = a.relayed().bindRequest(session, 5);
            victim.send(new DatagramPacket(request, request.length, there(relay, IPV4)));
            assertEquals(request.length, receive(victim).length);
            for (int i = 0; i < 100; i++) {
                send(relay, b, RelayClient.data(session.vni(), 1000));
                assertEquals(1008, receive(a).length);
            }
            victim.setSoTimeout(50);
            assertThrows(SocketTimeoutException.class, () -> receive(victim));
        }
    }

    @Test
    void aSessionsBandwidthIsItsOwn() throws Exception {
        try (RelayServer relay = RelayServer.start(config(new UdpRelayLimits(10, 10, 10, 1_000)));
                Client a = client(relay, IPV4);
                Client b = client(relay, IPV4);
                Client c = client(relay, IPV4)) {
            RelaySession session = bound(relay, a, b);
            for (int i = 0; i < 400; i++) {
                send(relay, a, RelayClient.data(session.vni(), 992));
            }
            await("each is counted", () -> datagrams(relay, "over_bandwidth") + datagrams(relay, "forwarded") == 400);
            // 262 kB at once, and a kilobyte for each second that this takes.
            double dropped = datagrams(relay, "over_bandwidth");
            assertTrue(dropped > 120 && dropped <= 138, dropped + " were dropped");
            assertEchoes(relay, bound(relay, a, c), a, c, 1000);
        }
    }

    /** A datagram carries no key: without this, who is cut off from DERP would be forwarded to for as long as it sends. */
    @Test
    void whoIsRevokedIsNotForwardedToAnyMore() throws Exception {
        Path deny = Files.writeString(folder.resolve("deny"), "");
        AdmissionConfig admission = new AdmissionConfig(deny, null, null, AdmissionConfig.Recheck.STANDARD);
        RelayConfig config = config(UdpRelayLimits.DEFAULT).withAdmission(admission);
        NodePrivateKey key = NodePrivateKey.generate(random);
        try (RelayServer relay = RelayServer.start(config);
                Client a = client(relay, IPV4);
                Client b = client(relay, IPV4);
                Client revoked = client(relay, IPV4, key)) {
            RelaySession session = bound(relay, a, revoked);
            assertEquals(session, allocate(relay, revoked, a));
            RelaySession staying = bound(relay, a, b);
            assertEchoes(relay, session, a, revoked, 100);
            Files.writeString(deny, key.publicKey() + "\n");
            assertEquals(2, gauge(relay, "warren.udp.relay.sessions"));
            relay.reload(config);
            await("its session has ended", () -> count(relay, "warren.udp.relay.sessions.ended") == 1);
            assertEquals(1, gauge(relay, "warren.udp.relay.sessions.open"));
            assertEquals(1, gauge(relay, "warren.udp.relay.sessions"));
            send(relay, a, RelayClient.data(session.vni(), 100));
            await("dropped", () -> datagrams(relay, "unknown_session") == 1);
            assertEchoes(relay, staying, a, b, 100);
        }
    }

    @Test
    void aPortInUseIsOneSentence() throws Exception {
        try (DatagramSocket taken = new DatagramSocket(loopback(0))) {
            UdpRelayConfig busy = new UdpRelayConfig(loopback(taken.getLocalPort()), List.of(), UdpRelayLimits.DEFAULT);
            RelayConfig config = TestRelay.config(folder, false, RelayContext.Timing.DEFAULT, null)
                    .withUdpRelay(busy);
            UserError error = assertThrows(UserError.class, () -> RelayServer.start(config));
            String said = Objects.requireNonNull(error.getMessage());
            assertTrue(said.contains("--udp-relay-listen") && said.contains("in use"), said);
        }
    }

    @Test
    void closingTheRelayEndsItsThreadAndFreesThePort() throws Exception {
        RelayServer relay = RelayServer.start(config(UdpRelayLimits.DEFAULT));
        int port = relay.udpRelayPort().orElseThrow();
        assertTrue(hasThread("udp-relay-" + port));
        relay.close();
        assertFalse(hasThread("udp-relay-" + port));
        new DatagramSocket(new InetSocketAddress(IPV4, port)).close();
    }

    private static boolean hasThread(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals(name));
    }

    private RelayConfig config(UdpRelayLimits limits) {
        return TestRelay.config(folder, false, RelayContext.Timing.DEFAULT, null)
                .withUdpRelay(new UdpRelayConfig(new InetSocketAddress(0), List.of(), limits));
    }

    private Client client(RelayServer relay, InetAddress local) throws Exception {
        return client(relay, local, NodePrivateKey.generate(random));
    }

    private Client client(RelayServer relay, InetAddress local, NodePrivateKey key) throws Exception {
        DatagramSocket socket = new DatagramSocket(new InetSocketAddress(local, 0));
        socket.setSoTimeout(10_000);
        return new Client(TestClient.connect(relay.port(), key), new RelayClient(discoKey(relay), random), socket);
    }

    private static DiscoPublicKey discoKey(RelayServer relay) {
        return Objects.requireNonNull(relay.mapEntry().nodes().getFirst().udpRelay());
    }

    private static RelaySession allocate(RelayServer relay, Client asking, Client other) throws Exception {
        byte[] request = asking.relayed().request(asking.relayed().with(other.relayed()), 1);
        asking.derp().send(new Frame.SendPacket(relay.publicKey(), Payload.of(request)));
        Frame.RecvPacket answer = (Frame.RecvPacket) asking.derp().next();
        assertEquals(relay.publicKey(), answer.source());
        return asking.relayed().session(answer.packet().bytes());
    }

    private static RelaySession bound(RelayServer relay, Client one, Client other) throws Exception {
        RelaySession session = allocate(relay, one, other);
        for (Client client : List.of(one, other)) {
            send(relay, client, client.relayed().bindRequest(session, 1));
            Challenge challenge = client.relayed().challenge(receive(client));
            double before = datagrams(relay, "bound");
            send(relay, client, client.relayed().bindAnswer(session, 1, challenge));
            await("the end is bound", () -> datagrams(relay, "bound") > before);
        }
        return session;
    }

    private static void assertEchoes(RelayServer relay, RelaySession session, Client from, Client to, int length)
            throws IOException {
        byte[] datagram = RelayClient.data(session.vni(), length);
        send(relay, from, datagram);
        assertArrayEquals(datagram, receive(to), "unchanged, header included");
    }

    private static byte[] numbered(RelaySession session, int number) {
        byte[] datagram = RelayClient.data(session.vni(), 20 + number % 1300);
        datagram[12] = (byte) (number >>> 8);
        datagram[13] = (byte) number;
        return datagram;
    }

    private static void send(RelayServer relay, Client from, byte[] datagram) throws IOException {
        InetAddress local = from.socket().getLocalAddress();
        from.socket().send(new DatagramPacket(datagram, datagram.length, there(relay, local)));
    }

    private static InetSocketAddress there(RelayServer relay, InetAddress local) {
        return new InetSocketAddress(local, relay.udpRelayPort().orElseThrow());
    }

    private static byte[] receive(Client client) throws IOException {
        return receive(client.socket());
    }

    private static byte[] receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[10_000], 10_000);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private static double datagrams(RelayServer relay, String disposition) {
        return relay.registry()
                .get("warren.udp.relay.datagrams")
                .tag("disposition", disposition)
                .functionCounter()
                .count();
    }
}
