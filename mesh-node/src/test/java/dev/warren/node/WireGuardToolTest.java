package dev.warren.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpPair;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Requirements;
import dev.warren.protocol.testing.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every command of the real {@code wg}, on a plain interface in a namespace of its own. */
@Timeout(60)
final class WireGuardToolTest {
    private static final String NAME = "wgtool";

    /** netns.sh gives one peer so many allowed ips. */
    private static final int MANY = 130_561;

    private static final String IN_NAMESPACE = "mount -t tmpfs none /run && mkdir -p /run/wireguard"
            + " && mount --bind \"$0\" /run/wireguard && exec \"$@\"";

    private final RandomGenerator random = Seeds.random(21);
    private final NodePrivateKey key = NodePrivateKey.generate(random);
    private final String first = NodePrivateKey.generate(random).publicKey().base64();
    private final String second = NodePrivateKey.generate(random).publicKey().base64();
    private final String secret = "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=";

    @TempDir
    Path folder;

    private NetworkNamespace namespace;
    private WireGuardInterface opened;

    @BeforeEach
    void open() throws IOException {
        Requirements.tun();
        Requirements.program("wg", "unshare");
        namespace = NetworkNamespace.create();
        Path socket = Files.createDirectory(folder.resolve("sockets")).resolve(NAME + ".sock");
        opened = namespace.call(() -> WireGuardInterface.open(NAME, socket));
    }

    @AfterEach
    void close() {
        if (opened != null) {
            opened.close();
            namespace.close();
        }
    }

    @Test
    void shouldShowEverything() throws Exception {
        wg(0, "setconf", NAME, file(interfacePart() + firstPart() + secondPart()));
        String own = key.publicKey().base64();
        String privateKey = base64(key.bytes());

        assertEquals(NAME + "\n", wg(0, "show", "interfaces"));
        assertEquals(
                String.join("\t", privateKey, own, "4711", "0x1f") + "\n"
                        + String.join("\t", first, secret, "192.0.2.7:9", "10.1.0.0/16,fd01::/64", "0", "0", "0", "off")
                        + "\n"
                        + String.join("\t", second, "(none)", "(none)", "(none)", "0", "0", "0", "off") + "\n",
                wg(0, "show", NAME, "dump"));
        assertTrue(wg(0, "show", "all", "dump").startsWith(NAME + "\t" + privateKey + "\t"));
        assertEquals(own + "\n", wg(0, "show", NAME, "public-key"));
        assertEquals(privateKey + "\n", wg(0, "show", NAME, "private-key"));
        assertEquals("4711\n", wg(0, "show", NAME, "listen-port"));
        assertEquals("0x1f\n", wg(0, "show", NAME, "fwmark"));
        assertEquals(first + "\n" + second + "\n", wg(0, "show", NAME, "peers"));
        assertEquals(first + "\t" + secret + "\n" + second + "\t(none)\n", wg(0, "show", NAME, "preshared-keys"));
        assertEquals(first + "\t192.0.2.7:9\n" + second + "\t(none)\n", wg(0, "show", NAME, "endpoints"));
        assertEquals(first + "\t10.1.0.0/16 fd01::/64\n" + second + "\t(none)\n", wg(0, "show", NAME, "allowed-ips"));
        assertEquals(first + "\t0\n" + second + "\t0\n", wg(0, "show", NAME, "latest-handshakes"));
        assertEquals(first + "\t0\t0\n" + second + "\t0\t0\n", wg(0, "show", NAME, "transfer"));
        assertEquals(first + "\toff\n" + second + "\toff\n", wg(0, "show", NAME, "persistent-keepalive"));
        String pretty = wg(0, "show", NAME);
        assertTrue(pretty.contains("interface: " + NAME + "\n  public key: " + own + "\n"), pretty);
        assertEquals(pretty, wg(0, "show"));
        assertEquals(pretty, wg(0));
    }

