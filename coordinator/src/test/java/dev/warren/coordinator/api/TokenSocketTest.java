package dev.warren.coordinator.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
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
class TokenSocketTest {
    @TempDir
    Path folder;

    @Test
    void aRequestGetsItsAnswer() throws IOException {
        TokenSocket.Request asked = new TokenSocket.Request(true, 5L, List.of("a"), null);
        try (TokenSocket _ = TokenSocket.open(folder, request -> new TokenSocket.Reply(request.toString(), null))
                .serve()) {
            assertEquals(asked.toString(), TokenSocket.ask(folder, asked));
            assertEquals(asked.toString(), TokenSocket.ask(folder, asked));
        }
        assertFalse(Files.exists(folder.resolve(TokenSocket.NAME)));
    }

    @Test
    void whoComesEarlyWaitsAtTheDoor() throws Exception {
        try (TokenSocket door = TokenSocket.open(folder, _ -> new TokenSocket.Reply("token", null))) {
            CompletableFuture<String> early = CompletableFuture.supplyAsync(this::ask);
            assertFalse(early.isDone());
            assertSame(door, door.serve());
            assertEquals("token", early.get(10, TimeUnit.SECONDS));
        }
    }

    private String ask() {
        try {
            return TokenSocket.ask(folder, new TokenSocket.Request(false, null, List.of(), null));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void anErrorIsShownAsItIs() throws IOException {
        try (TokenSocket _ = TokenSocket.open(folder, _ -> new TokenSocket.Reply(null, "no tokens today"))
                .serve()) {
            UserError error = assertThrows(
                    UserError.class,
                    () -> TokenSocket.ask(folder, new TokenSocket.Request(false, null, List.of(), null)));
            assertEquals("no tokens today", error.getMessage());
        }
    }

    @Test
    void garbageIsAnsweredAndTheNextRequestWorks() throws IOException {
        try (TokenSocket _ = TokenSocket.open(folder, _ -> new TokenSocket.Reply("token", null))
                .serve()) {
            for (String garbage : List.of("", "x", "{}", "[]", "\u0000")) {
                assertTrue(raw(garbage + "\n").contains("\"error\":\"Request:"), garbage);
            }
            assertEquals("token", TokenSocket.ask(folder, new TokenSocket.Request(false, null, List.of(), null)));
        }
    }

    @Test
    void aSocketThatACrashLeftBehindIsReplaced() throws IOException {
        Files.writeString(folder.resolve(TokenSocket.NAME), "");
        try (TokenSocket _ = TokenSocket.open(folder, _ -> new TokenSocket.Reply("token", null))
                .serve()) {
            assertEquals("token", TokenSocket.ask(folder, new TokenSocket.Request(false, null, List.of(), null)));
        }
    }

    @Test
    void aTokenStaysOutOfToString() {
        assertFalse(new TokenSocket.Reply("secret", null).toString().contains("secret"));
    }

    private String raw(String line) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve(TokenSocket.NAME)))) {
            channel.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            return String.valueOf(new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8)).readLine());
        }
    }
}
