package dev.warren.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.node.control.UapiErrno;
import dev.warren.node.control.UapiException;
import dev.warren.node.control.UapiSet;
import dev.warren.node.tunnel.Acceleration;
import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.Netlink;
import dev.warren.platform.linux.NetworkNamespace;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Requirements;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.Peer;
import dev.warren.protocol.wireguard.SourceAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A plain interface in a namespace of its own, and the real {@code wg} that configures it. */
@Timeout(60)
final class WireGuardInterfaceTest {
    private static final String NAME = "wgplain";

    /** /var/run/wireguard of a mount namespace that only the tool sees is the folder of the test. */
    private static final String IN_NAMESPACE = "mount -t tmpfs none /run && mkdir -p /run/wireguard"
            + " && mount --bind \"$0\" /run/wireguard && exec \"$@\"";

    private final RandomGenerator random = Seeds.random(20);

    @TempDir
    Path folder;

    private NetworkNamespace namespace;
    private WireGuardInterface opened;
    private Path socket;

    @BeforeEach
    void open() throws IOException {
        Requirements.tun();
        Requirements.program("wg", "unshare");
        namespace = NetworkNamespace.create();
        socket = Files.createDirectory(folder.resolve("sockets")).resolve(NAME + ".sock");
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
    void shouldBeginWithoutKeyPeersAndAddresses() throws Exception {
        assertEquals("(none)\n", wg(0, "show", NAME, "public-key"));
        assertEquals("", wg(0, "show", NAME, "peers"));
        assertEquals(opened.port() + "\n", wg(0, "show", NAME, "listen-port"));
        assertEquals(NAME, opened.name());
        try (Netlink netlink = namespace.call(Netlink::open)) {
            Link link = Objects.requireNonNull(netlink.link(NAME));
            assertEquals(List.of(), link.addresses());
        }
    }

    @Test
    void shouldTakeAKeyAndForgetIt() throws Exception {
        NodePrivateKey key = NodePrivateKey.generate(random);
        Path file = Files.writeString(folder.resolve("key"), base64(key.bytes()) + "\n");
        wg(0, "set", NAME, "private-key", file.toString());
        assertEquals(key.publicKey().base64() + "\n", wg(0, "show", NAME, "public-key"));
        wg(0, "set", NAME, "private-key", "/dev/null");
        assertEquals("(none)\n", wg(0, "show", NAME, "public-key"));
    }

    @Test
    void shouldMoveItsPortAndTakeTheSameOneTwice() throws Exception {
        wg(0, "set", NAME, "listen-port", "4711");
        wg(0, "set", NAME, "listen-port", "4711");
        assertEquals(4711, opened.port());
        wg(0, "set", NAME, "listen-port", "0");
        assertFalse(opened.port() == 0 || opened.port() == 4711, "a port of the kernel's choice");
    }

    /** Another mark, or another socket, may have another way out, on which that address is of no use. */
    @Test
    void shouldForgetWhereItsMessagesLeaveFromWithItsMarkAndItsPort() throws Exception {
        assertTrue(keepsSource(null, null));
        assertFalse(keepsSource(null, 7));
        assertFalse(keepsSource(4713, null));
    }

    /** Between two packets, since news of the network may make it forget too. */
    private boolean keepsSource(@Nullable Integer port, @Nullable Integer mark) throws IOException {
        return opened.ask((target, engine, now) -> {
            Peer peer = engine.device().addPeer(NodePrivateKey.generate(random).publicKey(), now);
            peer.setSource(new Source(InetAddress.ofLiteral("192.0.2.77"), 1));
            target.apply(new UapiSet(null, false, port, mark, false, List.of()));
            return peer.source() != null;
        });
    }

    private record Source(InetAddress address, int interfaceIndex) implements SourceAddress {}

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3000})
    void shouldTakeAWholeConfigurationTwice(int peers) throws Exception {
        Path file = Files.writeString(folder.resolve("conf"), configuration(peers));
        wg(0, "setconf", NAME, file.toString());
        wg(0, "setconf", NAME, file.toString());
        assertEquals(4712, opened.port());
        assertEquals(peers, wg(0, "show", NAME, "peers").lines().count());
        assertEquals(
                peers,
                wg(0, "show", NAME, "allowed-ips")
                        .lines()
                        .filter(line -> line.endsWith("/32"))
                        .count());
        wg(0, "setconf", NAME, "/dev/null");
        assertEquals("", wg(0, "show", NAME, "peers"));
        assertEquals("(none)\n", wg(0, "show", NAME, "public-key"));
    }

    @Test
    void shouldEndWhenItsSocketIsRemoved() throws Exception {
        assertFalse(opened.ended().isDone());
        Path another = folder.resolve("sockets").resolve("another");
        for (int i = 0; i < 1000; i++) { // long enough for it to have seen the first of them
            Files.writeString(another, "");
            Files.delete(another);
        }
        Files.delete(socket);
        assertEquals("", opened.ended().get());
    }

    @Test
    void shouldEndWhenItsInterfaceIsDeleted() throws Exception {
        try (Netlink netlink = namespace.call(Netlink::open)) {
            netlink.delete(NAME);
        }
        assertEquals("", opened.ended().get());
    }

    @Test
    void shouldLeaveNothingBehind() throws Exception {
        opened.close();
        assertFalse(Files.exists(socket));
        try (Netlink netlink = namespace.call(Netlink::open)) {
            assertNull(netlink.link(NAME));
        }
        assertFalse(opened.ended().isDone(), "who closes it knows that it ended");
    }

    @Test
    void shouldPassOnWhatAQuestionMeetsWith() {
        IllegalStateException fault = new IllegalStateException("a fault of the question's own");
        assertSame(
                fault,
                assertThrows(
                        IllegalStateException.class,
                        () -> opened.ask((_, _, _) -> {
                            throw fault;
                        })));
        IOException refused = assertThrows(
                IOException.class,
                () -> opened.ask((_, _, _) -> {
                    throw new UapiException(UapiErrno.EINVAL, "the system does not want it");
                }));
        assertEquals("the system does not want it", refused.getMessage());
        opened.close();
        IOException ended = assertThrows(IOException.class, () -> opened.ask((_, _, _) -> 0));
        assertEquals("the interface wgplain has ended", ended.getMessage());
    }

    @Test
    void shouldStopWaitingForAnAnswerWhenItIsInterrupted() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        Thread.currentThread().interrupt();
        try {
            assertThrows(
                    IOException.class,
                    () -> opened.ask((_, _, _) -> {
                        awaitUninterruptibly(interrupted);
                        return 0;
                    }));
            assertTrue(Thread.interrupted(), "whoever called it has yet to know");
        } finally {
            interrupted.countDown();
        }
        assertEquals("answered", opened.ask((_, _, _) -> "answered"));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException unexpected) {
            throw new IllegalStateException(unexpected);
        }
    }

    @Test
    void shouldSayThatTheNameIsTaken() {
        LinuxException taken = assertThrows(
                LinuxException.class,
                () -> namespace.call(() -> WireGuardInterface.open(NAME, folder.resolve("second.sock"))));
        assertTrue(taken.getMessage().contains("wgplain is in use by another process"), taken.getMessage());
        assertFalse(Files.exists(folder.resolve("second.sock")));
    }

    /** As when the kernel watches as many folders as it is allowed to. */
    @Test
    void shouldLeaveNoWatchBehindWhenItsFolderCannotBeWatched() throws Exception {
        long before = watches();
        Path lost = folder.resolve("no-such-folder").resolve("wgsecond.sock");
        try (ServerSocketChannel bound = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            bound.bind(UnixDomainSocketAddress.of(folder.resolve("second.sock")));
            WireGuardInterface.Inherited inherited = new WireGuardInterface.Inherited(OptionalInt.empty(), bound);
            assertThrows(
                    IOException.class,
                    () -> namespace.call(
                            () -> WireGuardInterface.open("wgsecond", Acceleration.BEST, _ -> lost, inherited)));
        }
        assertEquals(before, watches());
        try (Netlink netlink = namespace.call(Netlink::open)) {
            assertNull(netlink.link("wgsecond"));
        }
    }

    private static long watches() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(WireGuardInterfaceTest::isWatch).count();
        }
    }

    private static boolean isWatch(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().equals("anon_inode:inotify");
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }

    private String configuration(int peers) {
        StringBuilder text = new StringBuilder("[Interface]\nListenPort = 4712\nPrivateKey = "
                + base64(NodePrivateKey.generate(random).bytes()) + "\n");
        for (int i = 0; i < peers; i++) {
            byte[] key = new byte[32];
            random.nextBytes(key);
            text.append("[Peer]\nPublicKey = ")
                    .append(base64(key))
                    .append("\nAllowedIPs = 10.")
                    .append(i >> 16)
                    .append('.')
                    .append(i >> 8 & 255)
                    .append('.')
                    .append(i & 255)
                    .append("/32\n");
        }
        return text.toString();
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
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertEquals(expectedExit, process.waitFor(), output);
        return output;
    }
}