    @Test
    void shouldGiveBackTheConfigurationThatItTook() throws Exception {
        wg(0, "setconf", NAME, file(interfacePart() + firstPart() + secondPart()));
        String shown = wg(0, "showconf", NAME);
        assertEquals(
                (interfacePart() + firstPart() + secondPart()).strip(),
                shown.replaceAll("(?m)^\n", "").strip());
        String dump = wg(0, "show", NAME, "dump");
        wg(0, "setconf", NAME, file(shown));
        assertEquals(dump, wg(0, "show", NAME, "dump"));
    }

    @Test
    void shouldAddToAConfigurationAndBringItInLine() throws Exception {
        wg(0, "setconf", NAME, file(interfacePart() + firstPart()));
        wg(0, "addconf", NAME, file(secondPart()));
        assertEquals(first + "\n" + second + "\n", wg(0, "show", NAME, "peers"));
        assertEquals("4711\n", wg(0, "show", NAME, "listen-port"));

        wg(0, "set", NAME, "peer", first, "persistent-keepalive", "65535");
        wg(0, "syncconf", NAME, file(interfacePart() + firstPart().replace("fd01", "fd02")));
        assertEquals(first + "\n", wg(0, "show", NAME, "peers"), "the other one is gone");
        assertEquals(first + "\t10.1.0.0/16 fd02::/64\n", wg(0, "show", NAME, "allowed-ips"));

        wg(0, "addconf", NAME, file("[Peer]\nPublicKey = " + second + "\nAllowedIPs = 10.1.0.0/16\n"));
        assertEquals(
                first + "\tfd02::/64\n" + second + "\t10.1.0.0/16\n",
                wg(0, "show", NAME, "allowed-ips"),
                "an address belongs to the peer that got it last");
    }

    @Test
    void shouldChangeAndRemoveAPeer() throws Exception {
        wg(
                0,
                "set",
                NAME,
                "peer",
                first,
                "persistent-keepalive",
                "7",
                "endpoint",
                "[fe80::1%lo]:7",
                "allowed-ips",
                "::/0");
        assertEquals(first + "\t7\n", wg(0, "show", NAME, "persistent-keepalive"));
        assertEquals(first + "\t[fe80::1%lo]:7\n", wg(0, "show", NAME, "endpoints"));
        assertEquals(first + "\t::/0\n", wg(0, "show", NAME, "allowed-ips"));
        wg(0, "set", NAME, "peer", first, "preshared-key", file(secret + "\n"), "persistent-keepalive", "off");
        assertEquals(first + "\t" + secret + "\n", wg(0, "show", NAME, "preshared-keys"));
        assertEquals(first + "\toff\n", wg(0, "show", NAME, "persistent-keepalive"));
        wg(0, "set", NAME, "peer", first, "preshared-key", "/dev/null", "allowed-ips", "");
        assertEquals(first + "\t(none)\n", wg(0, "show", NAME, "preshared-keys"));
        assertEquals(first + "\t(none)\n", wg(0, "show", NAME, "allowed-ips"));
        wg(0, "set", NAME, "peer", first, "remove", "peer", second, "remove");
        assertEquals("", wg(0, "show", NAME, "peers"));
    }

    @Test
    void shouldTreatItsOwnKeyAsTheKernelDoes() throws Exception {
        String own = key.publicKey().base64();
        wg(0, "set", NAME, "peer", own, "allowed-ips", "10.1.0.0/16");
        assertEquals(own + "\n", wg(0, "show", NAME, "peers"));
        wg(0, "set", NAME, "private-key", file(base64(key.bytes()) + "\n"));
        assertEquals("", wg(0, "show", NAME, "peers"), "who becomes its own peer loses it");
        wg(0, "set", NAME, "peer", own, "allowed-ips", "10.1.0.0/16");
        assertEquals("", wg(0, "show", NAME, "peers"), "and does not get it again");
        wg(0, "set", NAME, "private-key", "/dev/null");
        wg(0, "set", NAME, "peer", own);
        assertEquals(own + "\n", wg(0, "show", NAME, "peers"), "without a key it is anybody's");

        byte[] raw = new byte[32];
        Arrays.fill(raw, (byte) 0xff);
        wg(0, "set", NAME, "private-key", file(base64(raw) + "\n"));
        raw[0] = (byte) 0xf8;
        raw[31] = 0x7f;
        assertEquals(base64(raw) + "\n", wg(0, "show", NAME, "private-key"), "clamped");
    }

