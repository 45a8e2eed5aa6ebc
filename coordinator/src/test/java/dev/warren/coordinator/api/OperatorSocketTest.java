package dev.warren.coordinator.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.coordinator.registry.RegisteredRelay;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.IdentityPublicKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class OperatorSocketTest {
    @TempDir
    Path folder;

    private static final OperatorSocket.TokenWish WISH = new OperatorSocket.TokenWish(false, null, List.of(), null);

    /** Says what it was asked. */
    private static class Echo implements OperatorSocket.Desk {
        @Override
        public String token(OperatorSocket.TokenWish wish) {
            return wish.toString();
        }

        @Override
        public List<RegisteredRelay> relays() {
            return List.of(relay("900a"), relay("900b"));
        }

        @Override
        public RegisteredRelay removeRelay(String called) {
            return relay(called);
        }
    }

    private static RegisteredRelay relay(String name) {
        return new RegisteredRelay(
                name,
                900,
                "fra",
                "192.0.2.1",
                443,
                3478,
                "192.0.2.1",
                null,
                null,
                7,
                IdentityPublicKey.of(new byte[32]),
                "test",
                1,
                2L,
                null);
    }

    @Test
    void aQuestionGetsItsAnswer() throws IOException {
        OperatorSocket.TokenWish wish = new OperatorSocket.TokenWish(true, 5L, List.of("a"), null);
        try (OperatorSocket _ = OperatorSocket.open(folder, new Echo()).serve()) {
            assertEquals(wish.toString(), OperatorSocket.token(folder, wish));
            assertEquals(wish.toString(), OperatorSocket.token(folder, wish));
            assertEquals(List.of(relay("900a"), relay("900b")), OperatorSocket.relays(folder));
            assertEquals(relay("x"), OperatorSocket.removeRelay(folder, "x"));
        }
        assertFalse(Files.exists(folder.resolve(OperatorSocket.NAME)));
    }

    @Test
    void whoComesEarlyWaitsAtTheDoor() throws Exception {
        try (OperatorSocket door = OperatorSocket.open(folder, new Echo())) {
            CompletableFuture<String> early = CompletableFuture.supplyAsync(this::ask);
            assertFalse(early.isDone());
            assertSame(door, door.serve());
            assertEquals(WISH.toString(), early.get(10, TimeUnit.SECONDS));
        }
    }

    private String ask() {
        try {
            return OperatorSocket.token(folder, WISH);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void anErrorIsShownAsItIs() throws IOException {
        OperatorSocket.Desk closed = new Echo() {
            @Override
            public String token(OperatorSocket.TokenWish wish) {
                throw new UserError("no tokens today");
            }
        };
        try (OperatorSocket _ = OperatorSocket.open(folder, closed).serve()) {
            UserError error = assertThrows(UserError.class, () -> OperatorSocket.token(folder, WISH));
            assertEquals("no tokens today", error.getMessage());
        }
    }

    @Test
    void garbageIsAnsweredAndTheNextQuestionWorks() throws IOException {
        try (OperatorSocket _ = OperatorSocket.open(folder, new Echo()).serve()) {
            for (String garbage : List.of("", "x", "{}", "[]", "\u0000", "{\"ask\":\"tea\"}", "{\"ask\":7}")) {
                assertTrue(raw(garbage + "\n").startsWith("{\"error\":\""), garbage);
            }
            assertEquals(WISH.toString(), OperatorSocket.token(folder, WISH));
        }
    }

    @Test
    void aFileThatIsNoSocketIsLeftAlone() throws IOException {
        Path file = Files.writeString(folder.resolve(OperatorSocket.NAME), "somebody's");
        UserError refused = assertThrows(UserError.class, () -> OperatorSocket.open(folder, new Echo()));
        assertEquals(
                file + " is no socket, and one has to be made there: move or delete what it is", refused.getMessage());
        assertEquals("somebody's", Files.readString(file));
    }

    @Test
    void aSocketThatACrashLeftBehindIsReplaced() throws IOException {
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(folder.resolve(OperatorSocket.NAME)));
        }
        try (OperatorSocket _ = OperatorSocket.open(folder, new Echo()).serve()) {
            assertEquals(WISH.toString(), OperatorSocket.token(folder, WISH));
        }
    }

    @Test
    void aTokenStaysOutOfToString() {
        assertFalse(new OperatorSocket.Reply("secret", null, null).toString().contains("secret"));
    }

    private String raw(String line) throws IOException {
        try (SocketChannel channel =
                SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve(OperatorSocket.NAME)))) {
            channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            return String.valueOf(new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8)).readLine());
        }
    }
}
