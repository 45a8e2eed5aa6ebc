package dev.warren.loadtest.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.tunnel.HandshakeFlood;
import dev.warren.loadtest.tunnel.Implementation;
import dev.warren.loadtest.tunnel.Iperf;
import dev.warren.loadtest.tunnel.IperfReport;
import dev.warren.loadtest.tunnel.Newcomer;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Requirements;
import dev.warren.protocol.wireguard.IpPrefix;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A flood of handshakes from false addresses, beside a peer that is connected and some that are new. On a busy machine all
 * takes longer, and all of it gets through all the same; once of some times it does so as fast as it should.
 */
@Timeout(240)
class FloodTest {
    private static final int PORT = 51_820;
    private static final int STREAMS = 3;
    private static final int PACKET_BYTES = 1300;
    private static final int SECONDS = 3;
    private static final int ATTEMPTS = 6;
    private static final int STREAM_BYTES = 4 << 20;
    private static final int NETWORKS = 4;
    /** Forty times what is load, and little enough to leave a busy machine time for the rest. */
    private static final int PER_SECOND = 20_000;
    /** How long a newcomer may take that need not try again. */
    private static final long AT_ONCE_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** In the end: twelve tries. */
    private static final long IN_THE_END_NANOS = TimeUnit.SECONDS.toNanos(60);
    /** Three tries. */
    private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(14);
    /** The heap, the compiler's work, and some for what the sockets' buffers take. */
    private static final long MOST_MEMORY = 128L << 20;

    /** What the gate lets through: at once and a second of all, and of networks in five seconds. */
    private static final int GATE_AT_ONCE = 1024;

    private static final int GATE_PER_SECOND = 250;
    private static final int GATE_PLACES = 5 * 2048;
    private static final int GATE_REST_SECONDS = 5;
    /** What peers and newcomers send themselves. */
    private static final int GOOD_HANDSHAKES = 100;

    private static final String COUNT_HANDSHAKES =
            """
            table inet test {
              counter handshakes { }
              chain in {
                type filter hook input priority 0;
                udp dport 51820 @th,64,8 1 counter name handshakes
              }
            }
            """;
    private static final String COUNT_COOKIES =
            """
            table inet test {
              counter cookies { }
              chain in {
                type filter hook input priority 0;
                udp sport 51820 @th,64,8 3 counter name cookies
              }
            }
            """;

    private final SecureRandom random = new SecureRandom();
    private final NodePrivateKey serverKey = NodePrivateKey.generate(random);
    private final NodePrivateKey peerKey = NodePrivateKey.generate(random);

    /** IPv6 from many networks, and from the many addresses that one customer of an access provider has. */
    @ParameterizedTest
    @ValueSource(strings = {"11.0.0.0/8", "fd11::/32", "fd11::/64"})
    void shouldCarryItsPeersAndLetNewOnesInUnderAFloodOfHandshakes(String sources) throws Exception {
        IpPrefix block = IpPrefix.parse(sources);
        boolean isIpv6 = block.address() instanceof Inet6Address;
        try (World world = World.open(4)) {
            Wg server = connect(world, block, List.of());
            long before = world.residentBytes(server);
            long beganNanos = System.nanoTime();
            try (HandshakeFlood flood = flood(world, block)) {
                Wg.await("the flood", () -> flood.sent() > PER_SECOND);
                for (int i = 0; i < STREAMS; i++) {
                    TcpStream.carry(world.place(1), world.place(0), "10.77.0.1", STREAM_BYTES);
                }
                Iperf stream = new Iperf(world.place(1).end(), world.place(0).end(), "10.77.0.1");
                assertTrue(carries(stream), "each of " + ATTEMPTS + " streams lost more than a fifth");
                assertTrue(letsIn(world.place(3), isIpv6, server) > 0, "nobody got in at once, within two seconds");
                assertNull(flood.failure());
            }
            assertIsTurnedAway(world.place(0), isIpv6, beganNanos);
            long more = world.residentBytes(server) - before;
            assertTrue(more < MOST_MEMORY, more + " bytes more than before the flood");
        }
    }

