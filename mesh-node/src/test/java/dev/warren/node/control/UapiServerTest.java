package dev.warren.node.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Requirements;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.Peer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The socket itself, and the real {@code wg} at its other end. */
@Timeout(30)
class UapiServerTest {
    private static final String NAME = "wgtest";

    /** /var/run/wireguard of a mount namespace that only the tool sees is the folder of the test. */
    private static final String IN_NAMESPACE = "mount -t tmpfs none /run && mkdir -p /run/wireguard"
            + " && mount --bind \"$0\" /run/wireguard && exec \"$@\"";

    @TempDir
    Path folder;

    private final UapiDevice node = new UapiDevice();
    private final ExecutorService owner = Executors.newSingleThreadExecutor();
    private final NodePublicKey other =
            NodePrivateKey.generate(Seeds.random(10)).publicKey();

    @AfterEach
    void stop() {
        owner.shutdownNow();
    }

    @Test
    void shouldBeForTheOwnerOnlyAndGoAwayAtTheEnd() throws IOException {
        Path path = folder.resolve("wireguard").resolve(NAME + ".sock");
        try (UapiServer server = UapiServer.start(path, node.target, owner)) {
            assertNotNull(server);
            assertEquals("rw-------", mode(path));
            assertEquals("rwxr-xr-x", mode(folder.resolve("wireguard")));
        }
        assertFalse(Files.exists(path));
    }

    /** Whoever gets in through a moment in which it is open stays in. */
    @Test
    void shouldNeverBeForOthersNotEvenForAMoment() throws Exception {
        Path path = folder.resolve(NAME + ".sock");
        Set<String> modes = ConcurrentHashMap.newKeySet();
        AtomicBoolean ended = new AtomicBoolean();
        Thread watcher = Thread.ofPlatform().start(() -> {
            while (!ended.get()) {
                try {
                    modes.add(mode(path));
                } catch (IOException notThere) {
                    Thread.onSpinWait();
                }
            }
        });
        try {
            for (int i = 0; i < 300 || modes.isEmpty(); i++) {
                UapiServer.start(path, node.target, owner).close();
            }
        } finally {
            ended.set(true);
            watcher.join();
        }
        assertEquals(Set.of("rw-------"), modes);
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.toList(), "nothing is left behind");
        }
    }

    @Test
    void shouldReplaceTheSocketOfADeadProcessButNotOfALiveOne() throws IOException {
        Path path = folder.resolve(NAME + ".sock");
        ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        dead.bind(UnixDomainSocketAddress.of(path));
        dead.close();
        assertTrue(Files.exists(path));

        try (UapiServer server = UapiServer.start(path, node.target, owner)) {
            assertNotNull(server);
            UserError refused = assertThrows(UserError.class, () -> UapiServer.start(path, node.target, owner));
            assertTrue(String.valueOf(refused.getMessage()).contains("another program"), refused.getMessage());
        }
    }

    /** Programs may keep a connection for later, and nobody may keep {@code wg} out by that. */
    @Test
    void shouldAnswerANewcomerHoweverManyIdle() throws IOException {
        Path path = folder.resolve(NAME + ".sock");
        List<SocketChannel> idle = new ArrayList<>();
        try (UapiServer server = UapiServer.start(path, node.target, owner);
                SocketChannel kept = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            assertNotNull(server);
            assertTrue(answers(kept));
            for (int i = 0; i < 300; i++) {
                SocketChannel one = SocketChannel.open(UnixDomainSocketAddress.of(path));
                idle.add(one);
                assertTrue(answers(one), "the connection " + i + " is answered");
                assertTrue(answers(kept), "one that is in use stays");
            }
            assertFalse(answers(idle.getFirst()), "the longest idle one has made room");
            assertTrue(answers(idle.getLast()));
        } finally {
            for (SocketChannel one : idle) {
                one.close();
            }
        }
    }

    /** Whoever begins a request and does not end it is no better than who says nothing. */
    @Test
    void shouldAnswerANewcomerHoweverManyHaveNotFinished() throws IOException {
        Path path = folder.resolve(NAME + ".sock");
        List<SocketChannel> stuck = new ArrayList<>();
        try (UapiServer server = UapiServer.start(path, node.target, owner)) {
            assertNotNull(server);
            for (int i = 0; i < 100; i++) {
                SocketChannel one = SocketChannel.open(UnixDomainSocketAddress.of(path));
                stuck.add(one);
                one.write(UTF_8.encode("set=1\nfwm"));
            }
            try (SocketChannel newcomer = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                assertTrue(answers(newcomer));
            }
        } finally {
            for (SocketChannel one : stuck) {
                one.close();
            }
        }
    }

    /** Whether a get is answered, and not by the end of the connection. */
    private static boolean answers(SocketChannel channel) {
        try {
            channel.write(UTF_8.encode("get=1\n\n"));
            StringBuilder answer = new StringBuilder();
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            while (!answer.toString().endsWith("errno=0\n\n")) {
                buffer.clear();
                if (channel.read(buffer) < 0) {
                    return false;
                }
                answer.append(UTF_8.decode(buffer.flip()));
            }
            return true;
        } catch (IOException broken) {
            return false;
        }
    }

    @Test
    void shouldAnswerTheRealTool() throws Exception {
        Requirements.root();
        Requirements.program("wg", "unshare");
        Path secret = Files.writeString(folder.resolve("psk"), "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=\n");
        try (UapiServer server = UapiServer.start(folder.resolve(NAME + ".sock"), node.target, owner)) {
            assertNotNull(server);
            assertEquals(NAME + "\n", wg(0, "show", "interfaces"));
            assertEquals(node.device.publicKey().base64() + "\n", wg(0, "show", NAME, "public-key"));
            assertEquals("51820\n", wg(0, "show", NAME, "listen-port"));

            wg(
                    0,
                    "set",
                    NAME,
                    "listen-port",
                    "4000",
                    "fwmark",
                    "0x10",
                    "peer",
                    other.base64(),
                    "preshared-key",
                    secret.toString(),
                    "endpoint",
                    "[2001:db8::7]:4711",
                    "persistent-keepalive",
                    "25",
                    "allowed-ips",
                    "10.1.0.0/16,fd00::/64");
            Peer peer = node.device.peer(other);
            assertNotNull(peer);
            assertEquals(new InetSocketAddress("2001:db8::7", 4711), peer.endpoint());
            assertEquals(25, peer.persistentKeepaliveSeconds());
            assertEquals("0x10\n", wg(0, "show", NAME, "fwmark"));
            String shown = wg(0, "show", NAME);
            assertTrue(shown.contains("endpoint: [2001:db8::7]:4711"), shown);
            assertTrue(shown.contains("allowed ips: 10.1.0.0/16, fd00::/64"), shown);
            assertTrue(shown.contains("preshared key: (hidden)"), shown);
            assertTrue(wg(0, "showconf", NAME).contains("PublicKey = " + other.base64()));

            String managed = node.managed.publicKey().base64();
            String refused = wg(1, "set", NAME, "peer", managed, "remove");
            assertTrue(refused.contains("Operation not permitted"), refused);
            String taken = wg(1, "set", NAME, "listen-port", Integer.toString(UapiDevice.TAKEN_PORT));
            assertTrue(taken.contains("Address already in use"), taken);
            wg(0, "set", NAME, "peer", other.base64(), "remove");
            assertEquals(1, node.device.peers().size());
        }
    }

    private String wg(int expectedExit, String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", IN_NAMESPACE, folder.toString(), "wg"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(expectedExit, process.waitFor(), output);
        return output;
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
