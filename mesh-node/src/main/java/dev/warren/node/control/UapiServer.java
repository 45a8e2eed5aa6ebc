package dev.warren.node.control;

import dev.warren.platform.net.UnixListener;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.Executor;

/** The socket at which {@code wg} finds an interface: {@code /var/run/wireguard/NAME.sock}, mode 0600. */
public final class UapiServer implements AutoCloseable {
    private static final Path FOLDER = Path.of("/var/run/wireguard");

    private final UnixListener listener;

    private UapiServer(UnixListener listener) {
        this.listener = listener;
    }

    /** Where {@code wg} looks for the interface. */
    public static Path socketPath(String interfaceName) {
        return FOLDER.resolve(interfaceName + ".sock");
    }

    /**
     * Listens at {@code path}, whose folder is made when it is missing (mode 0755). The socket of a dead process is
     * replaced; a live one, or what is no socket, is a UserError. {@code executor} runs the target's methods, on the thread that owns it.
     */
    public static UapiServer start(Path path, UapiTarget target, Executor executor) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return new UapiServer(UnixListener.start(path, inUse(path), session(target, executor)));
    }

    /** Throws what {@link #start} would if it were called now, because of what is at {@code path}. */
    public static void requireFree(Path path) throws IOException {
        UnixListener.requireFree(path, inUse(path));
    }

    private static String inUse(Path path) {
        return "another program serves the interface of " + path + "; stop it, or choose another --interface";
    }

    /** The same with a listening socket that was inherited, and that is bound to {@code path}. */
    public static UapiServer serve(Path path, ServerSocketChannel socket, UapiTarget target, Executor executor) {
        return new UapiServer(UnixListener.serve(path, socket, session(target, executor)));
    }

    private static UnixListener.Session session(UapiTarget target, Executor executor) {
        return (in, out) -> new UapiConnection(target, executor, in, out).serve();
    }

    /** Stops listening, ends every connection and removes the socket file. */
    @Override
    public void close() {
        listener.close();
    }
}