    /**
     * New peers of different networks, all of which get in; how many at once, with their first message, as the first of its
     * network goes before the flood. Any of them may share its network's place with the flood, and has to try again then.
     */
    private int letsIn(Place from, boolean isIpv6, Wg server) throws IOException {
        int atOnce = 0;
        for (int i = 1; i <= NETWORKS; i++) {
            String network = isIpv6 ? "fd0%x:3::".formatted(8 + i) : "10.%d.3.".formatted(8 + i);
            InetAddress own = InetAddress.ofLiteral(network + 2);
            try (Newcomer newcomer = Newcomer.open(from.end(), own, at(network + 1), serverKey.publicKey())) {
                server.set(newcomer.publicKey(), "allowed-ips 10.77.1." + i + "/32");
                long tookNanos = newcomer.shakeHands(IN_THE_END_NANOS);
                assertTrue(tookNanos >= 0, "no answer to the newcomer " + i);
                atOnce += newcomer.initiations() == 1 && tookNanos <= AT_ONCE_NANOS ? 1 : 0;
            }
        }
        return atOnce;
    }

    /** Whether a stream gets through with less than a fifth lost; once, as the machine may be busy with others. */
    private static boolean carries(Iperf stream) throws IOException, InterruptedException {
        for (int i = 0; i < ATTEMPTS; i++) {
            IperfReport report =
                    stream.run(SECONDS, List.of("-u", "-b", "50M", "-l", Integer.toString(PACKET_BYTES), "-w", "2M"));
            if (report.receivedBytes() >= 0.8 * report.sentPackets() * PACKET_BYTES) {
                return true;
            }
        }
        return false;
    }

