package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Our tunnel and wireguard-go's, each on a machine of its own, both configured by the real {@code wg}: once we start
 * the handshake, once they do, with and without a preshared key; pings, then TCP both ways.
 */
@Timeout(60)
class WireGuardInteropTest {
    private static final String THEIRS = "wggo";
    private static final String PORT = "51820";
    private static final String OUR_ADDRESS = "10.99.0.1";
    private static final String THEIR_ADDRESS = "10.99.0.2";

    private final SecureRandom random = new SecureRandom();

    @TempDir
    Path folder;

    @ParameterizedTest(name = "Debian''s wireguard-go, we start: {0}, preshared key: {1}")
    @CsvSource({"true,false", "false,false", "true,true", "false,true"})
    void shouldTalkToDebiansWireguardGo(boolean weStart, boolean preshared) throws Exception {
        Path program = Requirements.program("wireguard-go");
        talk(program, weStart, preshared);
    }

    @ParameterizedTest(name = "the newest wireguard-go, we start: {0}, preshared key: {1}")
    @CsvSource({"true,false", "false,false", "true,true", "false,true"})
    void shouldTalkToTheNewestWireguardGo(boolean weStart, boolean preshared) throws Exception {
        talk(Requirements.peer("wireguard"), weStart, preshared);
    }

    private void talk(Path program, boolean weStart, boolean preshared) throws Exception {
        Requirements.tun();
        Requirements.program("wg", "ip", "unshare", "ping", "iperf3");
        try (Host here = new Host(folder.resolve("here"));
                Host there = new Host(folder.resolve("there"))) {
            here.connect(there, "192.0.2.1", "192.0.2.2");
            try (OurTunnel ours = OurTunnel.start(here)) {
                there.launch("env", "LOG_LEVEL=error", program.toString(), "-f", THEIRS);
                Host.await("wireguard-go's socket", () -> Files.exists(there.sockets.resolve(THEIRS + ".sock")));
                configure(here, there, weStart, preshared);
                assertEquals(PORT, Integer.toString(ours.port()), "wg has moved our sockets");
                check(here, there, weStart);
            }
        }
    }

    /** The side that starts is the only one that knows where the other is. */
    private void configure(Host here, Host there, boolean weStart, boolean preshared)
            throws IOException, InterruptedException {
        NodePrivateKey ourKey = NodePrivateKey.generate(random);
        NodePrivateKey theirKey = NodePrivateKey.generate(random);
        String none = "/dev/null";
        String psk = preshared ? secret("psk", PresharedKey.generate(random).bytes()) : none;
        set(
                here,
                OurTunnel.NAME,
                secret("ours", ourKey.bytes()),
                theirKey,
                psk,
                THEIR_ADDRESS,
                weStart ? "192.0.2.2" : "");
        set(there, THEIRS, secret("theirs", theirKey.bytes()), ourKey, psk, OUR_ADDRESS, weStart ? "" : "192.0.2.1");
        here.netlink.addAddress(OurTunnel.NAME, InetAddress.ofLiteral(OUR_ADDRESS), 24);
        there.netlink.bringUp(THEIRS, 1420);
        there.netlink.addAddress(THEIRS, InetAddress.ofLiteral(THEIR_ADDRESS), 24);
    }

    private static void set(
            Host host, String name, String key, NodePrivateKey peer, String psk, String address, String endpoint)
            throws IOException, InterruptedException {
        String peerKey = peer.publicKey().base64();
        host.run("wg", "set", name, "listen-port", PORT, "private-key", key);
        host.run("wg", "set", name, "peer", peerKey, "preshared-key", psk, "allowed-ips", address + "/32");
        if (!endpoint.isEmpty()) {
            host.run("wg", "set", name, "peer", peerKey, "endpoint", endpoint + ":" + PORT);
        }
    }

    private static void check(Host here, Host there, boolean weStart) throws IOException, InterruptedException {
        Host starter = weStart ? here : there;
        starter.ping(10, weStart ? THEIR_ADDRESS : OUR_ADDRESS);

        // netns.sh: ten pings are 10 x 128 bytes, and one handshake message each way.
        String[] ours =
                here.run("wg", "show", OurTunnel.NAME, "transfer").strip().split("\t", -1);
        long started = 10 * 128 + 148;
        long answered = 10 * 128 + 92;
        assertEquals(weStart ? started : answered, Long.parseLong(ours[2]), "sent");
        assertEquals(weStart ? answered : started, Long.parseLong(ours[1]), "received");
        String[] theirs = there.run("wg", "show", THEIRS, "transfer").strip().split("\t", -1);
        assertEquals(ours[2], theirs[1]);
        assertEquals(ours[1], theirs[2]);
        String handshakes = here.run("wg", "show", OurTunnel.NAME, "latest-handshakes");
        assertFalse(handshakes.strip().endsWith("\t0"), handshakes);

        there.serveIperf(THEIR_ADDRESS);
        here.run("iperf3", "-c", THEIR_ADDRESS, "-t", "1");
        there.serveIperf(THEIR_ADDRESS);
        here.run("iperf3", "-c", THEIR_ADDRESS, "-t", "1", "-R");
    }

    private String secret(String name, byte[] bytes) throws IOException {
        String text = Base64.getEncoder().encodeToString(bytes) + "\n";
        return Files.writeString(folder.resolve(name), text).toString();
    }
}
