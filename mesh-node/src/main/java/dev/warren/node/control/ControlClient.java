package dev.warren.node.control;

import dev.warren.platform.config.UserError;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A connection to the local socket of a running node. Used by one thread. */
public final class ControlClient implements AutoCloseable {
    private final SocketChannel channel;
    private final InputStream in;
    private final OutputStream out;

    private ControlClient(SocketChannel channel) {
        this.channel = channel;
        this.in = new BufferedInputStream(Channels.newInputStream(channel));
        this.out = Channels.newOutputStream(channel);
    }

    /** Connects to the node with this state folder; the UserError says what to do when none is running. */
    public static ControlClient connect(Path stateDir) throws IOException {
        Path path = ControlServer.socketPath(stateDir);
        try {
            return new ControlClient(SocketChannel.open(UnixDomainSocketAddress.of(path)));
        } catch (IOException refused) {
            if (Files.exists(path) && !Files.isWritable(path)) {
                throw new UserError(
                        "no permission for the node's socket " + path
                                + "; run this as the user that runs \"warren up\"",
                        refused);
            }
            throw new UserError(
                    "no node is running with the state folder " + stateDir
                            + "; start one with \"warren up\", or name its folder with --state-dir",
                    refused);
        }
    }

    /** Sends a request; its replies are read with {@link #next()}. */
    public void send(ControlRequest request) throws IOException {
        out.write(ControlCodec.encode(request));
    }

    /** The next reply; null when the node closed the connection. */
    public @Nullable ControlReply next() throws IOException {
        String line = ControlCodec.readLine(in, ControlCodec.MAX_REPLY_BYTES);
        return line == null ? null : ControlCodec.decodeReply(line);
    }

    /** Waits until the node closes the connection, which is the last thing that a node on its way down does. */
    public void awaitEnd() throws IOException {
        in.transferTo(OutputStream.nullOutputStream());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
