package dev.warren.node.control;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.RelaySpec;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class ControlServerTest {
    private static final NodeStatus STATUS = new NodeStatus(
            new NodeStatus.Self(
                    "a",
                    "nodekey:00",
                    List.of("100.64.0.1"),
                    "warren0",
                    41641,
                    900,
                    List.of(),
                    "connected",
                    "x",
                    1.5,
                    new TreeMap<>(Map.of("tun-tcp", "on"))),
            List.of(new NodeStatus.Peer(
                    "b", "nodekey:01", List.of("100.64.0.2"), true, "direct", "203.0.113.2:7", 900, 1.5, null, 3, 4)),
            new TreeMap<>(Map.of("relay_overflow", 5L)));

    private static final DerpMap RELAYS = DerpMap.of(
            List.of(RelaySpec.parse("900:lo=192.0.2.1:443,stun=3478"), RelaySpec.parse("901=[::1]:80,plaintext")));

    @TempDir
    Path folder;

    private final CountDownLatch down = new CountDownLatch(1);

    private final ControlHandler handler = new ControlHandler() {
        @Override
        public NodeStatus status() {
            return STATUS;
        }

        @Override
        public void ping(ControlRequest.Ping request, Consumer<ControlReply> replies) {
            if (!request.peer().equals("b")) {
                throw new IllegalArgumentException("there is no peer \"" + request.peer() + "\"");
            }
            for (int i = 0; i < request.count(); i++) {
                replies.accept(new ControlReply.Pong("b", "100.64.0.2", null, 900, i, null));
            }
        }

        @Override
        public ControlReply.Relays relays() {
            return ControlReply.Relays.of(900, RELAYS);
        }

        @Override
        public void down() {
            down.countDown();
        }
    };

    @Test
    void readsTheStatusOfAnAgentOfTheVersionBefore() throws Exception {
        String line = new String(ControlCodec.encode(new ControlReply.Status(STATUS)), StandardCharsets.UTF_8);
        String older = line.replaceAll(",\"(offloads|drops)\":\\{[^}]*\\}", "");
        assertEquals(2, line.split("\"offloads\"|\"drops\"", -1).length - 1);
        assertFalse(older.contains("drops") || older.contains("offloads"), older);
        NodeStatus status = assertInstanceOf(ControlReply.Status.class, ControlCodec.decodeReply(older))
                .status();
        assertEquals(Map.of(), status.drops());
        assertEquals(Map.of(), status.node().offloads());
    }

    @Test
    void answersStatusPingAndDown() throws Exception {
        try (ControlServer server = ControlServer.start(folder, handler);
                ControlClient client = ControlClient.connect(folder)) {
            client.send(new ControlRequest.Status());
            assertEquals(new ControlReply.Status(STATUS), client.next());
            client.send(new ControlRequest.Ping("b", 2, false));
            assertEquals(new ControlReply.Pong("b", "100.64.0.2", null, 900, 0, null), client.next());
            assertEquals(new ControlReply.Pong("b", "100.64.0.2", null, 900, 1, null), client.next());
            assertInstanceOf(ControlReply.Done.class, client.next());
            client.send(new ControlRequest.Down());
            assertInstanceOf(ControlReply.Done.class, client.next());
            down.await();
        }
        assertFalse(Files.exists(folder.resolve(ControlServer.SOCKET_NAME)), "the socket file is removed");
    }

    @Test
    void handsOutTheRelayMap() throws Exception {
        try (ControlServer server = ControlServer.start(folder, handler);
                ControlClient client = ControlClient.connect(folder)) {
            client.send(new ControlRequest.Relays());
            ControlReply.Relays reply = assertInstanceOf(ControlReply.Relays.class, client.next());
            assertEquals(900, reply.home());
            assertEquals(RELAYS, reply.relays());
        }
    }

    @Test
    void refusesAnUnknownPeerWithTheSentenceAndGoesOn() throws Exception {
        try (ControlServer server = ControlServer.start(folder, handler);
                ControlClient client = ControlClient.connect(folder)) {
            client.send(new ControlRequest.Ping("nobody", 1, false));
            assertEquals(new ControlReply.Failed("there is no peer \"nobody\""), client.next());
            client.send(new ControlRequest.Status());
            assertInstanceOf(ControlReply.Status.class, client.next());
        }
    }

    @Test
    void survivesGarbageAndOverlongLines() throws Exception {
        try (ControlServer server = ControlServer.start(folder, handler)) {
            try (SocketChannel raw = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("control.sock")))) {
                raw.write(ByteBuffer.wrap("{\"request\":\"explode\"}\nnull\n".getBytes(StandardCharsets.UTF_8)));
                ByteBuffer answer = ByteBuffer.allocate(40);
                while (answer.hasRemaining()) {
                    assertTrue(raw.read(answer) > 0);
                }
                assertTrue(new String(answer.array(), StandardCharsets.UTF_8).contains("\"failed\""));
            }
            try (SocketChannel raw = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("control.sock")))) {
                raw.write(ByteBuffer.wrap(new byte[ControlCodec.MAX_REQUEST_BYTES]));
                raw.write(ByteBuffer.wrap(new byte[10]));
                assertEquals(-1, raw.read(ByteBuffer.allocate(1)), "an overlong line ends the connection");
            }
            try (ControlClient client = ControlClient.connect(folder)) {
                client.send(new ControlRequest.Status());
                assertInstanceOf(ControlReply.Status.class, client.next());
            }
        }
    }

    @Test
    void isForItsOwnerOnly() throws Exception {
        try (ControlServer server = ControlServer.start(folder, handler)) {
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(folder.resolve(ControlServer.SOCKET_NAME))));
        }
    }

    @Test
    void replacesAStaleSocketButNotALiveOne() throws Exception {
        try (var dead = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(folder.resolve(ControlServer.SOCKET_NAME)));
        }
        try (ControlServer server = ControlServer.start(folder, handler)) {
            UserError second = assertThrows(UserError.class, () -> ControlServer.start(folder, handler));
            assertTrue(String.valueOf(second.getMessage()).contains("running already"), second.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "folder", "link"})
    void leavesWhatIsNoSocketAlone(String kind) throws Exception {
        Path there = folder.resolve(ControlServer.SOCKET_NAME);
        switch (kind) {
            case "file" -> Files.writeString(there, "somebody's");
            case "folder" -> Files.createDirectory(there);
            default -> Files.createSymbolicLink(there, folder.resolve("elsewhere"));
        }
        Object before = Files.readAttributes(there, BasicFileAttributes.class, NOFOLLOW_LINKS)
                .fileKey();
        UserError refused = assertThrows(UserError.class, () -> ControlServer.start(folder, handler));
        assertEquals(
                there + " is no socket, and one has to be made there: move or delete what it is", refused.getMessage());
        assertEquals(
                before,
                Files.readAttributes(there, BasicFileAttributes.class, NOFOLLOW_LINKS)
                        .fileKey());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(there), files.toList(), "nothing half-made stays");
        }
    }

    @Test
    void saysWhatToDoWhenNoNodeRuns() {
        UserError none = assertThrows(UserError.class, () -> ControlClient.connect(folder));
        assertTrue(String.valueOf(none.getMessage()).contains("warren up"), none.getMessage());
    }

    @Test
    void saysThatAPathIsTooLong() {
        UserError tooLong =
                assertThrows(UserError.class, () -> ControlServer.start(Path.of("/tmp", "x".repeat(120)), handler));
        assertTrue(String.valueOf(tooLong.getMessage()).contains("too long"), tooLong.getMessage());
    }

    @Test
    void theEndOfTheServerEndsItsConnections() throws Exception {
        ControlServer server = ControlServer.start(folder, handler);
        try (ControlClient client = ControlClient.connect(folder)) {
            client.send(new ControlRequest.Status());
            assertInstanceOf(ControlReply.Status.class, client.next());
            server.close();
            assertNull(client.next());
        }
    }
}