    @Test
    void shouldMoveBothSocketsOrNone() throws Exception {
        wg(0, "set", NAME, "listen-port", "4711");
        assertEquals("4711\n", wg(0, "show", NAME, "listen-port"));
        assertEquals(2, boundTo("udp", 4711), "one for packets, one for handshakes");
        assertEquals(2, boundTo("udp6", 4711));
        try (UdpPair other = namespace.call(() -> UdpPair.open(4712, UdpOptions.DEFAULT))) {
            String refused = wg(1, "set", NAME, "listen-port", Integer.toString(other.port()));
            assertEquals("Unable to modify interface: Address already in use\n", refused);
        }
        assertEquals("4711\n", wg(0, "show", NAME, "listen-port"), "it stays where it was");
        wg(0, "set", NAME, "listen-port", "4712");
        assertEquals(0, boundTo("udp", 4711) + boundTo("udp6", 4711));
        assertEquals(4, boundTo("udp", 4712) + boundTo("udp6", 4712));
    }

    @Test
    void shouldTakeAMarkAndTakeItBack() throws Exception {
        wg(0, "set", NAME, "fwmark", "0xffffffff");
        assertEquals("0xffffffff\n", wg(0, "show", NAME, "fwmark"));
        wg(0, "set", NAME, "listen-port", "4713");
        assertEquals("0xffffffff\n", wg(0, "show", NAME, "fwmark"), "other sockets, the same mark");
        wg(0, "set", NAME, "fwmark", "0");
        assertEquals("off\n", wg(0, "show", NAME, "fwmark"));
    }

    @Test
    void shouldTakeAsManyAddressesAsTheKernel() throws Exception {
        StringBuilder text = new StringBuilder(interfacePart() + "[Peer]\nPublicKey = " + first + "\n");
        for (int i = 0; i < MANY; i++) {
            text.append("AllowedIPs = 10.")
                    .append(i >> 16)
                    .append('.')
                    .append(i >> 8 & 255)
                    .append('.');
            text.append(i & 255).append("/32\n");
        }
        wg(0, "setconf", NAME, file(text.toString()));
        String shown = wg(0, "show", NAME, "allowed-ips");
        assertEquals(MANY, shown.split("/32", -1).length - 1);
        assertTrue(shown.startsWith(first + "\t10.0.0.0/32 10.0.0.1/32 "), "in their order");
        wg(0, "set", NAME, "peer", first, "remove");
        assertFalse(wg(0, "show", NAME, "allowed-ips").contains("/32"));
    }

    private String interfacePart() {
        return "[Interface]\nListenPort = 4711\nFwMark = 0x1f\nPrivateKey = " + base64(key.bytes()) + "\n";
    }

    private String firstPart() {
        return "[Peer]\nPublicKey = " + first + "\nPresharedKey = " + secret
                + "\nAllowedIPs = 10.1.0.0/16, fd01::/64\nEndpoint = 192.0.2.7:9\n";
    }

    private String secondPart() {
        return "[Peer]\nPublicKey = " + second + "\n";
    }

    /** How many sockets of a protocol have this port in the interface's namespace. */
    private long boundTo(String protocol, int port) throws IOException, InterruptedException {
        String table = run(0, List.of("cat", "/proc/net/" + protocol));
        String suffix = String.format(":%04X", port);
        return table.lines()
                .filter(line -> line.strip().split(" +", -1)[1].endsWith(suffix))
                .count();
    }

    private String file(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "wg", ".conf"), text)
                .toString();
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private String wg(int expectedExit, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "unshare",
                "--mount",
                "sh",
                "-c",
                IN_NAMESPACE,
                folder.resolve("sockets").toString(),
                "wg"));
        command.addAll(List.of(arguments));
        return run(expectedExit, command);
    }

    private String run(int expectedExit, List<String> command) throws IOException, InterruptedException {
        Process process = namespace.call(
                () -> new ProcessBuilder(command).redirectErrorStream(true).start());
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(expectedExit, process.waitFor(), output);
        return output;
    }
}
