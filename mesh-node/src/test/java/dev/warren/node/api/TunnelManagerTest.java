package dev.warren.node.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.LinuxException;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several interfaces of one process in two namespaces with a cable between them, and the real {@code wg} beside. */
@Timeout(120)
final class TunnelManagerTest {
    private static final int PORT = 51820;

    private final SecureRandom random = new SecureRandom();
    private final NodePrivateKey leftKey = NodePrivateKey.generate(random);
    private final NodePrivateKey rightKey = NodePrivateKey.generate(random);

    @TempDir
    Path folder;

    private TestMachine left;
    private TestMachine right;
    private TunnelManager tunnels;

    @BeforeEach
    void open() throws Exception {
        Requirements.tun();
        Requirements.program("wg", "ip", "ping", "unshare");
        left = new TestMachine(folder.resolve("sockets"));
        right = new TestMachine(folder.resolve("sockets"));
        left.connect(right, "eth0", "192.0.2.1", "192.0.2.2");
        tunnels = TunnelManager.openToWg(folder.resolve("sockets"));
    }

    @AfterEach
    void close() {
        if (tunnels != null) {
            tunnels.close();
            left.close();
            right.close();
        }
    }

    private InterfaceConfig leftConfig() {
        return InterfaceConfig.named("wgleft")
                .withPrivateKey(leftKey)
                .withListenPort(PORT)
                .withAddress("10.9.0.1/24")
                .withPeer(PeerConfig.of(rightKey.publicKey())
                        .withEndpoint("192.0.2.2:" + PORT)
                        .withAllowedIp("10.9.0.2/32"));
    }

    private InterfaceConfig rightConfig() {
        return InterfaceConfig.named("wgright")
                .withPrivateKey(rightKey)
                .withListenPort(PORT)
                .withAddress("10.9.0.2/24")
                .withPeer(PeerConfig.of(leftKey.publicKey()).withAllowedIp("10.9.0.1/32"));
    }

    private void createBoth() throws IOException {
        left.create(tunnels, leftConfig());
        right.create(tunnels, rightConfig());
    }

    @Test
    void shouldCarryPacketsBetweenTwoInterfacesOfOneProcess() throws Exception {
        createBoth();
        assertEquals(List.of("wgleft", "wgright"), tunnels.list());
        left.ping(5, "10.9.0.2");
    }