    /** Whatever time there was: no more of the flood came to the server than the gate lets through in it. */
    private static void assertIsTurnedAway(Place at, boolean isIpv6, long beganNanos) throws IOException {
        long arrived = at.counted("handshakes");
        long turnedAway = count(at, isIpv6, "InErrors") - count(at, isIpv6, "RcvbufErrors");
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNanos) + 1;
        long most = GATE_AT_ONCE
                + GATE_PER_SECOND * seconds
                + GATE_PLACES * (seconds / GATE_REST_SECONDS + 1)
                + GOOD_HANDSHAKES;
        assertTrue(turnedAway > 0, "no gate");
        assertTrue(
                arrived - turnedAway <= most,
                arrived - turnedAway + " of " + arrived + " came in within " + seconds + " s, not " + most);
    }

    /** What the kernel counted of UDP in the place's namespace (net/snmp, net/snmp6). */
    private static long count(Place at, boolean isIpv6, String name) throws IOException {
        if (isIpv6) {
            return at.run("cat /proc/net/snmp6")
                    .lines()
                    .filter(line -> line.startsWith("Udp6" + name + " "))
                    .mapToLong(line -> Long.parseLong(
                            line.substring(line.lastIndexOf('\t') + 1).strip()))
                    .sum();
        }
        List<List<String>> lines = at.run("cat /proc/net/snmp")
                .lines()
                .filter(line -> line.startsWith("Udp: "))
                .map(line -> List.of(line.split(" ", -1)))
                .toList();
        return Long.parseLong(lines.get(1).get(lines.getFirst().indexOf(name)));
    }

    /** Their network is one of the flood's, so that only their own addresses tell them from the rest. */
    @Test
    void shouldServePeersFromWhereTheyAreExpectedInTheMidstOfTheFlood() throws Exception {
        IpPrefix block = IpPrefix.parse("11.0.0.0/8");
        try (World world = World.open(4)) {
            Wg server = connect(world, block, List.of());
            amidst(world, 3);
            try (HandshakeFlood flood = flood(world, block)) {
                // All places of all its networks are taken by then.
                Wg.await("the flood", () -> flood.sent() > 3L * PER_SECOND);
                for (int i = 0; i < 3; i++) {
                    InetAddress own = InetAddress.ofLiteral("11.200.0." + (2 + i));
                    try (Newcomer peer =
                            Newcomer.open(world.place(3).end(), own, at("11.200.0.1"), serverKey.publicKey())) {
                        server.set(
                                peer.publicKey(),
                                "allowed-ips 10.77.1.%d/32 endpoint %s:51820".formatted(i, own.getHostAddress()));
                        long tookNanos = peer.shakeHands(SOON_NANOS);
                        assertTrue(tookNanos >= 0, "no answer to " + peer.initiations() + " tries of the peer " + i);
                    }
                }
            }
        }
    }

    /** Where the kernel takes no gate, cookies tell who is where it says that it is. */
    @Test
    void shouldAskForCookiesAndTakeThemWithoutAGate() throws Exception {
        Requirements.program("setpriv");
        IpPrefix block = IpPrefix.parse("11.0.0.0/8");
        try (World world = World.open(4)) {
            Wg server = connect(world, block, List.of("setpriv", "--bounding-set", "-bpf,-sys_admin"));
            amidst(world, 1);
            world.place(2).nft(COUNT_COOKIES);
            try (HandshakeFlood flood = flood(world, block);
                    Newcomer stranger = Newcomer.open(
                            world.place(3).end(),
                            InetAddress.ofLiteral("11.200.0.2"),
                            at("11.200.0.1"),
                            serverKey.publicKey())) {
                Wg.await("the flood", () -> flood.sent() > 3L * PER_SECOND);
                TcpStream.carry(world.place(1), world.place(0), "10.77.0.1", STREAM_BYTES);
                server.set(stranger.publicKey(), "allowed-ips 10.77.1.1/32");
                assertTrue(stranger.shakeHands(IN_THE_END_NANOS) >= 0, stranger.initiations() + " tries");
                assertTrue(world.place(2).counted("cookies") > 0, "nobody was asked for a cookie");
                assertEquals(
                        count(world.place(0), false, "InErrors"),
                        count(world.place(0), false, "RcvbufErrors"),
                        "there is a gate");
            }
        }
    }

    private HandshakeFlood flood(World world, IpPrefix sources) throws IOException {
        boolean isIpv6 = sources.address() instanceof Inet6Address;
        return HandshakeFlood.start(
                world.place(2).end(),
                sources,
                at(isIpv6 ? "fd09:2::1" : "10.9.2.1"),
                serverKey.publicKey(),
                PER_SECOND,
                TimeUnit.SECONDS.toNanos(200),
                new SplittableRandom(1));
    }

    /** Gives the fourth place so many addresses of a network that the flood comes from too. */
    private static void amidst(World world, int addresses) throws IOException {
        world.place(0).ip("address add 11.200.0.1/24 dev eth3");
        for (int i = 0; i < addresses; i++) {
            world.place(3).ip("address add 11.200.0.%d/24 dev eth0".formatted(2 + i));
        }
    }

    private static InetSocketAddress at(String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), PORT);
    }

    /** A server with a peer that is connected; the flood's end is the server's way to where it says that it is. */
    private Wg connect(World world, IpPrefix floodFrom, List<String> serverWith)
            throws IOException, InterruptedException {
        Place at = world.place(0);
        for (int i = 1; i <= 3; i++) {
            world.cable(at, "eth" + i, "10.9." + i + ".1/24", world.place(i), "eth0", "10.9." + i + ".2/24");
            at.ip("address add fd09:" + i + "::1/64 dev eth" + i + " nodad");
            world.place(i).ip("address add fd09:" + i + "::2/64 dev eth0 nodad");
            String far = "10.9." + i + ".2";
            Wg.await("the cable to " + far, () -> at.pings(far));
        }
        for (int i = 2; i <= NETWORKS; i++) {
            at.ip(
                    "address add 10.%d.3.1/24 dev eth3".formatted(8 + i),
                    "address add fd0%x:3::1/64 dev eth3 nodad".formatted(8 + i));
            world.place(3)
                    .ip(
                            "address add 10.%d.3.2/24 dev eth0".formatted(8 + i),
                            "address add fd0%x:3::2/64 dev eth0 nodad".formatted(8 + i));
        }
        boolean isIpv6 = floodFrom.address() instanceof Inet6Address;
        at.ip("route add " + floodFrom + " via " + (isIpv6 ? "fd09:2::2" : "10.9.2.2"));
        Pairing ours = Pairing.OURS_AND_OURS;
        Wg server = world.start(bounded(serverWith, ours.first()), at, "wgserver");
        Wg peer = world.start(ours.second(), world.place(1), "wgpeer");
        server.configure(own(serverKey) + RoutedPair.peer(peerKey.publicKey(), "10.77.0.2", ""));
        peer.configure(own(peerKey) + RoutedPair.peer(serverKey.publicKey(), "10.77.0.1", "10.9.1.1:" + PORT));
        at.ip("address add 10.77.0.1/24 dev wgserver", "link set wgserver mtu 1420 up");
        world.place(1).ip("address add 10.77.0.2/24 dev wgpeer", "link set wgpeer mtu 1420 up");
        world.place(1).ping(3, "10.77.0.1");
        at.nft(COUNT_HANDSHAKES);
        return server;
    }

    /** With so small a heap that nothing of a flood can be kept; {@code with} is a command that starts another. */
    private static Implementation bounded(List<String> with, Implementation ours) {
        List<String> command = new ArrayList<>(with);
        command.addAll(List.of("env", "JDK_JAVA_OPTIONS=-Xmx40m"));
        command.addAll(ours.command());
        return new Implementation(ours.name(), command);
    }

    private static String own(NodePrivateKey key) {
        return "[Interface]\nPrivateKey = " + Base64.getEncoder().encodeToString(key.bytes()) + "\nListenPort = " + PORT
                + "\n";
    }
}
