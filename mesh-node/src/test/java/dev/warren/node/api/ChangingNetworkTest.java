package dev.warren.node.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A laptop whose network changes under its tunnel while it has nothing to say itself: only what its interface does by
 * itself lets the server find it again. Two cables lead to the server.
 */
@Timeout(120)
final class ChangingNetworkTest {
    private static final String SERVER = "10.9.0.2";
    private static final String LAPTOP = "10.9.0.1";
    /** An address behind both cables. */
    private static final String SERVER_OUTSIDE = "198.51.100.2";

    private static final int PORT = 51820;

    private final SecureRandom random = new SecureRandom();
    private final NodePrivateKey laptopKey = NodePrivateKey.generate(random);
    private final NodePrivateKey serverKey = NodePrivateKey.generate(random);

    @TempDir
    Path folder;

    private TestMachine laptop;
    private TestMachine server;
    private TunnelManager tunnels;

    @BeforeEach
    void open() throws Exception {
        Requirements.tun();
        Requirements.program("ip", "ping", "unshare");
        laptop = new TestMachine(folder.resolve("laptop"));
        server = new TestMachine(folder.resolve("server"));
        laptop.connect(server, "eth0", "192.0.2.1", "192.0.2.2");
        laptop.connect(server, "eth1", "203.0.113.1", "203.0.113.2");
        server.netlink.addAddress("lo", InetAddress.ofLiteral(SERVER_OUTSIDE), 32);
        laptop.run("ip route add default via 192.0.2.2");
        tunnels = TunnelManager.open();
        server.create(
                tunnels,
                InterfaceConfig.named("wgserver")
                        .withPrivateKey(serverKey)
                        .withListenPort(PORT)
                        .withAddress(SERVER + "/24")
                        .withPeer(PeerConfig.of(laptopKey.publicKey()).withAllowedIp(LAPTOP + "/32")));
        laptop.create(
                tunnels,
                InterfaceConfig.named("wglaptop")
                        .withPrivateKey(laptopKey)
                        .withAddress(LAPTOP + "/24")
                        .withPeer(PeerConfig.of(serverKey.publicKey())
                                .withEndpoint(SERVER_OUTSIDE + ":" + PORT)
                                .withAllowedIp(SERVER + "/32")));
        TestMachine.await("the tunnel", () -> laptop.reaches(SERVER));
    }

    @AfterEach
    void close() {
        if (tunnels != null) {
            tunnels.close();
            laptop.close();
            server.close();
        }
    }

    @Test
    void shouldBeFoundAtItsNewAddress() throws Exception {
        Instant handshake = handshakeAtServer();
        laptop.netlink.removeAddress("eth0", InetAddress.ofLiteral("192.0.2.1"), 24);
        laptop.netlink.addAddress("eth0", InetAddress.ofLiteral("192.0.2.77"), 24);
        laptop.run("ip route replace default via 192.0.2.2");
        TestMachine.await("the laptop at its new address", () -> server.reaches(LAPTOP));
        assertEquals("192.0.2.77", laptopAt());
        assertEquals(handshake, handshakeAtServer(), "nobody had to find out by a handshake after 15 s of silence");
    }

    @Test
    void shouldBeFoundWhenItsWayOutIsAnother() throws Exception {
        Instant handshake = handshakeAtServer();
        // What it sends left by the first cable, and would go on to do so as long as that has its address.
        laptop.run("ip route replace default via 203.0.113.2");
        server.netlink.takeDown("eth0");
        TestMachine.await("the laptop behind the other cable", () -> server.reaches(LAPTOP));
        assertEquals("203.0.113.1", laptopAt());
        assertEquals(handshake, handshakeAtServer());
    }

    @Test
    void shouldBeFoundWhenARouteToItsPeerAloneLeadsElsewhere() throws Exception {
        Instant handshake = handshakeAtServer();
        laptop.run("ip route add " + SERVER_OUTSIDE + "/32 via 203.0.113.2");
        server.netlink.takeDown("eth0");
        TestMachine.await("the laptop behind the other cable", () -> server.reaches(LAPTOP));
        assertEquals("203.0.113.1", laptopAt());
        server.netlink.bringUp("eth0", 1500);
        laptop.run("ip route del " + SERVER_OUTSIDE + "/32");
        server.netlink.takeDown("eth1");
        TestMachine.await("the laptop behind the first cable", () -> server.reaches(LAPTOP));
        assertEquals("192.0.2.1", laptopAt());
        assertEquals(handshake, handshakeAtServer(), "nobody had to find out by a handshake after 15 s of silence");
    }

    @Test
    void shouldBeQuietWhileItsInterfaceIsDownAndOpenItsLineWhenItIsUp() throws Exception {
        tunnelsUpdate(600);
        Instant before = handshakeAtServer();
        laptop.netlink.takeDown("wglaptop");
        TestMachine.await("the end of its session", () -> !server.reaches(LAPTOP));
        assertFalse(server.reaches(LAPTOP));
        laptop.netlink.bringUp("wglaptop", 1420);
        TestMachine.await("a handshake by itself", () -> handshakeAtServer().isAfter(before));
        TestMachine.await("the laptop", () -> server.reaches(LAPTOP));
    }

    private void tunnelsUpdate(int keepaliveSeconds) throws IOException {
        tunnels.updatePeer(
                "wglaptop",
                PeerConfig.of(serverKey.publicKey())
                        .withEndpoint(SERVER_OUTSIDE + ":" + PORT)
                        .withAllowedIp(SERVER + "/32")
                        .withPersistentKeepalive(keepaliveSeconds));
    }

    private Instant handshakeAtServer() throws IOException {
        return tunnels.statistics("wgserver").peers().getFirst().lastHandshake().orElseThrow();
    }

    private String laptopAt() throws IOException {
        return tunnels.statistics("wgserver")
                .peers()
                .getFirst()
                .endpoint()
                .orElseThrow()
                .getAddress()
                .getHostAddress();
    }
}
