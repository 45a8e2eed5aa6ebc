package dev.warren.loadtest.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.node.control.NodeStatus;
import dev.warren.platform.config.SecretFile;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.protocol.testing.Pings;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real programs on the demo's small internet, whose NAT routers are made symmetric: two nodes behind them end on the
 * relay's UDP port, and fall back to its TCP port when that goes silent.
 */
@Timeout(240)
final class UdpRelayMeshTest {
    private static final int UDP_RELAY_PORT = 3479;
    private static final int OPS_PORT = 9443;
    private static final long LIMIT_MILLIS = 45_000;
    private static final long POLL_MILLIS = 50;
    private static final long BYTES = 16L << 20;

    @TempDir
    Path folder;

    private final List<Machine> machines = new ArrayList<>();
    private @Nullable Sandbox sandbox;

    @BeforeEach
    void root() {
        Requirements.root();
    }

    @AfterEach
    void end() {
        machines.forEach(Machine::close);
        if (sandbox != null) {
            sandbox.close();
        }
    }

    @Test
    void twoNodesBehindSymmetricNatsEndOnTheUdpRelay() throws Exception {
        sandbox = Sandbox.start("this test", "mvn test");
        Internet internet = Internet.build(sandbox, folder);
        Symmetric.make(internet, "nat-a");
        Symmetric.make(internet, "nat-b");
        checkThatItIsSymmetric(internet);
        Launcher launcher = ClassPathLauncher.in(folder);
        String token = startServers(internet, launcher);
        Machine a = startNode("a", internet, launcher, token);
        Machine b = startNode("b", internet, launcher, token);

        NodeStatus.Peer peer = await(a, "udp-relay");
        assertTrue(
                peer.address() != null && peer.address().startsWith(Internet.RELAY + ":" + UDP_RELAY_PORT + " vni "),
                peer.toString());
        await(b, "udp-relay");
        String status = Shell.run(
                a.on(launcher.command("status", "--state-dir", a.stateFolder().toString())));
        assertTrue(status.contains("udp-relay " + peer.address()), status);
        String pong = Shell.run(a.on(launcher.command(
                "ping", "-c", "1", "--state-dir", a.stateFolder().toString(), "b")));
        assertTrue(pong.contains("via udp-relay " + peer.address() + " in "), pong);
        String netcheck = Shell.run(
                a.on(launcher.command("netcheck", "--state-dir", a.stateFolder().toString())));
        assertTrue(netcheck.contains("home relay      region 900 "), "it asks the agent's relays:\n" + netcheck);

        String address = Machine.bare(peer.addresses().getFirst());
        Shell.run(a.on(Pings.oneByOne(5, List.of(address))));
        double before = forwardedBytes(internet);
        Transfer.Outcome sent = Transfer.run(a, b, address, BYTES, Duration.ofSeconds(60));
        assertEquals(sent.sent(), sent.received());
        assertTrue(forwardedBytes(internet) - before >= BYTES, "it went through the UDP relay");
        assertEquals("udp-relay", peerOf(a).orElseThrow().path());

        // The port goes silent: the same connection's other packets find their way over DERP.
        nft(
                internet,
                "relay",
                "add table inet off; add chain inet off in { type filter hook input priority 0; };"
                        + " add rule inet off in udp dport " + UDP_RELAY_PORT + " drop");
        await(a, "relay");
        // Each end finds out by itself, and until b has, its answers go where a's packets went.
        await(b, "relay");
        Shell.run(a.on(Pings.oneByOne(3, List.of(address))));
        nft(internet, "relay", "delete table inet off");
        await(a, "udp-relay");
    }

    private static void nft(Internet internet, String host, String rules) throws IOException {
        Shell.run(internet.on(host, List.of("nft", rules)));
    }

    /** Fails when two servers see one socket of a at the same port. */
    private static void checkThatItIsSymmetric(Internet internet) throws IOException {
        try (DatagramSocket relay = socket(internet, "relay");
                DatagramSocket stun = socket(internet, "stun");
                DatagramSocket a = socket(internet, "a")) {
            a.send(new DatagramPacket(new byte[1], 1, InetAddress.ofLiteral(Internet.RELAY), relay.getLocalPort()));
            a.send(new DatagramPacket(new byte[1], 1, InetAddress.ofLiteral(Internet.STUN), stun.getLocalPort()));
            DatagramPacket atRelay = new DatagramPacket(new byte[1], 1);
            DatagramPacket atStun = new DatagramPacket(new byte[1], 1);
            relay.receive(atRelay);
            stun.receive(atStun);
            assertEquals(atRelay.getAddress(), atStun.getAddress());
            assertNotEquals(atRelay.getPort(), atStun.getPort());
        }
    }

