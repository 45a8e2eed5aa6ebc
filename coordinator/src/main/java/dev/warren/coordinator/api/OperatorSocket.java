package dev.warren.coordinator.api;

import dev.warren.coordinator.registry.RegisteredRelay;
import dev.warren.platform.config.UserError;
import dev.warren.platform.net.UnixListener;
import dev.warren.protocol.coordination.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's door: a Unix socket in the data folder, open to the coordinator's user only. One line of JSON in, one
 * line out, then it is closed.
 */
public final class OperatorSocket implements AutoCloseable {
    /** The socket's name in the data folder. */
    public static final String NAME = "coordinator.sock";

    private static final Logger LOG = LoggerFactory.getLogger(OperatorSocket.class);
    /** sun_path of unix(7) without its final zero. */
    private static final int MAX_PATH_BYTES = 107;

    private final Path path;
    private final ServerSocketChannel server;
    private final Desk desk;

    /** Who answers; a {@link UserError} is shown to the operator as it is. The methods may wait. */
    public interface Desk {
        /** A new token. */
        String token(TokenWish wish);

        /** The relays that register themselves. */
        List<RegisteredRelay> relays();

        /** Removes the relay that is called so, and gives it. */
        RegisteredRelay removeRelay(String called);
    }

    /**
     * A token that the operator asks for.
     *
     * @param lifetimeMillis null = for ever
     * @param relay true for a relay's token; null when asked by a program that knows only nodes'
     */
    public record TokenWish(
            boolean reusable, @Nullable Long lifetimeMillis, List<String> tags, @Nullable Boolean relay) {
        /** Copies the list. */
        public TokenWish {
            tags = List.copyOf(tags);
        }
    }

    /**
     * What a line asks for; a token's has its {@link TokenWish} in it.
     *
     * @param ask null = a token
     * @param called what the relay is called that shall be removed
     */
    private record Question(@Nullable String ask, @Nullable String called) {
        static final String RELAYS = "relays";
        static final String REMOVE_RELAY = "remove-relay";
    }

    /** What was asked for, or why there is none. */
    record Reply(@Nullable String token, @Nullable List<RegisteredRelay> relays, @Nullable String error) {
        /** Without the token. */
        @Override
        public String toString() {
            return "Reply[error=" + error + "]";
        }
    }

    private OperatorSocket(Path path, ServerSocketChannel server, Desk desk) {
        this.path = path;
        this.server = server;
        this.desk = desk;
    }

    /**
     * Opens the door in {@code dataDir}, whose store the caller holds; {@code desk} answers. Who comes before
     * {@link #serve} waits at the door: an API that listens has a door already. What stands there and is no socket is a
     * {@link UserError}.
     */
    public static OperatorSocket open(Path dataDir, Desk desk) throws IOException {
        Path path = path(dataDir);
        UnixListener.requireNoOther(path);
        Files.deleteIfExists(path);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException failure) {
            server.close();
            throw failure;
        }
        return new OperatorSocket(path, server, desk);
    }

    /** Begins to answer. */
    public OperatorSocket serve() {
        Thread.ofVirtual().name("operator-socket").start(this::accept);
        return this;
    }

    /**
     * Asks the coordinator that runs on {@code dataDir} for a token; throws {@link UserError} when there is none, or by
     * its error, as the others do that ask.
     */
    public static String token(Path dataDir, TokenWish wish) throws IOException {
        return answered(ask(dataDir, wish).token());
    }

    /** Asks for the relays that register themselves. */
    public static List<RegisteredRelay> relays(Path dataDir) throws IOException {
        return answered(ask(dataDir, new Question(Question.RELAYS, null)).relays());
    }

    /** Has the relay removed that is called so; gives what it was. */
    public static RegisteredRelay removeRelay(Path dataDir, String called) throws IOException {
        return answered(ask(dataDir, new Question(Question.REMOVE_RELAY, called))
                        .relays())
                .getFirst();
    }

    private static Reply ask(Path dataDir, Record question) throws IOException {
        Path path = path(dataDir);
        if (!Files.exists(path)) {
            throw notRunning(dataDir, null);
        }
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            OutputStream out = Channels.newOutputStream(channel);
            out.write((Json.encodeText(question) + "\n").getBytes(StandardCharsets.UTF_8));
            Reply reply = Json.decodeText(line(channel), Reply.class);
            if (reply.error() != null) {
                throw new UserError(reply.error());
            }
            return reply;
        } catch (java.net.ConnectException refused) {
            throw notRunning(dataDir, refused);
        }
    }

    private static <T> T answered(@Nullable T answer) {
        if (answer == null) {
            throw new UserError("the coordinator that runs is another version than this program: restart it");
        }
        return answer;
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(path);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = server.accept();
                Thread.ofVirtual().name("operator-request").start(() -> serve(channel));
            }
        } catch (ClosedChannelException closed) {
            // the coordinator stops
        } catch (IOException failure) {
            LOG.warn("operators are not answered any more until a restart: {} failed: {}", path, failure.getMessage());
        }
    }

    private void serve(SocketChannel channel) {
        try (channel) {
            Reply reply;
            try {
                reply = reply(line(channel));
            } catch (RuntimeException failure) {
                reply = new Reply(null, null, String.valueOf(failure.getMessage()));
            }
            OutputStream out = Channels.newOutputStream(channel);
            out.write((Json.encodeText(reply) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException gone) {
            LOG.debug("a request at {} ended early: {}", path, gone.getMessage());
        }
    }

    private Reply reply(String line) {
        Question question = Json.decodeText(line, Question.class);
        return switch (question.ask()) {
            case null -> new Reply(desk.token(Json.decodeText(line, TokenWish.class)), null, null);
            case Question.RELAYS -> new Reply(null, desk.relays(), null);
            case Question.REMOVE_RELAY ->
                new Reply(null, List.of(desk.removeRelay(String.valueOf(question.called()))), null);
            default -> throw new UserError("this coordinator does not know \"" + question.ask() + "\": restart it");
        };
    }

    private static String line(SocketChannel channel) throws IOException {
        BufferedReader reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
        String line = reader.readLine();
        return line == null ? "" : line;
    }

    private static Path path(Path dataDir) {
        Path path = dataDir.resolve(NAME);
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
            throw new UserError("the path " + path + " is too long for a Unix socket (" + MAX_PATH_BYTES
                    + " bytes): name a --data-dir with a shorter path");
        }
        return path;
    }

    private static UserError notRunning(Path dataDir, @Nullable Exception cause) {
        return new UserError(
                "no coordinator runs with the data folder " + dataDir + ": start one (warren coordinator --data-dir "
                        + dataDir + " ...), or name its --data-dir",
                cause);
    }
}
