package dev.warren.loadtest.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real, unmodified wg-quick at both ends of a tunnel, each on a machine of its own: {@code warren-wireguard} behind
 * the one and the newest wireguard-go behind the other.
 */
@Timeout(120)
class WgQuickTest {
    private static final String OURS = "wgq" + ProcessHandle.current().pid();
    private static final String THEIRS = "wgt" + ProcessHandle.current().pid();

    /** The ends of the cable, and an address of theirs that only a default route leads to. */
    private static final String HERE = "192.0.2.1";

    private static final String THERE = "192.0.2.2";
    private static final int PINGS = 10;
    private static final String FAR_AWAY = "203.0.113.5";

    private final SecureRandom random = new SecureRandom();
    private final NodePrivateKey ourKey = NodePrivateKey.generate(random);
    private final NodePrivateKey theirKey = NodePrivateKey.generate(random);
    private final String preshared = base64(PresharedKey.generate(random).bytes());

    @TempDir
    Path folder;

    private Host here;
    private Host there;
    private WireGuardScript script;
    private Path ourFile;
    private Path theirFile;

    @BeforeEach
    void connectTwoMachines() throws Exception {
        Requirements.tun();
        Requirements.program("wg-quick", "wg", "ip", "nft", "sysctl", "unshare", "ping");
        Requirements.peer("wireguard");
        here = new Host(folder.resolve("here"));
        there = new Host(folder.resolve("there"));
        script = new WireGuardScript(folder);
        here.connect(there, HERE, THERE);
        there.netlink.addAddress("lo", InetAddress.ofLiteral(FAR_AWAY), 32);
        here.run("ip", "route", "add", "default", "via", THERE);
        ourFile = folder.resolve(OURS + ".conf");
        theirFile = folder.resolve(THEIRS + ".conf");
    }

    @AfterEach
    void end() throws Exception {
        if (there != null) {
            if (there.netlink.link(THEIRS) != null) {
                there.run("ip", "link", "delete", THEIRS); // which ends wireguard-go
            }
            script.close();
            here.close();
            there.close();
        }
    }

    @Test
    void shouldCarryTrafficBetweenOursAndWireguardGo() throws Exception {
        Path up = folder.resolve("up");
        Path down = folder.resolve("down");
        theirsUp("10.99.0.1/32, fd00:99::1/128");
        write(
                ourFile,
                """
                Address = 10.99.0.1/24, fd00:99::1/64
                ListenPort = 4711
                MTU = 1380
                PostUp = wg show %%i listen-port > %s
                PreDown = wg show %%i peers > %s
                """
                        .formatted(up, down),
                peer(theirKey, "10.99.0.2/32, fd00:99::2/128", THERE));
        String said = quick("up", ourFile);
        assertTrue(said.contains("[#] " + WireGuardScript.path() + " " + OURS + "\n"), said);

        assertEquals("4711\n", Files.readString(up), "PostUp");
        assertEquals(1380, Objects.requireNonNull(here.netlink.link(OURS)).mtuBytes());
        here.ping(PINGS, "10.99.0.2");
        here.ping(PINGS, "fd00:99::2");
        there.ping(PINGS, "10.99.0.1");
        shouldPadNoFurtherThanTheMtu();

        quick("down", ourFile);
        assertEquals(theirKey.publicKey().base64() + "\n", Files.readString(down), "PreDown");
        assertNothingIsLeft();
    }

    /** An inner packet of 1380 bytes is no multiple of 16, and stays as it is at an MTU of 1380. */
    private void shouldPadNoFurtherThanTheMtu() throws Exception {
        long before = sentBytes();
        here.run("ping", "-c", "1", "-M", "do", "-s", "1352", "-W", "5", "10.99.0.2");
        assertEquals(1380 + 32, sentBytes() - before);
    }

    @Test
    void shouldLeadTheDefaultRouteThroughTheTunnelAndItsOwnPacketsAroundIt() throws Exception {
        there.netlink.addAddress("lo", InetAddress.ofLiteral("198.51.100.9"), 32);
        there.netlink.addAddress("lo", InetAddress.ofLiteral("2001:db8:99::9"), 128);
        theirsUp("10.99.0.1/32, fd00:99::1/128");
        write(ourFile, "Address = 10.99.0.1/24, fd00:99::1/64\n", peer(theirKey, "0.0.0.0/0, ::/0", FAR_AWAY));
        quick("up", ourFile);

        assertEquals("0xca6c\n", here.run("wg", "show", OURS, "fwmark"));
        assertEquals(1420, Objects.requireNonNull(here.netlink.link(OURS)).mtuBytes(), "80 less than the way there");
        here.ping(PINGS, "198.51.100.9");
        here.ping(PINGS, "2001:db8:99::9");
        String[] moved = here.run("wg", "show", OURS, "transfer").strip().split("\t", -1);
        assertTrue(Long.parseLong(moved[1]) > 20 * 128, "they went through the tunnel");

        quick("down", ourFile);
        assertFalse(here.run("ip", "rule").contains("lookup 51820"));
        assertFalse(here.run("ip", "-6", "rule").contains("suppress_prefixlength"));
        assertEquals("", here.run(script.with(OURS, "nft", "list", "tables")));
        assertNothingIsLeft();
    }

