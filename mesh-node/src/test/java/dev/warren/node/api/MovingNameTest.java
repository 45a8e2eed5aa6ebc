package dev.warren.node.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.cli.NodeMain;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Requirements;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process whose peer has a host name, a hosts file that the test writes, and a server that moves. */
@Timeout(120)
final class MovingNameTest {
    private static final String IN_HOSTS = "mount --bind \"$0\" /etc/hosts && exec \"$@\"";

    private final SecureRandom random = new SecureRandom();
    private final NodePrivateKey clientKey = NodePrivateKey.generate(random);
    private final NodePrivateKey serverKey = NodePrivateKey.generate(random);

    @TempDir
    Path folder;

    private Path hosts;
    private TestMachine client;
    private TestMachine server;
    private TunnelManager tunnels;

    @BeforeEach
    void open() throws Exception {
        Requirements.tun();
        Requirements.program("ip", "ping", "unshare", "mount");
        hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 localhost\n");
        client = new TestMachine(folder.resolve("client"));
        server = new TestMachine(folder.resolve("server"));
        client.connect(server, "eth0", "192.0.2.1", "192.0.2.2");
        tunnels = TunnelManager.open();
    }

    @AfterEach
    void close() {
        if (tunnels != null) {
            tunnels.close();
            client.close();
            server.close();
        }
    }

    private void startServer() throws IOException {
        server.create(
                tunnels,
                InterfaceConfig.named("wgserver")
                        .withPrivateKey(serverKey)
                        .withListenPort(51820)
                        .withAddress("10.9.0.2/24")
                        .withPeer(PeerConfig.of(clientKey.publicKey()).withAllowedIp("10.9.0.1/32")));
    }

    private Process startClient() throws IOException {
        Path config = Files.writeString(
                folder.resolve("wgclient.conf"),
                "[Interface]\nPrivateKey = " + Base64.getEncoder().encodeToString(clientKey.bytes())
                        + "\nAddress = 10.9.0.1/24\n[Peer]\nPublicKey = "
                        + serverKey.publicKey().base64() + "\nAllowedIPs = 10.9.0.2/32\n"
                        + "Endpoint = vpn.warren.test:51820\n");
        return client.launch(List.of(
                "sh",
                "-c",
                IN_HOSTS,
                hosts.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                NodeMain.class.getName(),
                "wireguard",
                "--config",
                config.toString(),
                "wgclient"));
    }

    private static String firstLine(BufferedReader said, String with) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.contains(with)) {
                return line;
            }
            all.append(line).append('\n');
        }
        throw new AssertionError("the process has ended and said: " + all);
    }

    @Test
    void shouldComeUpWithoutAnAddressAndFollowTheNameLater() throws Exception {
        startServer();
        Process process = startClient();
        try (BufferedReader said = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            assertTrue(firstLine(said, "vpn.warren.test").contains("wgclient: the host \"vpn.warren.test\""));
            assertTrue(client.netlink.link("wgclient") != null, "it is up all the same");

            Files.writeString(hosts, "192.0.2.2 vpn.warren.test\n");
            TestMachine.await("the server by its name", () -> client.reaches("10.9.0.2"));

            // As after a restart elsewhere: it knows no client, so it says nothing by which it could be found.
            tunnels.delete("wgserver");
            server.netlink.removeAddress("eth0", InetAddress.ofLiteral("192.0.2.2"), 24);
            server.netlink.addAddress("eth0", InetAddress.ofLiteral("192.0.2.3"), 24);
            startServer();
            Files.writeString(hosts, "192.0.2.3 vpn.warren.test\n");
            TestMachine.await("the server at its new address", () -> client.reaches("10.9.0.2"));
            assertEquals(
                    "192.0.2.1",
                    tunnels.statistics("wgserver")
                            .peers()
                            .getFirst()
                            .endpoint()
                            .orElseThrow()
                            .getAddress()
                            .getHostAddress());
        }
    }
}
