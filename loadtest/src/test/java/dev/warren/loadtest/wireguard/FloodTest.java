package dev.warren.loadtest.wireguard;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.tunnel.HandshakeFlood;
import dev.warren.loadtest.tunnel.Implementation;
import dev.warren.loadtest.tunnel.Iperf;
import dev.warren.loadtest.tunnel.IperfReport;
import dev.warren.loadtest.tunnel.Newcomer;
import dev.warren.protocol.key.NodePrivateKey;
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

/** A flood of handshakes from false addresses, beside a peer that is connected and one that is new. */
@Timeout(240)
class FloodTest {
    private static final int PORT = 51_820;
    private static final int PACKET_BYTES = 1300;
    private static final int SECONDS = 3;
    private static final int ATTEMPTS = 6;
    private static final int NETWORKS = 4;
    /** Forty times what is load, and little enough to leave a busy machine time for the rest. */
    private static final int PER_SECOND = 20_000;
    /** The heap, the compiler's work, and some for what the sockets' buffers take. */
    private static final long MOST_MEMORY = 128L << 20;

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
            Wg server = connect(world, block);
            Iperf stream = new Iperf(world.place(1).end(), world.place(0).end(), "10.77.0.1");
            long before = world.residentBytes(server);
            try (HandshakeFlood flood = HandshakeFlood.start(
                    world.place(2).end(),
                    block,
                    at(isIpv6 ? "fd09:2::1" : "10.9.2.1"),
                    serverKey.publicKey(),
                    PER_SECOND,
                    TimeUnit.SECONDS.toNanos(150),
                    new SplittableRandom(1))) {
                assertTrue(carries(stream), "each of " + ATTEMPTS + " streams lost more than a fifth");

                assertTrue(letsIn(world.place(3), isIpv6, server), "no new peer got an answer in two seconds");
                assertTrue(flood.sent() > PER_SECOND, "sent " + flood.sent());
                assertNull(flood.failure());
            }
            long more = world.residentBytes(server) - before;
            assertTrue(more < MOST_MEMORY, more + " bytes more than before the flood");
        }
    }

    /** Whether one of a few new peers of different networks gets in; any of them may share its place with the flood. */
    private boolean letsIn(Place from, boolean isIpv6, Wg server) throws IOException {
        for (int i = 1; i <= NETWORKS; i++) {
            String network = isIpv6 ? "fd0%x:3::".formatted(8 + i) : "10.%d.3.".formatted(8 + i);
            InetAddress own = InetAddress.ofLiteral(network + 2);
            try (Newcomer newcomer = Newcomer.open(from.end(), own, at(network + 1), serverKey.publicKey())) {
                server.set(newcomer.publicKey(), "allowed-ips 10.77.1." + i + "/32");
                if (newcomer.shakeHands(TimeUnit.SECONDS.toNanos(2)) >= 0 && newcomer.initiations() == 1) {
                    return true;
                }
            }
        }
        return false;
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

    /** Its network is one of the flood's, so that only its own address tells it from the rest. */
    @Test
    void shouldServeAPeerFromWhereItIsExpectedInTheMidstOfTheFlood() throws Exception {
        IpPrefix block = IpPrefix.parse("11.0.0.0/8");
        try (World world = World.open(4)) {
            Wg server = connect(world, block);
            world.place(0).ip("address add 11.200.0.1/24 dev eth3");
            world.place(3).ip("address add 11.200.0.2/24 dev eth0");
            try (HandshakeFlood _ = HandshakeFlood.start(
                            world.place(2).end(),
                            block,
                            at("10.9.2.1"),
                            serverKey.publicKey(),
                            PER_SECOND,
                            TimeUnit.SECONDS.toNanos(150),
                            new SplittableRandom(1));
                    Newcomer peer = Newcomer.open(
                            world.place(3).end(),
                            InetAddress.ofLiteral("11.200.0.2"),
                            at("11.200.0.1"),
                            serverKey.publicKey())) {
                server.set(peer.publicKey(), "allowed-ips 10.77.1.1/32 endpoint 11.200.0.2:51820");
                // The flood takes all places of all its networks, and the kernel is told who is expected once a second.
                Thread.sleep(3000);
                long tookNanos = peer.shakeHands(TimeUnit.SECONDS.toNanos(8));
                assertTrue(tookNanos >= 0, "no answer to " + peer.initiations() + " tries");
            }
        }
    }

    private static InetSocketAddress at(String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), PORT);
    }

    /** A server with a peer that is connected; the flood's end is the server's way to where it says that it is. */
    private Wg connect(World world, IpPrefix floodFrom) throws IOException, InterruptedException {
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
        Wg server = world.start(bounded(ours.first()), at, "wgserver");
        Wg peer = world.start(ours.second(), world.place(1), "wgpeer");
        server.configure(own(serverKey) + RoutedPair.peer(peerKey.publicKey(), "10.77.0.2", ""));
        peer.configure(own(peerKey) + RoutedPair.peer(serverKey.publicKey(), "10.77.0.1", "10.9.1.1:" + PORT));
        at.ip("address add 10.77.0.1/24 dev wgserver", "link set wgserver mtu 1420 up");
        world.place(1).ip("address add 10.77.0.2/24 dev wgpeer", "link set wgpeer mtu 1420 up");
        world.place(1).ping("-c 3 -i 0.1", "10.77.0.1");
        return server;
    }

    /** With so small a heap that nothing of a flood can be kept. */
    private static Implementation bounded(Implementation ours) {
        List<String> command = new ArrayList<>(List.of("env", "JDK_JAVA_OPTIONS=-Xmx40m"));
        command.addAll(ours.command());
        return new Implementation(ours.name(), command);
    }

    private static String own(NodePrivateKey key) {
        return "[Interface]\nPrivateKey = " + Base64.getEncoder().encodeToString(key.bytes()) + "\nListenPort = " + PORT
                + "\n";
    }
}