    @Test
    void shouldLeaveTheRoutesAloneWhenTableIsOff() throws Exception {
        write(ourFile, "Address = 10.99.0.1/32\nTable = off\n", peer(theirKey, "10.98.0.0/16, 0.0.0.0/0", THERE));
        quick("up", ourFile);
        assertFalse(here.run("ip", "route", "show", "table", "all").contains("10.98.0.0/16"));
        assertEquals("off\n", here.run("wg", "show", OURS, "fwmark"));
        quick("down", ourFile);
        assertNothingIsLeft();
    }

    @Test
    void shouldSaveWhatWasChangedAndTakeItAgain() throws Exception {
        write(
                ourFile,
                "Address = 10.99.0.1/24\nListenPort = 4711\nSaveConfig = true\n",
                peer(theirKey, "10.99.0.2/32", THERE));
        quick("up", ourFile);
        String added = NodePrivateKey.generate(random).publicKey().base64();
        String[] change = {
            "wg",
            "set",
            OURS,
            "fwmark",
            "0x7",
            "peer",
            added,
            "endpoint",
            "[2001:db8::7]:9",
            "persistent-keepalive",
            "9",
            "allowed-ips",
            "10.5.0.0/24,fd05::/64"
        };
        here.run(change);
        String dump = here.run("wg", "show", OURS, "dump").replaceAll("\t[0-9]+\t[0-9]+\t([0-9]+|off)\n", "\t$1\n");
        quick("save", ourFile);
        String saved = Files.readString(ourFile);
        for (String line : List.of(
                "Address = 10.99.0.1/24",
                "SaveConfig = true",
                "ListenPort = 4711",
                "FwMark = 0x7",
                "PrivateKey = " + base64(ourKey.bytes()),
                "PublicKey = " + added,
                "PresharedKey = " + preshared,
                "AllowedIPs = 10.5.0.0/24, fd05::/64",
                "Endpoint = [2001:db8::7]:9",
                "PersistentKeepalive = 9")) {
            assertTrue(saved.lines().anyMatch(line::equals), line + " in " + saved);
        }
        String stripped = quick("strip", ourFile);
        assertFalse(stripped.contains("Address"), stripped);
        assertTrue(stripped.contains("Endpoint = [2001:db8::7]:9"), stripped);

        here.run("wg", "set", OURS, "peer", theirKey.publicKey().base64(), "remove");
        quick("down", ourFile);
        assertFalse(Files.readString(ourFile).contains(theirKey.publicKey().base64()), "going down saves");
        Files.writeString(ourFile, saved);
        quick("up", ourFile);
        assertEquals(
                dump.lines().sorted().toList(),
                here.run("wg", "show", OURS, "dump")
                        .replaceAll("\t[0-9]+\t[0-9]+\t([0-9]+|off)\n", "\t$1\n")
                        .lines()
                        .sorted()
                        .toList());
        quick("down", ourFile);
        assertNothingIsLeft();
    }

    @Test
    void shouldUndoEverythingWhenTheConfigurationIsWrong() throws Exception {
        write(ourFile, "Address = 10.99.0.1/24\nListenPort = 4711\n", "[Peer]\nPublicKey = short\n");
        String said = quick(1, "up", ourFile);
        assertTrue(said.contains("Key is not the correct length or format"), said);
        assertNothingIsLeft();
    }

    @Test
    void shouldComeUpAgainAtOnce() throws Exception {
        write(ourFile, "Address = 10.99.0.1/24\n", peer(theirKey, "10.99.0.2/32", THERE));
        for (int i = 0; i < 3; i++) {
            quick("up", ourFile);
            quick("down", ourFile);
        }
        assertNothingIsLeft();
    }

    private void theirsUp(String ourAddresses) throws Exception {
        write(theirFile, "Address = 10.99.0.2/24, fd00:99::2/64\nListenPort = 51820\n", peer(ourKey, ourAddresses, ""));
        there.run(
                "env",
                "WG_QUICK_USERSPACE_IMPLEMENTATION=" + Requirements.peer("wireguard"),
                "wg-quick",
                "up",
                theirFile.toString());
    }

    private void write(Path file, String ours, String peer) throws IOException {
        NodePrivateKey key = file.equals(ourFile) ? ourKey : theirKey;
        Files.writeString(file, "[Interface]\nPrivateKey = " + base64(key.bytes()) + "\n" + ours + "\n" + peer);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private String peer(NodePrivateKey key, String allowedIps, String endpoint) {
        return "[Peer]\nPublicKey = " + key.publicKey().base64() + "\nPresharedKey = " + preshared + "\nAllowedIPs = "
                + allowedIps + "\n" + (endpoint.isEmpty() ? "" : "Endpoint = " + endpoint + ":51820\n");
    }

    private String quick(String verb, Path file) throws IOException, InterruptedException {
        return quick(0, verb, file);
    }

    private String quick(int exitCode, String verb, Path file) throws IOException, InterruptedException {
        Process process = here.launch(script.with(OURS, "wg-quick", verb, file.toString()));
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(exitCode, process.waitFor(), said);
        return said;
    }

    private long sentBytes() throws IOException, InterruptedException {
        return Long.parseLong(here.run("wg", "show", OURS, "transfer").strip().split("\t", -1)[2]);
    }

    private void assertNothingIsLeft() throws IOException {
        assertNull(here.netlink.link(OURS));
        Host.await("the daemon's end", () -> WireGuardScript.daemons(OURS).isEmpty());
        assertFalse(Files.exists(here.sockets.resolve(OURS + ".sock")));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
