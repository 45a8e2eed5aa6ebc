package dev.warren.loadtest.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.tunnel.HandshakeFlood;
import dev.warren.loadtest.tunnel.Iperf;
import dev.warren.loadtest.tunnel.IperfReport;
import dev.warren.loadtest.tunnel.Newcomer;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A flood of handshakes from false addresses, beside a peer that is connected and one that is new. */
@Timeout(120)
class FloodTest {
    private static final int PORT = 51_820;
    private static final int PACKET_BYTES = 1300;
    private static final int SECONDS = 4;
    /** Forty times what is load, and little enough to leave a busy machine time for the rest. */
    private static final int PER_SECOND = 20_000;

    private final SecureRandom random = new SecureRandom();
    private final NodePrivateKey serverKey = NodePrivateKey.generate(random);
    private final NodePrivateKey peerKey = NodePrivateKey.generate(random);

    @Test
    void shouldCarryItsPeersAndLetNewOnesInUnderAFloodOfHandshakes() throws Exception {
        try (World world = World.open(4)) {
            Wg server = connect(world);
            Iperf stream = new Iperf(world.place(1).end(), world.place(0).end(), "10.77.0.1");
            InetSocketAddress flooded = new InetSocketAddress(InetAddress.ofLiteral("10.9.2.1"), PORT);
            try (HandshakeFlood flood = HandshakeFlood.start(
                    world.place(2).end(),
                    IpPrefix.parse("11.0.0.0/8"),
                    flooded,
                    serverKey.publicKey(),
                    PER_SECOND,
                    TimeUnit.SECONDS.toNanos(60),
                    new SplittableRandom(1))) {
                IperfReport report = stream.run(
                        SECONDS, List.of("-u", "-b", "100M", "-l", Integer.toString(PACKET_BYTES), "-w", "2M"));
                assertTrue(report.receivedBytes() >= 0.8 * report.sentPackets() * PACKET_BYTES, report.toString());

                InetSocketAddress asked = new InetSocketAddress(InetAddress.ofLiteral("10.9.3.1"), PORT);
                try (Newcomer newcomer = Newcomer.open(world.place(3).end(), asked, serverKey.publicKey())) {
                    server.set(newcomer.publicKey(), "allowed-ips 10.77.1.1/32");
                    long tookNanos = newcomer.shakeHands(TimeUnit.SECONDS.toNanos(2));
                    assertTrue(tookNanos >= 0, "no answer in two seconds");
                    assertEquals(1, newcomer.initiations());
                }
                assertTrue(flood.sent() > PER_SECOND, "sent " + flood.sent());
                assertNull(flood.failure());
            }
        }
    }

    /** A server with a peer that is connected; the flood's end is the server's way to everywhere. */
    private Wg connect(World world) throws IOException, InterruptedException {
        Place at = world.place(0);
        for (int i = 1; i <= 3; i++) {
            world.cable(at, "eth" + i, "10.9." + i + ".1/24", world.place(i), "eth0", "10.9." + i + ".2/24");
            String far = "10.9." + i + ".2";
            Wg.await("the cable to " + far, () -> at.pings(far));
        }
        at.ip("route add default via 10.9.2.2");
        Pairing ours = Pairing.OURS_AND_OURS;
        Wg server = world.start(ours.first(), at, "wgserver");
        Wg peer = world.start(ours.second(), world.place(1), "wgpeer");
        server.configure(own(serverKey) + RoutedPair.peer(peerKey.publicKey(), "10.77.0.2", ""));
        peer.configure(own(peerKey) + RoutedPair.peer(serverKey.publicKey(), "10.77.0.1", "10.9.1.1:" + PORT));
        at.ip("address add 10.77.0.1/24 dev wgserver", "link set wgserver mtu 1420 up");
        world.place(1).ip("address add 10.77.0.2/24 dev wgpeer", "link set wgpeer mtu 1420 up");
        world.place(1).ping("-c 3 -i 0.1", "10.77.0.1");
        return server;
    }

    private static String own(NodePrivateKey key) {
        return "[Interface]\nPrivateKey = " + Base64.getEncoder().encodeToString(key.bytes()) + "\nListenPort = " + PORT
                + "\n";
    }
}
