package dev.warren.platform.net;

import dev.warren.platform.config.UserError;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Unix stream socket for its owner only (mode 0600): one thread accepts, one virtual thread serves each connection,
 * {@value #MAX_CONNECTIONS} at once. One more takes the place of the one on which nothing was read or written for the
 * longest time: a connection may stay open without a word, but none keeps a newcomer out. {@link #close()} ends them all
 * and removes the socket file.
 */
public final class UnixListener implements AutoCloseable {
    /** Serves one connection; when it returns or fails, the connection is closed. */
    @FunctionalInterface
    public interface Session {
        /** Reads requests from {@code in} and writes answers to {@code out}, on the connection's own thread. */
        void serve(InputStream in, OutputStream out) throws IOException, InterruptedException;
    }

    private static final int MAX_CONNECTIONS = 32;
    /** A process that was told to end has closed its socket by then. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** With five letters or digits each. */
    private static final int NAMES = 36 * 36 * 36 * 36 * 36;

    /** Of st_mode, inode(7). */
    private static final int FILE_TYPE = 0xf000;

    private static final int SOCKET = 0xc000;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Logger LOG = LoggerFactory.getLogger(UnixListener.class);

    private final Path path;
    private final Session session;
    private final ServerSocketChannel server;
    private final String file;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();

    private UnixListener(Path path, Session session, ServerSocketChannel server) {
        this.path = path;
        this.session = session;
        this.server = server;
        this.file = fileKey(path);
    }

    /**
     * Listens at {@code path}. The socket of a dead process is replaced; one that goes on living for a moment is a
     * UserError, and so is what is no socket.
     *
     * @param inUse the sentence for a socket that lives
     */
    public static UnixListener start(Path path, String inUse, Session session) throws IOException {
        requireFree(path, inUse);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            bind(server, path);
        } catch (IOException | RuntimeException failed) {
            server.close();
            throw failed;
        }
        return serve(path, server, session);
    }

    /**
     * The kernel makes the file of a socket as open as the umask allows, which belongs to the whole process and can't be set
     * from Java. So it is made where nobody else can look, and takes its place once it is closed to others and somebody listens.
     */
    private static void bind(ServerSocketChannel server, Path path) throws IOException {
        Path hidden = hiddenFolder(path);
        Path made = hidden.resolve("s");
        try {
            server.bind(UnixDomainSocketAddress.of(made));
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rw-------"));
            Files.move(made, path, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(made);
            Files.delete(hidden);
        }
    }

    /** A short name, as the path of a socket is bounded to 107 bytes. */
    private static Path hiddenFolder(Path beside) throws IOException {
        while (true) {
            Path folder = beside.resolveSibling("." + Integer.toString(RANDOM.nextInt(NAMES), Character.MAX_RADIX));
            try {
                return Files.createDirectory(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException taken) {
                LOG.debug("{} is there already", folder);
            }
        }
    }

    /** Serves a socket that somebody else has bound to {@code path}; it belongs to the listener from now on. */
    public static UnixListener serve(Path path, ServerSocketChannel server, Session session) {
        UnixListener listener = new UnixListener(path, session, server);
        Thread.ofPlatform().name("unix-" + path.getFileName()).daemon().start(listener::accept);
        return listener;
    }

    /** Throws what {@link #start} would if it were called now because of what is at {@code path}. */
    public static void requireFree(Path path, String inUse) throws IOException {
        requireNoOther(path);
        awaitEnd(path, inUse);
    }

    /** Throws a UserError when what is at {@code path} is no socket: it is somebody's, and a socket would replace it. */
    public static void requireNoOther(Path path) throws IOException {
        try {
            int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            if ((mode & FILE_TYPE) != SOCKET) {
                throw new UserError(path + " is no socket, and one has to be made there: move or delete what it is");
            }
        } catch (NoSuchFileException | AccessDeniedException unseen) {
            LOG.debug("nothing is seen at {}", path); // whoever makes a socket there is told why it can't
        }
    }

    /** A predecessor may be about to end, as when an interface is deleted and made anew at once. */
    private static void awaitEnd(Path path, String inUse) {
        long deadlineNanos = System.nanoTime() + LINGER_NANOS;
        while (Files.exists(path) && answers(path)) {
            if (System.nanoTime() > deadlineNanos) {
                throw new UserError(inUse);
            }
            LockSupport.parkNanos(LINGER_NANOS / 20);
        }
    }

    /** Whether somebody listens, even if not one more connection fits into the queue; never waits. */
    private static boolean answers(Path path) {
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            return probe.connect(UnixDomainSocketAddress.of(path)) || probe.isConnectionPending();
        } catch (IOException refused) {
            return false;
        }
    }

    private void accept() {
        while (server.isOpen()) {
            try {
                Connection accepted = new Connection(server.accept());
                while (open.size() >= MAX_CONNECTIONS) {
                    closeLongestIdle();
                }
                open.add(accepted);
                Thread.ofVirtual().name("unix-connection").start(() -> serve(accepted));
            } catch (IOException closed) {
                LOG.debug("{} stopped accepting: {}", path, closed.getMessage());
            }
        }
    }

    private void closeLongestIdle() throws IOException {
        long nowNanos = System.nanoTime();
        Connection longest = null;
        for (Connection one : open) {
            if (longest == null || one.idleNanos(nowNanos) > longest.idleNanos(nowNanos)) {
                longest = one;
            }
        }
        if (longest != null) {
            LOG.debug("{} has {} connections: the longest idle one makes room", path, MAX_CONNECTIONS);
            open.remove(longest);
            longest.channel.close();
        }
    }

    private void serve(Connection connection) {
        try (SocketChannel channel = connection.channel;
                InputStream in = new BufferedInputStream(connection.new Input(channel));
                OutputStream out = connection.new Output(channel)) {
            session.serve(in, out);
        } catch (IOException | UncheckedIOException gone) {
            LOG.debug("a connection to {} ended: {}", path, gone.getMessage());
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(connection);
        }
    }

    /**
     * Stops listening, ends every connection and removes the socket file: the file first, because once nobody answers
     * behind it another process may put its own in its place.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            if (file.equals(fileKey(path))) {
                Files.deleteIfExists(path);
            }
            server.close();
            for (Connection connection : open) {
                connection.channel.close();
            }
        } catch (IOException harmless) {
            LOG.debug("closing {}: {}", path, harmless.getMessage());
        }
    }

    /** Which file it is, device and inode; empty when there is none. */
    private static String fileKey(Path path) {
        try {
            return String.valueOf(
                    Files.readAttributes(path, BasicFileAttributes.class).fileKey());
        } catch (IOException gone) {
            return "";
        }
    }

    /** A connection, and when something last went through it. */
    private static final class Connection {
        private final SocketChannel channel;
        private volatile long lastUsedNanos = System.nanoTime();

        Connection(SocketChannel channel) {
            this.channel = channel;
        }

        long idleNanos(long nowNanos) {
            return nowNanos - lastUsedNanos;
        }

        private void used() {
            lastUsedNanos = System.nanoTime();
        }

        private final class Input extends FilterInputStream {
            Input(SocketChannel channel) {
                super(Channels.newInputStream(channel));
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int read = super.read(buffer, offset, length);
                used();
                return read;
            }
        }

        private final class Output extends FilterOutputStream {
            Output(SocketChannel channel) {
                super(Channels.newOutputStream(channel));
            }

            @Override
            public void write(byte[] buffer, int offset, int length) throws IOException {
                out.write(buffer, offset, length);
                used();
            }
        }
    }
}
