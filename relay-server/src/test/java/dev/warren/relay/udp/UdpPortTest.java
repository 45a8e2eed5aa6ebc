package dev.warren.relay.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.GroBatch;
import dev.warren.platform.linux.GsoBatch;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.platform.linux.Poller;
import dev.warren.platform.linux.UdpFeatures;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpSocket;
import dev.warren.protocol.disco.RelaySession;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.testing.Requirements;
import dev.warren.protocol.udprelay.Disposition;
import dev.warren.protocol.udprelay.RelayClient;
import dev.warren.protocol.udprelay.UdpRelayLimits;
import dev.warren.protocol.udprelay.UdpRelayServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the kernel has joined into trains on its way to the relay, over real sockets. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class UdpPortTest {
    private static final InetAddress IPV4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress IPV6 = InetAddress.ofLiteral("::1");
    private static final int CONGESTION_MET = 3;
    private static final UdpSocket.Refused NONE = (to, errno) -> {
        throw new AssertionError(to + " refused: " + errno);
    };

    private final Random random = new Random(1);
    private final DiscoPrivateKey key = DiscoPrivateKey.generate(random);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final GsoBatch out = new GsoBatch(16, 1 << 18, true);
    private final GroBatch arrived = new GroBatch(8);

    private final UdpSocket a = client(IPV4);
    private final UdpSocket b = client(IPV4);
    private final UdpSocket c = client(IPV6);
    private final UdpSocket socket = UdpSocket.bind(new InetSocketAddress(IPV4, 0), UdpOptions.DEFAULT);
    /** One object: by that a train's datagrams are known to go the same way. */
    private final InetSocketAddress relay = at(IPV4, socket);

    private final UdpRelayServer server =
            new UdpRelayServer(key, List.of(relay), UdpRelayLimits.DEFAULT, 0, random, Clock.bootTimeNanos());
    private final UdpPort port;
    private final UdpPort portOfIpv6;

    UdpPortTest() throws LinuxException {
        UdpRelayMetrics metrics = new UdpRelayMetrics(registry);
        UdpSocket socketOfIpv6 = UdpSocket.bind(new InetSocketAddress(IPV6, 0), UdpOptions.DEFAULT);
        port = new UdpPort(socket, false, server, metrics);
        portOfIpv6 = new UdpPort(socketOfIpv6, true, server, metrics);
        port.setOther(portOfIpv6);
        portOfIpv6.setOther(port);
    }

    @AfterEach
    void close() {
        List.of(a, b, c).forEach(UdpSocket::close);
        port.close();
        portOfIpv6.close();
    }

    @Test
    void aTrainGoesOnAsATrainWithItsMark() throws LinuxException {
        RelaySession session = bound(at(IPV4, a), at(IPV4, b));
        for (int i = 0; i < 9; i++) {
            send(session, i, 1000);
        }
        send(session, 9, 400);
        assertEquals(1, out.size(), "they leave as one train");
        forward();

        assertEquals(1, receive(b), "and arrive as one");
        assertEquals(1008, arrived.segmentBytes(0));
        assertEquals(9 * 1008 + 408, arrived.length(0));
        assertEquals(CONGESTION_MET, arrived.ecn(0));
        for (int i = 0; i < 10; i++) {
            assertDatagram(session, i, i < 9 ? 1000 : 400, 0, i * 1008);
        }
        assertEquals(10, forwarded());
    }

    @Test
    void theDatagramsOfOneTrainFindTheirOwnWays() throws LinuxException {
        RelaySession near = bound(at(IPV4, a), at(IPV4, b));
        RelaySession across = bound(at(IPV4, a), at(IPV6, c));
        for (int i = 0; i < 60; i++) {
            send(i % 3 == 0 ? across : near, i, 500);
        }
        assertEquals(1, out.size());
        forward();

        assertArrive(b, near, IntStream.range(0, 60).filter(i -> i % 3 != 0).toArray());
        assertArrive(c, across, IntStream.range(0, 60).filter(i -> i % 3 == 0).toArray());
        assertEquals(60, forwarded());
    }

    @Test
    void whatIsNotOursInATrainIsCountedAndTheRestGoesOn() throws LinuxException {
        RelaySession session = bound(at(IPV4, a), at(IPV4, b));
        send(session, 0, 500);
        byte[] garbage = new byte[508];
        garbage[0] = 'x';
        out.addCopy(relay, null, CONGESTION_MET, garbage, 0, garbage.length);
        send(session, 1, 500);
        send(session, 2, 0);
        byte[] shorter = {1, 2, 3};
        out.addCopy(relay, null, CONGESTION_MET, shorter, 0, shorter.length);
        forward();

        assertEquals(3, forwarded());
        int bytes = 0;
        while (bytes < 508 + 508 + 8) {
            for (int i = receive(b) - 1; i >= 0; i--) {
                bytes += arrived.length(i);
            }
        }
        assertEquals(508 + 508 + 8, bytes);
        assertEquals(2, count("not_ours"));
    }

    @Test
    void aLongControlMessageIsRefusedUnread() throws LinuxException {
        RelaySession session = bound(at(IPV4, a), at(IPV4, b));
        byte[] request = new RelayClient(key.publicKey(), random).bindRequest(session, 1);
        byte[] padded = Arrays.copyOf(request, 60_000);
        out.addCopy(relay, null, 0, padded, 0, padded.length);
        forward();
        assertEquals(1, count("bad_control"));
    }

    /**
     * What waits for a neighbour that does not answer fills the socket's buffer, as any network does that takes less than
     * comes.
     */
    @Test
    void whatAFullSocketHasNoRoomForIsCountedAndTheNextGoesOn() throws Exception {
        Requirements.root();
        Requirements.program("ip");
        InetAddress here = InetAddress.ofLiteral("192.0.2.1");
        try (NetworkNamespace network = NetworkNamespace.create()) {
            in(network, "ip link set lo up");
            in(network, "ip link add eth0 type veth peer name eth1");
            in(network, "ip link set eth1 up");
            in(network, "ip link set eth0 up");
            in(network, "ip address add 192.0.2.1/24 dev eth0");
            UdpSocket narrow =
                    network.call(() -> UdpSocket.bind(new InetSocketAddress(here, 0), new UdpOptions(1 << 20, 1, 0)));
            try (UdpSocket sender = network.call(() -> client(here));
                    UdpPort full = new UdpPort(narrow, false, server, new UdpRelayMetrics(registry))) {
                InetSocketAddress silent = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.9"), 4444);
                RelaySession session = bound(at(here, sender), silent);
                InetSocketAddress there = at(here, narrow);
                for (int i = 0; i < 50 && lackOfRoom() == 0; i++) {
                    pass(sender, session, there, full, narrow);
                }
                double lost = lackOfRoom();
                assertTrue(lost > 0, "a full socket has no room");
                in(network, "ip neighbour replace 192.0.2.9 lladdr 02:00:00:00:00:09 dev eth0");
                pass(sender, session, there, full, narrow);
                assertEquals(lost, lackOfRoom(), "what waited is gone");
            }
        }
    }

    /** One datagram of the sender's through the port. */
    private void pass(UdpSocket sender, RelaySession session, InetSocketAddress to, UdpPort by, UdpSocket at)
            throws LinuxException {
        byte[] datagram = datagram(session, 0, 1000);
        out.addCopy(to, null, 0, datagram, 0, datagram.length);
        assertTrue(sender.send(out, NONE));
        await(at);
        by.turn(Clock.bootTimeNanos());
    }

    private double lackOfRoom() {
        return registry.get("warren.udp.relay.send.drops")
                .tag("reason", "socket_full")
                .counter()
                .count();
    }

    private static void in(NetworkNamespace network, String command) throws IOException, InterruptedException {
        Process process = network.call(
                () -> new ProcessBuilder(command.split(" ")).inheritIO().start());
        assertEquals(0, process.waitFor(), command);
    }

    /** Sends what waits, and lets the relay do its work until all of it has been through. */
    private void forward() throws LinuxException {
        int expected = out.datagrams();
        assertTrue(a.send(out, NONE));
        double before = all();
        long deadlineNanos = Clock.bootTimeNanos() + 10_000_000_000L;
        while (all() - before < expected) {
            assertTrue(Clock.bootTimeNanos() < deadlineNanos, "the relay got " + (all() - before) + " of " + expected);
            await(socket);
            port.turn(Clock.bootTimeNanos());
        }
    }

    private void send(RelaySession session, int number, int bytes) {
        byte[] datagram = datagram(session, number, bytes);
        assertTrue(out.addCopy(relay, null, CONGESTION_MET, datagram, 0, datagram.length));
    }

    private static byte[] datagram(RelaySession session, int number, int bytes) {
        byte[] datagram = RelayClient.data(session.vni(), bytes);
        if (bytes > 0) {
            datagram[8] = (byte) number;
        }
        return datagram;
    }

    private void assertDatagram(RelaySession session, int number, int bytes, int message, int from) {
        byte[] found = arrived.memory()
                .asSlice(arrived.offset(message) + from, bytes + 8L)
                .toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(datagram(session, number, bytes), found);
    }

    /** Those that arrive are the given ones, in this order. */
    private void assertArrive(UdpSocket at, RelaySession session, int[] numbers) throws LinuxException {
        int seen = 0;
        while (seen < numbers.length) {
            int messages = receive(at);
            for (int message = 0; message < messages; message++) {
                for (int from = 0; from < arrived.length(message); from += 508) {
                    assertDatagram(session, numbers[seen++], 500, message, from);
                }
            }
        }
    }

    private int receive(UdpSocket from) throws LinuxException {
        await(from);
        return from.receive(arrived);
    }

    private static void await(UdpSocket socket) throws LinuxException {
        try (Poller poller = Poller.open()) {
            poller.add(socket.descriptor(), 0, true, false);
            long deadlineNanos = Clock.bootTimeNanos() + 10_000_000_000L;
            while (poller.await(deadlineNanos) == 0) {
                assertTrue(Clock.bootTimeNanos() < deadlineNanos, "nothing came in ten seconds");
            }
        }
    }

    private double forwarded() {
        return count("forwarded");
    }

    private double count(String disposition) {
        return registry.get("warren.udp.relay.datagrams")
                .tag("disposition", disposition)
                .functionCounter()
                .count();
    }

    private double all() {
        return registry.get("warren.udp.relay.datagrams").functionCounters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    private RelaySession bound(InetSocketAddress one, InetSocketAddress other) {
        RelayClient first = new RelayClient(key.publicKey(), random);
        RelayClient second = new RelayClient(key.publicKey(), random);
        byte[] request = first.request(first.with(second), 1);
        assertTrue(server.allocate(first.node, request, 0, request.length, Clock.bootTimeNanos())
                .isAnswered());
        RelaySession session = first.session(server.answer());
        bind(first, session, one);
        bind(second, session, other);
        return session;
    }

    private void bind(RelayClient client, RelaySession session, InetSocketAddress from) {
        byte[] request = client.bindRequest(session, 1);
        server.control(from, request, 0, request.length, Clock.bootTimeNanos());
        byte[] answer = client.bindAnswer(session, 1, client.challenge(server.answer()));
        assertEquals(Disposition.BOUND, server.control(from, answer, 0, answer.length, Clock.bootTimeNanos()));
    }

    private static UdpSocket client(InetAddress local) throws LinuxException {
        UdpSocket client = UdpSocket.bind(new InetSocketAddress(local, 0), UdpOptions.DEFAULT);
        client.enable(new UdpFeatures(true, false, true));
        return client;
    }

    private static InetSocketAddress at(InetAddress ip, UdpSocket socket) {
        return new InetSocketAddress(ip, socket.port());
    }
}