    private static DatagramSocket socket(Internet internet, String host) throws IOException {
        try (NetworkNamespace network = NetworkNamespace.enter(internet.networkOf(host))) {
            DatagramSocket socket = network.call(() -> new DatagramSocket(0));
            socket.setSoTimeout(5_000);
            return socket;
        }
    }

    /** Relay, STUN server and coordinator; the token to join with. */
    private String startServers(Internet internet, Launcher launcher) throws IOException {
        String stun = Internet.STUN + ":3478";
        Service.start("stun", internet.on("stun", launcher.command("stun", "--listen", stun)), folder);
        Service relay = Service.start(
                "relay",
                internet.on(
                        "relay",
                        launcher.command(
                                "relay",
                                "--listen",
                                Internet.RELAY + ":443",
                                "--hostname",
                                Internet.RELAY,
                                "--node-key",
                                folder.resolve("relay.key").toString(),
                                "--ops-listen",
                                Internet.RELAY + ":" + OPS_PORT,
                                "--udp-relay-listen",
                                ":" + UDP_RELAY_PORT)),
                folder);
        relay.awaitSaid("UDP relay on udp port " + UDP_RELAY_PORT, LIMIT_MILLIS);
        String spec = Files.readString(folder.resolve("relay.log"))
                .lines()
                .filter(line -> line.startsWith("for others:"))
                .map(line -> line.substring(line.indexOf("--relay ") + "--relay ".length()))
                .findFirst()
                .orElseThrow();
        assertTrue(spec.contains(",disco=discokey:"), spec);
        String data = folder.resolve("coordinator").toString();
        String listen = Internet.COORDINATOR + ":8443";
        Service coordinator = Service.start(
                "coordinator",
                internet.on(
                        "coordinator",
                        launcher.command(
                                "coordinator",
                                "--listen",
                                listen,
                                "--public",
                                listen,
                                "--data-dir",
                                data,
                                "--relay",
                                spec + ",stun=" + stun)),
                folder);
        coordinator.awaitSaid("token create", LIMIT_MILLIS);
        Path token = folder.resolve("token");
        SecretFile.write(
                token,
                Shell.run(internet.on(
                        "coordinator",
                        launcher.command("coordinator", "token", "create", "--reusable", "--data-dir", data))));
        return token.toString();
    }

    private Machine startNode(String name, Internet internet, Launcher launcher, String token) throws IOException {
        Machine machine = Machine.start(name, internet, folder);
        machines.add(machine);
        Service node = Service.start(
                "node-" + name,
                machine.on(launcher.command(
                        "up",
                        "--token-file",
                        token,
                        "--state-dir",
                        machine.stateFolder().toString(),
                        "--hostname",
                        name)),
                folder);
        node.awaitSaid("up as " + name, LIMIT_MILLIS);
        return machine;
    }

    /** Pings the peer until the node says that it is reached this way. */
    private static NodeStatus.Peer await(Machine machine, String path) throws IOException {
        long end = System.nanoTime() + LIMIT_MILLIS * 1_000_000;
        while (true) {
            Optional<NodeStatus.Peer> peer = peerOf(machine);
            if (peer.isPresent() && peer.get().path().equals(path)) {
                return peer.get();
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("not by " + path + " in time, but: " + peer);
            }
            if (peer.isPresent() && !peer.get().addresses().isEmpty()) {
                String address = Machine.bare(peer.get().addresses().getFirst());
                Process ping = Shell.builder(machine.on(List.of("ping", "-c", "1", "-W", "1", address)))
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
                Shell.waitFor(ping);
            }
            Service.pause(POLL_MILLIS);
        }
    }

    private static Optional<NodeStatus.Peer> peerOf(Machine machine) {
        NodeStatus status = machine.status();
        return status == null ? Optional.empty() : status.peers().stream().findFirst();
    }

    private static double forwardedBytes(Internet internet) throws IOException {
        try (NetworkNamespace network = NetworkNamespace.enter(internet.networkOf("relay"));
                SocketChannel channel = network.call(SocketChannel::open)) {
            channel.connect(new InetSocketAddress(InetAddress.ofLiteral(Internet.RELAY), OPS_PORT));
            String request = "GET /metrics HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            String answer = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            return answer.lines()
                    .filter(line -> line.startsWith("warren_udp_relay_forwarded_bytes_total "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(answer));
        }
    }
}