    @Test
    void shouldCountAsWgDoes() throws Exception {
        createBoth();
        InterfaceStatistics before = tunnels.statistics("wgright");
        assertEquals(Optional.empty(), before.peers().getFirst().lastHandshake());
        assertEquals(Optional.empty(), before.peers().getFirst().endpoint());
        Instant start = Instant.now();
        left.ping(3, "10.9.0.2");

        PeerStatistics seen =
                tunnels.statistics("wgright").peer(leftKey.publicKey()).orElseThrow();
        Duration age = Duration.between(start, seen.lastHandshake().orElseThrow());
        assertTrue(age.abs().toSeconds() < 30, age.toString());
        assertEquals(Optional.of(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), PORT)), seen.endpoint());
        String[] transfer = right.run("wg show wgright transfer").strip().split("\t", -1);
        assertEquals(
                List.of(leftKey.publicKey().base64(), seen.rxBytes() + "", seen.txBytes() + ""), List.of(transfer));
        assertTrue(seen.rxBytes() >= 148 + 3 * 128, transfer[1]);
        String handshake =
                right.run("wg show wgright latest-handshakes").strip().split("\t", -1)[1];
        assertEquals(seen.lastHandshake().orElseThrow().getEpochSecond(), Long.parseLong(handshake));
        InterfaceStatistics whole = tunnels.statistics("wgright");
        assertEquals(Optional.of(rightKey.publicKey()), whole.publicKey());
        assertEquals(PORT, whole.listenPort());
        assertEquals(seen.rxBytes(), whole.rxBytes());
        assertEquals(seen.txBytes(), whole.txBytes());
    }

    @Test
    void shouldShowWhatItWasSetToAndWhatOthersHaveChanged() throws Exception {
        InterfaceConfig config = leftConfig()
                .withFwmark(0x77)
                .withAddress("fd09::1/64")
                .withMtuBytes(1380)
                .withPeer(PeerConfig.of(keyOfSomebody())
                        .withPresharedKey(PresharedKey.generate(random))
                        .withAllowedIp("fd09::3/128")
                        .withPersistentKeepalive(25));
        left.create(tunnels, config);
        assertEquals(Optional.of(config), tunnels.get("wgleft"));
        assertEquals(Optional.empty(), tunnels.get("wgright"));
        Link link = Objects.requireNonNull(left.netlink.link("wgleft"));
        assertTrue(link.isUp());
        assertEquals(1380, link.mtuBytes());

        left.run("wg set wgleft listen-port 51999 fwmark 0 peer "
                + rightKey.publicKey().base64() + " remove");
        left.run("ip address add 10.9.0.7/24 dev wgleft");
        InterfaceConfig changed = tunnels.get("wgleft").orElseThrow();
        assertEquals(51999, changed.listenPort());
        assertEquals(0, changed.fwmark());
        assertEquals(List.of(config.peers().get(1)), changed.peers());
        assertTrue(changed.addresses().contains(InterfaceAddress.parse("10.9.0.7/24")), changed.toString());
    }

    @Test
    void shouldFindAPeerByItsHostName() throws Exception {
        InterfaceConfig config = leftConfig()
                .withPeers(List.of(
                        leftConfig().peers().getFirst().withEndpoint("localhost:51999"),
                        PeerConfig.of(keyOfSomebody()).withEndpoint("nobody.invalid:1")));
        left.create(tunnels, rightConfig().withListenPort(51999));
        left.create(tunnels, config);
        assertEquals(Optional.of(config), tunnels.get("wgleft"), "names stay names");
        TestMachine.await("an address", () -> !tunnels.statistics("wgleft")
                .peers()
                .getFirst()
                .endpoint()
                .isEmpty());
        PeerConfig peer = config.peers().getFirst();
        tunnels.updatePeer("wgleft", peer.withPersistentKeepalive(1));
        TestMachine.await("a handshake", () -> tunnels.statistics("wgright")
                .peers()
                .getFirst()
                .lastHandshake()
                .isPresent());

        // Whatever it still sends would lead back to where it sends from.
        assertTrue(tunnels.delete("wgright"));
        left.run("wg set wgleft peer " + rightKey.publicKey().base64() + " endpoint 127.0.0.2:51999");
        assertEquals(
                "127.0.0.2",
                tunnels.peers("wgleft").getFirst().endpoint().orElseThrow().host());
        tunnels.updatePeer("wgleft", peer);
        assertEquals(peer.endpoint(), tunnels.peers("wgleft").getFirst().endpoint());
    }

    private NodePublicKey keyOfSomebody() {
        return NodePrivateKey.generate(random).publicKey();
    }

    @Test
    void shouldAddUpdateAndRemovePeers() throws Exception {
        left.create(tunnels, leftConfig().withPeers(List.of()));
        assertEquals(List.of(), tunnels.peers("wgleft"));
        PeerConfig peer = leftConfig().peers().getFirst();
        tunnels.addPeer("wgleft", peer);
        assertEquals(List.of(peer), tunnels.peers("wgleft"));
        assertThrows(IllegalStateException.class, () -> tunnels.addPeer("wgleft", peer));

        PeerConfig other = PeerConfig.of(keyOfSomebody()).withAllowedIp("10.9.0.2/32");
        tunnels.addPeer("wgleft", other);
        assertEquals(List.of(peer.withAllowedIps(List.of()), other), tunnels.peers("wgleft"), "a block has one owner");
        PeerConfig updated = peer.withAllowedIp("10.9.0.9/32")
                .withPersistentKeepalive(7)
                .withPresharedKey(PresharedKey.generate(random));
        tunnels.updatePeer("wgleft", updated);
        assertEquals(List.of(updated, other.withAllowedIps(List.of())), tunnels.peers("wgleft"));
        tunnels.updatePeer("wgleft", peer);
        assertEquals(peer, tunnels.peers("wgleft").getFirst(), "nothing of the update is left");

        assertTrue(tunnels.removePeer("wgleft", peer.publicKey()));
        assertFalse(tunnels.removePeer("wgleft", peer.publicKey()));
        NoSuchElementException unknown =
                assertThrows(NoSuchElementException.class, () -> tunnels.updatePeer("wgleft", peer));
        assertTrue(
                String.valueOf(unknown.getMessage()).contains(peer.publicKey().base64()), unknown.getMessage());
        assertThrows(
                IllegalArgumentException.class, () -> tunnels.addPeer("wgleft", PeerConfig.of(leftKey.publicKey())));
        assertEquals(1, tunnels.peers("wgleft").size());
    }

    @Test
    void shouldKeepSessionAndPlaceOfAPeerThatIsUpdated() throws Exception {
        createBoth();
        left.run("ping -c 1 -W 5 10.9.0.2");
        InterfaceStatistics before = tunnels.statistics("wgright");
        tunnels.updatePeer("wgright", rightConfig().peers().getFirst().withAllowedIp("10.9.0.8/32"));
        PeerStatistics after = tunnels.statistics("wgright").peers().getFirst();
        assertEquals(before.peers().getFirst().endpoint(), after.endpoint());
        right.run("ping -c 1 -W 5 10.9.0.1");
        assertEquals(
                before.peers().getFirst().lastHandshake(),
                tunnels.statistics("wgright").peers().getFirst().lastHandshake());
    }

    @Test
    void shouldLeaveNothingBehindWhenTheSystemRefuses() throws Exception {
        left.create(tunnels, leftConfig());
        assertThrows(IllegalStateException.class, () -> left.create(tunnels, leftConfig()));
        long threads = threads();
        long files = files();

        LinuxException port = assertThrows(
                LinuxException.class, () -> left.create(tunnels, rightConfig().withListenPort(PORT)));
        assertTrue(port.getMessage().contains("UDP port " + PORT + " is in use"), port.getMessage());
        left.run("ip link add wgtaken type veth peer name wgother");
        LinuxException name =
                assertThrows(LinuxException.class, () -> left.create(tunnels, InterfaceConfig.named("wgtaken")));
        assertTrue(name.getMessage().contains("wgtaken exists"), name.getMessage());
        left.run("sysctl -qw net.ipv6.conf.default.disable_ipv6=1");
        IOException address = assertThrows(
                IOException.class,
                () -> left.create(tunnels, InterfaceConfig.named("wgaddress").withAddress("fd09::1/64")));
        assertTrue(String.valueOf(address.getMessage()).contains("fd09:0:0:0:0:0:0:1/64"), address.getMessage());
        // A folder in place of the socket: the last step fails.
        Files.createDirectories(folder.resolve("sockets/wgsocket.sock/full"));
        UserError socket = assertThrows(UserError.class, () -> left.create(tunnels, InterfaceConfig.named("wgsocket")));
        assertTrue(String.valueOf(socket.getMessage()).contains("wgsocket.sock is no socket"), socket.getMessage());

        assertEquals(List.of("wgleft"), tunnels.list());
        for (String gone : List.of("wgright", "wgaddress", "wgsocket")) {
            assertNull(left.netlink.link(gone), gone);
        }
        assertFalse(Files.exists(folder.resolve("sockets/wgaddress.sock")));
        TestMachine.await("the threads to end", () -> threads() <= threads);
        TestMachine.await("the files to be closed", () -> files() <= files);
    }

    @Test
    void shouldNameWhatIsNotThere() {
        NoSuchElementException none = assertThrows(NoSuchElementException.class, () -> tunnels.statistics("wgnone"));
        assertEquals("there is no interface \"wgnone\" here: create it first", none.getMessage());
        assertThrows(NoSuchElementException.class, () -> tunnels.peers("wgnone"));
        assertFalse(tunnels.delete("wgnone"));
    }

    @Test
    void shouldTellOfAnInterfaceThatSomebodyDeleted() throws Exception {
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        TunnelManager.Listener noMore = (name, reason) -> told.add("told though it was removed");
        tunnels.addListener(noMore);
        tunnels.removeListener(noMore);
        tunnels.addListener((name, reason) -> {
            throw new IllegalStateException("a listener with a fault of its own");
        });
        tunnels.addListener((name, reason) -> told.add(name + ": " + tunnels.list()));
        createBoth();
        left.netlink.delete("wgleft");
        assertEquals("wgleft: [wgright]", told.take());
        assertEquals(Optional.empty(), tunnels.get("wgleft"));
        left.create(tunnels, leftConfig());
        assertTrue(tunnels.delete("wgleft"));
        assertNull(left.netlink.link("wgleft"));
        tunnels.close();
        assertNull(told.poll(), "who deletes an interface knows it");
    }

    @Test
    void shouldEndOnceAndForAll() throws Exception {
        createBoth();
        tunnels.close();
        tunnels.close();
        assertNull(left.netlink.link("wgleft"));
        assertNull(right.netlink.link("wgright"));
        try (var sockets = Files.list(folder.resolve("sockets"))) {
            assertEquals(List.of(), sockets.toList());
        }
        IllegalStateException closed = assertThrows(IllegalStateException.class, () -> tunnels.list());
        assertEquals("this TunnelManager is closed", closed.getMessage());
        assertThrows(IllegalStateException.class, () -> left.create(tunnels, leftConfig()));
    }

    @Test
    void shouldBeUsableWithoutAKeyAndWithoutWg() throws Exception {
        try (TunnelManager quiet = TunnelManager.open()) {
            left.create(quiet, InterfaceConfig.named("wgquiet"));
            InterfaceConfig config = quiet.get("wgquiet").orElseThrow();
            assertEquals(Optional.empty(), config.privateKey());
            assertTrue(config.listenPort() > 0, "the port that the system chose");
            assertEquals(Optional.empty(), quiet.statistics("wgquiet").publicKey());
            assertFalse(Files.exists(folder.resolve("sockets/wgquiet.sock")));
        }
        assertNull(left.netlink.link("wgquiet"));
    }

    @Test
    void shouldServeManyThreadsAtOnce() throws Exception {
        createBoth();
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Integer>> work = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                String name = thread % 2 == 0 ? "wgleft" : "wgright";
                work.add(threads.submit(() -> changePeers(name)));
            }
            for (Future<Integer> done : work) {
                assertEquals(50, done.get());
            }
        }
        assertEquals(1 + 4 * 25, tunnels.peers("wgleft").size());
        assertEquals(1 + 4 * 25, tunnels.peers("wgright").size());
    }

    private int changePeers(String name) throws IOException {
        int changes = 0;
        for (int i = 0; i < 25; i++) {
            PeerConfig peer = PeerConfig.of(keyOfSomebody());
            tunnels.addPeer(name, peer);
            tunnels.updatePeer(name, peer.withPersistentKeepalive(1000 + i));
            tunnels.addPeer(name, PeerConfig.of(NodePublicKey.of(changed(peer.publicKey()))));
            changes += tunnels.removePeer(name, NodePublicKey.of(changed(peer.publicKey()))) ? 2 : 0;
            assertTrue(tunnels.statistics(name).peer(peer.publicKey()).isPresent());
        }
        return changes;
    }

    private static byte[] changed(NodePublicKey key) {
        byte[] bytes = key.bytes();
        bytes[7] ^= 1;
        return bytes;
    }

    @Test
    void shouldNotGrowByComingAndGoing() throws Exception {
        for (int i = 0; i < 10; i++) {
            comeAndGo();
        }
        long threads = threads();
        long files = files();
        long before = residentKilobytes();
        for (int i = 0; i < 100; i++) {
            comeAndGo();
        }
        TestMachine.await("the threads to end", () -> threads() <= threads);
        TestMachine.await("the files to be closed", () -> files() <= files);
        TestMachine.await("the memory to be given back", () -> residentKilobytes() < before + 100_000);
    }

    private void comeAndGo() throws IOException {
        left.create(tunnels, leftConfig());
        tunnels.statistics("wgleft");
        assertTrue(tunnels.delete("wgleft"));
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains("wg"))
                .count();
    }

    private static long files() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    private static long residentKilobytes() throws IOException {
        System.gc();
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }
}
