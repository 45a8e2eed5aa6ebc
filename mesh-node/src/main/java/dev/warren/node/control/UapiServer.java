package dev.warren.node.control;

import dev.warren.platform.config.UserError;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
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
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket at which {@code wg} finds an interface: {@code /var/run/wireguard/NAME.sock}, mode 0600.
 *
 * <p>One thread accepts, one virtual thread serves each connection; the target is only called on the executor.
 */
public final class UapiServer implements AutoCloseable {
    private static final Path FOLDER = Path.of("/var/run/wireguard");
    private static final int MAX_CONNECTIONS = 32;
    private static final Logger LOG = LoggerFactory.getLogger(UapiServer.class);

    private final Path path;
    private final UapiTarget target;
    private final Executor executor;
    private final ServerSocketChannel server;
    private final Semaphore places = new Semaphore(MAX_CONNECTIONS);
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    private UapiServer(Path path, UapiTarget target, Executor executor, ServerSocketChannel server) {
        this.path = path;
        this.target = target;
        this.executor = executor;
        this.server = server;
    }

    /** Where {@code wg} looks for the interface. */
    public static Path socketPath(String interfaceName) {
        return FOLDER.resolve(interfaceName + ".sock");
    }

    /**
     * Listens at {@code path}, whose folder is made when it is missing (mode 0755). The file of a dead process is
     * replaced; a live one is a UserError. {@code executor} runs the target's methods, on the thread that owns it.
     */
    public static UapiServer start(Path path, UapiTarget target, Executor executor) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        if (Files.exists(path)) {
            if (answers(path)) {
                throw new UserError(
                        "another program serves the interface of " + path + "; stop it, or choose another --interface");
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
        UapiServer uapi = new UapiServer(path, target, executor, server);
        Thread.ofPlatform().name("uapi-accept").daemon().start(uapi::accept);
        return uapi;
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
                    Thread.ofVirtual().name("uapi-connection").start(() -> serve(channel));
                } else {
                    channel.close();
                }
            } catch (IOException closed) {
                LOG.debug("the UAPI socket stopped accepting: {}", closed.getMessage());
            }
        }
    }

    private void serve(SocketChannel channel) {
        try (channel;
                InputStream in = new BufferedInputStream(Channels.newInputStream(channel));
                OutputStream out = Channels.newOutputStream(channel)) {
            new UapiConnection(target, executor, in, out).serve();
        } catch (IOException gone) {
            LOG.debug("a UAPI connection ended: {}", gone.getMessage());
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
            LOG.debug("closing the UAPI socket: {}", harmless.getMessage());
        }
    }
}
