package dev.warren.coordinator.api;

import dev.warren.platform.config.UserError;
import dev.warren.protocol.coordination.CoordinationFormatException;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's door: a Unix socket in the data folder, open to the coordinator's user only. One line of JSON in, one
 * line out, then it is closed.
 */
public final class TokenSocket implements AutoCloseable {
    /** The socket's name in the data folder. */
    public static final String NAME = "coordinator.sock";

    private static final Logger LOG = LoggerFactory.getLogger(TokenSocket.class);
    /** sun_path of unix(7) without its final zero. */
    private static final int MAX_PATH_BYTES = 107;

    private final Path path;
    private final ServerSocketChannel server;
    private final Function<Request, Reply> handler;

    /**
     * What the operator asks for.
     *
     * @param lifetimeMillis null = for ever
     * @param relay true for a relay's token; null when asked by a program that knows only nodes'
     */
    public record Request(boolean reusable, @Nullable Long lifetimeMillis, List<String> tags, @Nullable Boolean relay) {
        /** Copies the list. */
        public Request {
            tags = List.copyOf(tags);
        }
    }

    /** The token's line, or why there is none. */
    public record Reply(@Nullable String token, @Nullable String error) {
        /** Without the token. */
        @Override
        public String toString() {
            return "Reply[error=" + error + "]";
        }
    }

    private TokenSocket(Path path, ServerSocketChannel server, Function<Request, Reply> handler) {
        this.path = path;
        this.server = server;
        this.handler = handler;
    }

    /**
     * Opens the door in {@code dataDir}, whose store the caller holds; {@code handler} may wait. Who comes before
     * {@link #serve} waits at the door: an API that listens has a door already.
     */
    public static TokenSocket open(Path dataDir, Function<Request, Reply> handler) throws IOException {
        Path path = path(dataDir);
        Files.deleteIfExists(path);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException failure) {
            server.close();
            throw failure;
        }
        return new TokenSocket(path, server, handler);
    }

    /** Begins to answer. */
    public TokenSocket serve() {
        Thread.ofVirtual().name("token-socket").start(this::accept);
        return this;
    }

    /**
     * Asks the coordinator that runs on {@code dataDir}; throws {@link UserError} when there is none, or by its error.
     */
    public static String ask(Path dataDir, Request request) throws IOException {
        Path path = path(dataDir);
        if (!Files.exists(path)) {
            throw notRunning(dataDir, null);
        }
        Reply reply;
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            OutputStream out = Channels.newOutputStream(channel);
            out.write((Json.encodeText(request) + "\n").getBytes(StandardCharsets.UTF_8));
            reply = Json.decodeText(line(channel), Reply.class);
        } catch (java.net.ConnectException refused) {
            throw notRunning(dataDir, refused);
        }
        if (reply.token() == null) {
            throw new UserError(String.valueOf(reply.error()));
        }
        return reply.token();
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
                Thread.ofVirtual().name("token-request").start(() -> serve(channel));
            }
        } catch (ClosedChannelException closed) {
            // the coordinator stops
        } catch (IOException failure) {
            LOG.warn("no join tokens can be made any more until a restart: {} failed: {}", path, failure.getMessage());
        }
    }

    private void serve(SocketChannel channel) {
        try (channel) {
            Reply reply;
            try {
                reply = handler.apply(Json.decodeText(line(channel), Request.class));
            } catch (CoordinationFormatException bad) {
                reply = new Reply(null, bad.getMessage());
            }
            OutputStream out = Channels.newOutputStream(channel);
            out.write((Json.encodeText(reply) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException gone) {
            LOG.debug("a request at {} ended early: {}", path, gone.getMessage());
        }
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
