package dev.warren.node.control;

import dev.warren.platform.config.UserError;
import dev.warren.platform.net.UnixListener;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The local socket of a running node, in its state folder: one JSON line a request, one or more for its answer. */
public final class ControlServer implements AutoCloseable {
    /** The socket's file name in the state folder. */
    public static final String SOCKET_NAME = "control.sock";
    /** sun_path of a Unix socket address holds 108 bytes with the closing zero (unix(7)). */
    private static final int MAX_PATH_BYTES = 107;

    private final ControlHandler handler;
    private final UnixListener listener;

    private ControlServer(Path stateDir, ControlHandler handler) throws IOException {
        this.handler = handler;
        this.listener = UnixListener.start(socketPath(stateDir), inUse(stateDir), this::serve);
    }

    /** Throws what {@link #start} would if it were called now, because of what is at the socket's place. */
    public static void requireFree(Path stateDir) throws IOException {
        UnixListener.requireFree(socketPath(stateDir), inUse(stateDir));
    }

    private static String inUse(Path stateDir) {
        return "a node with the state folder " + stateDir
                + " is running already; stop it with \"warren down --state-dir " + stateDir
                + "\" or use another --state-dir";
    }

    /**
     * Listens on the socket in {@code stateDir}. One left behind by a dead process is replaced; a live one means that the
     * node is running already, and the UserError says so, as it does of a file that is no socket.
     */
    public static ControlServer start(Path stateDir, ControlHandler handler) throws IOException {
        return new ControlServer(stateDir, handler);
    }

    /** Where the socket of a node with this state folder is; UserError when the path is too long for a socket. */
    public static Path socketPath(Path stateDir) {
        Path path = stateDir.resolve(SOCKET_NAME);
        int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_PATH_BYTES) {
            throw new UserError("the state folder's path is too long for a Unix socket in it (" + length + " bytes of "
                    + MAX_PATH_BYTES + "); choose a shorter --state-dir");
        }
        return path;
    }

    private void serve(InputStream in, OutputStream out) throws IOException, InterruptedException {
        for (String line = read(in); line != null; line = read(in)) {
            answer(line, out);
        }
    }

    private static @Nullable String read(InputStream in) throws IOException {
        return ControlCodec.readLine(in, ControlCodec.MAX_REQUEST_BYTES);
    }

    private void answer(String line, OutputStream out) throws InterruptedException {
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
                case ControlRequest.Relays() -> write(out, handler.relays());
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
        listener.close();
    }
}
