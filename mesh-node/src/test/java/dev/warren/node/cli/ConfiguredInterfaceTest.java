package dev.warren.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.api.TunnelManager;
import dev.warren.node.keys.KeyGenerations;
import dev.warren.node.keys.KeyId;
import dev.warren.node.keys.KeyManager;
import dev.warren.node.keys.PskProvider;
import dev.warren.node.keys.RotationSchedule;
import dev.warren.node.keys.StoredKeys;
import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.Netlink;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.testing.Requirements;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code warren wireguard --config}, in a namespace of its own. */
@Timeout(60)
final class ConfiguredInterfaceTest {
    @TempDir
    Path folder;

    private final CountDownLatch said = new CountDownLatch(1);
    private final StringWriter out = new StringWriter();
    private final StringWriter error = new StringWriter();

    /** Tells when the line is out that says that the interface is up. */
    private final PrintWriter line = new PrintWriter(out) {
        @Override
        public void flush() {
            super.flush();
            said.countDown();
        }
    };

    private void run(String name, Path file) throws Exception {
        run(TunnelManager.openToWg(folder.resolve("sockets")), name, file);
    }

    private void run(TunnelManager tunnels, String name, Path file) throws Exception {
        new ConfiguredInterface(line, new PrintWriter(error, true), this::keys).run(tunnels, name, file);
    }

    private KeyManager keys() {
        return new KeyManager(KeyManager.Settings.of(folder.resolve("keys")));
    }

