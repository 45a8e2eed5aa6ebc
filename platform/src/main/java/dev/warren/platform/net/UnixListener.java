package dev.warren.platform.net;

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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Unix stream socket for its owner only (mode 0600): one thread accepts, one virtual thread serves each connection,
 * {@value #MAX_CONNECTIONS} at once. {@link #close()} ends them all and removes the socket file.
 */
public final class UnixListener implements AutoCloseable {
    /** Serves one connection; when it returns or fails, the connection is closed. */
    @FunctionalInterface
    public interface Session {
        /** Reads requests from {@code in} and writes answers to {@code out}, on the connection's own thread. */
        void serve(InputStream in, OutputStream out) throws IOException, InterruptedException;
    }

    private static final int MAX_CONNECTIONS = 32;
    private static final Logger LOG = LoggerFactory.getLogger(UnixListener.class);

    private final Path path;
    private final Session session;
    private final ServerSocketChannel server;
    private final Semaphore places = new Semaphore(MAX_CONNECTIONS);
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    private UnixListener(Path path, Session session, ServerSocketChannel server) {
        this.path = path;
        this.session = session;
        this.server = server;
    }

    /**
     * Listens at {@code path}. The file of a dead process is replaced; a live one is a UserError.
     *
     * @param inUse the sentence of that error
     */
    public static UnixListener start(Path path, String inUse, Session session) throws IOException {
        if (Files.exists(path)) {
            if (answers(path)) {
                throw new UserError(inUse);
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
        UnixListener listener = new UnixListener(path, session, server);
        Thread.ofPlatform().name("unix-" + path.getFileName()).daemon().start(listener::accept);
        return listener;
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
                    Thread.ofVirtual().name("unix-connection").start(() -> serve(channel));
                } else {
                    channel.close();
                }
            } catch (IOException closed) {
                LOG.debug("{} stopped accepting: {}", path, closed.getMessage());
            }
        }
    }

    private void serve(SocketChannel channel) {
        try (channel;
                InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
                OutputStream out = Channels.newOutputStream(channel)) {
            session.serve(in, out);
        } catch (IOException | UncheckedIOException gone) {
            LOG.debug("a connection to {} ended: {}", path, gone.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(channel);
            places.release();
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
            LOG.debug("closing {}: {}", path, harmless.getMessage());
        }
    }
}
