package dev.warren.node.control;

import dev.warren.platform.config.UserError;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local socket of a running node, in its state folder and for its owner only (mode 0600).
 *
 * <p>One thread accepts, one virtual thread serves each connection, {@value #MAX_CONNECTIONS} at once; {@link #close()}
 * ends them all and removes the socket file.
 */
public final class ControlServer implements AutoCloseable {
    /** The socket's file name in the state folder. */
    public static final String SOCKET_NAME = "control.sock";
    /** sun_path of a Unix socket address holds 108 bytes with the closing zero (unix(7)). */
    private static final int MAX_PATH_BYTES = 107;

    private static final int MAX_CONNECTIONS = 32;
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

    private final Path path;
    private final ControlHandler handler;
    private final ServerSocketChannel server;
    private final Thread acceptor;
    private final Semaphore places = new Semaphore(MAX_CONNECTIONS);
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    private ControlServer(Path path, ControlHandler handler, ServerSocketChannel server) {
        this.path = path;
        this.handler = handler;
        this.server = server;
        this.acceptor = Thread.ofPlatform().name("control-accept").daemon().unstarted(this::accept);
    }

    /**
     * Listens on the socket in {@code stateDir}. A file left behind by a dead process is replaced; a live one means
     * that the node is running already, and the UserError says so.
     */
    public static ControlServer start(Path stateDir, ControlHandler handler) throws IOException {
        Path path = socketPath(stateDir);
        if (Files.exists(path)) {
            if (answers(path)) {
                throw new UserError("a node with the state folder " + stateDir
                        + " is running already; stop it with \"warren down --state-dir " + stateDir
                        + "\" or use another --state-dir");
            }
            Files.delete(path);
        }
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException | RuntimeException failed) {
            server.close();
            throw failed;
        }
        ControlServer control = new ControlServer(path, handler, server);
        control.acceptor.start();
        return control;
    }

    /** Where the socket of a node with this state folder is; UserError when the path is too long for a socket. */
    public static Path socketPath(Path stateDir) {
        Path path = stateDir.resolve(SOCKET_NAME);
        int length = path.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        if (length > MAX_PATH_BYTES) {
            throw new UserError("the state folder's path is too long for a Unix socket in it (" + length + " bytes of "
                    + MAX_PATH_BYTES + "); choose a shorter --state-dir");
        }
        return path;
    }

    private static boolean answers(Path path) {
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return probe.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                if (places.tryAcquire()) {
                    open.add(channel);
                    Thread.ofVirtual().name("control-connection").start(() -> serve(channel));
                } else {
                    channel.close();
                }
            } catch (IOException closed) {
                LOG.debug("the control socket stopped accepting: {}", closed.getMessage());
            }
        }
    }

    private void serve(SocketChannel channel) {
        try (channel;
                InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
                OutputStream out = Channels.newOutputStream(channel)) {
            for (String line = read(in); line != null; line = read(in)) {
                answer(line, out);
            }
        } catch (IOException | UncheckedIOException gone) {
            LOG.debug("a control connection ended: {}", gone.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(channel);
            places.release();
        }
    }

    private static @Nullable String read(InputStream in) throws IOException {
        return ControlCodec.readLine(in, ControlCodec.MAX_REQUEST_BYTES);
    }

    private void answer(String line, OutputStream out) throws IOException, InterruptedException {
        ControlRequest request;
        try {
            request = ControlCodec.decodeRequest(line);
        } catch (IOException unreadable) {
            write(out, new ControlReply.Failed("the node does not understand this request; are both of one version?"));
            return;
        }
        try {
            switch (request) {
                case ControlRequest.Status() -> write(out, new ControlReply.Status(handler.status()));
                case ControlRequest.Ping ping -> {
                    handler.ping(ping, reply -> write(out, reply));
                    write(out, new ControlReply.Done());
                }
                case ControlRequest.Down() -> {
                    write(out, new ControlReply.Done());
                    handler.down();
                }
            }
        } catch (IllegalArgumentException | IllegalStateException refused) {
            write(out, new ControlReply.Failed(String.valueOf(refused.getMessage())));
        }
    }

    private static void write(OutputStream out, ControlReply reply) {
        try {
            out.write(ControlCodec.encode(reply));
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }

    /** Stops listening, ends every connection and removes the socket file. */
    @Override
    public void close() {
        try {
            server.close();
            for (SocketChannel channel : open) {
                channel.close();
            }
            Files.deleteIfExists(path);
        } catch (IOException harmless) {
            LOG.debug("closing the control socket: {}", harmless.getMessage());
        }
    }
}