    private Path file(String text, String mode) throws Exception {
        Path file = Files.writeString(folder.resolve("wgfile.conf"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void shouldBeUpAsTheFileSaysUntilItsSocketIsRemoved() throws Exception {
        Requirements.tun();
        String key = Base64.getEncoder()
                .encodeToString(NodePrivateKey.generate(new SecureRandom()).bytes());
        Path file = file(
                "[Interface]\nPrivateKey = " + key + "\nListenPort = 51820\nAddress = 10.9.0.1/24\nMTU = 1300\n",
                "rw-------");
        try (NetworkNamespace namespace = NetworkNamespace.create();
                ExecutorService starter = Executors.newSingleThreadExecutor()) {
            Future<Boolean> ran = starter.submit(() -> namespace.call(() -> {
                run("wgfile", file);
                return true;
            }));
            said.await();
            assertEquals(
                    "warren: WireGuard interface wgfile is up, UDP port 51820, peers: 0; routes are yours to set,"
                            + " Ctrl-C ends it\n",
                    out.toString());
            assertEquals("", error.toString());
            assertTrue(Files.exists(folder.resolve("sockets/wgfile.sock")));
            // The namespace's own thread is in run().
            try (NetworkNamespace same =
                            NetworkNamespace.enter(Path.of("/proc/self/task/" + namespace.threadId() + "/ns/net"));
                    Netlink netlink = same.call(Netlink::open)) {
                Link link = Objects.requireNonNull(netlink.link("wgfile"));
                assertEquals(1300, link.mtuBytes());
                assertEquals(
                        List.of(InetAddress.ofLiteral("10.9.0.1")),
                        link.addresses().stream().map(held -> held.address()).toList());
                Files.delete(folder.resolve("sockets/wgfile.sock"));
                ran.get();
                assertNull(netlink.link("wgfile"));
            }
        }
    }

    @Test
    void shouldChangeKeysAsTheFileSays() throws Exception {
        Requirements.tun();
        RotationSchedule schedule = RotationSchedule.parse("3650d");
        NodePublicKey peer = NodePrivateKey.generate(new SecureRandom()).publicKey();
        PresharedKey root = PresharedKey.generate(new SecureRandom());
        Path file = file(
                "[Interface]\nPrivateKeyRotation = 3650d\n[Peer]\nPublicKey = " + peer.base64() + "\nPresharedKey = "
                        + Base64.getEncoder().encodeToString(root.bytes()) + "\nPresharedKeyRotation = 3650d\n",
                "rw-------");
        TunnelManager tunnels = TunnelManager.openToWg(folder.resolve("sockets"));
        try (NetworkNamespace namespace = NetworkNamespace.create();
                ExecutorService starter = Executors.newSingleThreadExecutor()) {
            Future<Boolean> ran = starter.submit(() -> namespace.call(() -> {
                run(tunnels, "wgfile", file);
                return true;
            }));
            awaitWord("wgfile is up");
            awaitWord("its peers need that as NextPublicKey");
            Instant now = Instant.now();
            PskProvider.Request today =
                    new PskProvider.Request(peer, peer, schedule.epoch(now), schedule.start(schedule.epoch(now)));
            assertEquals(
                    PskProvider.derivedFrom(root).presharedKey(today),
                    tunnels.peers("wgfile").getFirst().presharedKey());
            KeyGenerations<NodePrivateKey> kept = keys().privateKeyGenerations(new KeyId("wgfile"));
            assertEquals(
                    Optional.of(kept.load(kept.list().getFirst())),
                    tunnels.get("wgfile").orElseThrow().privateKey());
            Files.delete(folder.resolve("sockets/wgfile.sock"));
            ran.get();
        }
    }

    /** Otherwise it would be there for a moment, and routes and firewalls follow it. */
    @Test
    void shouldRefuseAnUnusableStateFolderBeforeThereIsAnInterface() throws Exception {
        Files.writeString(folder.resolve("keys"), "no folder");
        Path file = file("[Interface]\nPrivateKeyRotation = 30d\n", "rw-------");
        UserError refused = assertThrows(UserError.class, () -> run("wgfile", file));
        assertEquals(
                folder.resolve("keys") + " is no folder, and keys are kept in one: name another (--state-dir)",
                refused.getMessage());
        assertFalse(Files.exists(folder.resolve("sockets")), "where its socket would be");
    }

    @Test
    void shouldRefuseAKeyThatCanNotBeUsedBeforeThereIsAnInterface() throws Exception {
        keys().privateKeys()
                .generate(new KeyId("wgfile"), StoredKeys.Protection.PLAIN)
                .close();
        Files.setPosixFilePermissions(folder.resolve("keys/wgfile.key"), PosixFilePermissions.fromString("rw-r--r--"));
        Path file = file("[Interface]\nPrivateKeyRotation = 30d\n", "rw-------");
        UserError refused = assertThrows(UserError.class, () -> run("wgfile", file));
        assertTrue(String.valueOf(refused.getMessage()).contains("chmod 600"), refused.getMessage());
        assertFalse(Files.exists(folder.resolve("sockets")), "where its socket would be");
    }

    private void awaitWord(String words) {
        while (!out.toString().contains(words)) {
            Thread.onSpinWait();
        }
    }

    @Test
    void shouldWarnThatOthersCanReadTheKeys() throws Exception {
        Path file = file("[Interface]\nMTU = 12\n", "rw-r--r--");
        assertThrows(UserError.class, () -> run("wgfile", file));
        Path readable = file("[Interface]\nAddress = 10.9.0.1/24\n", "rw-r--r--");
        // The name is refused after the file was read.
        Path fine = Files.move(readable, folder.resolve("fine.conf"));
        Requirements.tun();
        try (NetworkNamespace namespace = NetworkNamespace.create();
                Netlink netlink = namespace.call(Netlink::open)) {
            assertThrows(
                    Exception.class,
                    () -> namespace.call(() -> {
                        run("lo", fine);
                        return true;
                    }));
        }
        assertTrue(error.toString().contains("others may read " + fine), error.toString());
    }

    @Test
    void shouldSayWhatIsWrongWithTheFile() throws Exception {
        Path none = folder.resolve("none.conf");
        UserError missing = assertThrows(UserError.class, () -> run("wgfile", none));
        assertEquals(
                "there is no file " + none + ": --config names the interface's configuration", missing.getMessage());
        Path quick = file("[Interface]\nPostUp = true\n", "rw-------");
        UserError refused = assertThrows(UserError.class, () -> run("wgfile", quick));
        assertTrue(
                String.valueOf(refused.getMessage()).startsWith(quick + ": line 2: PostUp is for wg-quick"),
                refused.getMessage());
        assertEquals("", out.toString());
    }
}
