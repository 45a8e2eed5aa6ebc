package dev.warren.node;

import dev.warren.node.control.DeviceUapiTarget;
import dev.warren.node.control.UapiException;
import dev.warren.node.control.UapiServer;
import dev.warren.node.control.UapiTarget;
import dev.warren.node.engine.MeshEngine;
import dev.warren.node.engine.PingAnswer;
import dev.warren.node.tunnel.Acceleration;
import dev.warren.node.tunnel.Tunnel;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.TunDevice;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.security.SecureRandom;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The agent's tunnel as an ordinary WireGuard interface: no coordinator, no relays, no path agents. It starts without
 * key, peers and addresses; {@code wg} gives it the first two through the UAPI socket, {@code ip} the rest. It ends with
 * {@link #close()}, when its interface is deleted, or when its socket's file is removed, as wireguard-go does.
 */
public final class WireGuardInterface implements AutoCloseable {
    /** What is left of an Ethernet's 1500 bytes for an inner packet over IPv6, the usual MTU of WireGuard. */
    public static final int MTU_BYTES = 1420;

    /**
     * What an interface is from its start on.
     *
     * @param name of the interface
     * @param port the UDP port of both families; 0 = any
     * @param mtuBytes the largest packet inside
     * @param acceleration what may make it fast
     */
    public record Settings(String name, int port, int mtuBytes, Acceleration acceleration) {}

    /**
     * What whoever started this process has opened for it.
     *
     * @param tun the descriptor of a TUN device
     * @param uapi a socket that is bound where the interface's UAPI socket belongs, or null
     */
    public record Inherited(OptionalInt tun, @Nullable ServerSocketChannel uapi) {
        /** Neither. */
        public static final Inherited NOTHING = new Inherited(OptionalInt.empty(), null);
    }

    /** What is asked or changed on the datapath thread. */
    @FunctionalInterface
    public interface Question<T> {
        /** Runs between two packets; {@code target} is what {@code wg} would talk to. */
        T answer(UapiTarget target, MeshEngine engine, long nowNanos) throws UapiException;
    }

    /** A value, or what was thrown instead, on its way between two threads. */
    private interface Answer<T> {
        T get() throws UapiException;
    }

    private final Tunnel tunnel;
    private final UapiTarget target;
    private final @Nullable UapiServer uapi;
    private final @Nullable WatchService watch;
    private final CompletableFuture<String> ended;

    private WireGuardInterface(
            Tunnel tunnel,
            UapiTarget target,
            @Nullable UapiServer uapi,
            @Nullable WatchService watch,
            CompletableFuture<String> ended) {
        this.tunnel = tunnel;
        this.target = target;
        this.uapi = uapi;
        this.watch = watch;
        this.ended = ended;
    }

    /**
     * Opens the interface {@code name}, with any UDP port, and its UAPI socket at {@code socket}. Throws a UserError, or
     * an IOException with a sentence for the user.
     */
    public static WireGuardInterface open(String name, Path socket) throws IOException {
        return open(new Settings(name, 0, MTU_BYTES, Acceleration.BEST), socket);
    }

    /** The same with other settings, and without a socket when that is null. */
    public static WireGuardInterface open(Settings settings, @Nullable Path socket) throws IOException {
        return open(settings, socket == null ? null : _ -> socket, Inherited.NOTHING);
    }

    /**
     * As {@link #open(String, Path)}, with the socket where {@code socketOf} the interface's name is, which {@code wg%d}
     * leaves to the kernel, and with what is {@code inherited}.
     */
    public static WireGuardInterface open(
            String name, Acceleration acceleration, Function<String, Path> socketOf, Inherited inherited)
            throws IOException {
        return open(new Settings(name, 0, MTU_BYTES, acceleration), socketOf, inherited);
    }

    private static WireGuardInterface open(
            Settings settings, @Nullable Function<String, Path> socketOf, Inherited inherited) throws IOException {
        SecureRandom random = new SecureRandom();
        CompletableFuture<String> ended = new CompletableFuture<>();
        Tunnel tunnel = Tunnel.open(
                new Tunnel.Settings(
                        settings.name(),
                        settings.port(),
                        settings.mtuBytes(),
                        NodePrivateKey.generate(random),
                        DiscoPrivateKey.generate(random),
                        settings.acceleration()),
                new Alone(ended),
                inherited.tun());
        UapiServer uapi = null;
        try {
            // The first command of all: until somebody sets a key there is none, whatever the tunnel was opened with.
            tunnel.command((engine, now) -> engine.device().forgetPrivateKey(now));
            DeviceUapiTarget target =
                    new DeviceUapiTarget(tunnel.engine().device(), new TunnelUapi(tunnel, true), Clock::bootTimeNanos);
            if (socketOf == null) {
                return new WireGuardInterface(tunnel, target, null, null, ended);
            }
            Path socket = socketOf.apply(tunnel.interfaceName());
            Executor datapath = command -> {
                if (!tunnel.command((_, _) -> command.run())) {
                    throw new RejectedExecutionException("the datapath has ended or is overloaded");
                }
            };
            ServerSocketChannel bound = inherited.uapi();
            uapi = bound == null
                    ? UapiServer.start(socket, target, datapath)
                    : UapiServer.serve(socket, bound, target, datapath);
            WatchService watch = watchSocket(socket, ended);
            return new WireGuardInterface(tunnel, target, uapi, watch, ended);
        } catch (IOException | RuntimeException failed) {
            close(tunnel, uapi);
            throw failed;
        }
    }

    /** The interface's name. */
    public String name() {
        return tunnel.interfaceName();
    }

    /** The UDP port of both families. */
    public int port() {
        return tunnel.port();
    }

    /**
     * The answer to a question; waits for it. An IOException with a sentence says that the interface has ended or that
     * the system refuses.
     */
    public <T> T ask(Question<T> question) throws IOException {
        CompletableFuture<Answer<T>> answer = tunnel.ask((engine, now) -> {
            try {
                T value = question.answer(target, engine, now);
                return () -> value;
            } catch (RuntimeException failed) {
                return () -> {
                    throw failed;
                };
            } catch (UapiException refused) {
                return () -> {
                    throw refused;
                };
            }
        });
        try {
            return answer.get().get();
        } catch (UapiException refused) {
            throw new IOException(refused.getMessage(), refused);
        } catch (ExecutionException abandoned) {
            throw new IOException("the interface " + name() + " has ended", abandoned);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for the interface " + name(), interrupted);
        }
    }

    /**
     * Ends when the interface does though nobody closed it: with a sentence when it failed, empty when the interface was
     * deleted or its socket removed.
     */
    public CompletableFuture<String> ended() {
        return ended.copy();
    }

    /** Ends it; interface and socket are gone when it returns. */
    @Override
    public void close() {
        try {
            if (watch != null) {
                watch.close();
            }
        } catch (IOException harmless) {
            ended.complete(""); // the watch is of no more use either way
        }
        close(tunnel, uapi);
    }

    private static void close(Tunnel tunnel, @Nullable UapiServer uapi) {
        if (uapi != null) {
            uapi.close();
        }
        tunnel.close();
    }

    /** Completes {@code ended} when the file at {@code socket} is gone. */
    private static WatchService watchSocket(Path socket, CompletableFuture<String> ended) throws IOException {
        Path folder = socket.toAbsolutePath().getParent();
        if (folder == null) {
            throw new IOException(socket + " is in no folder");
        }
        WatchService watch = folder.getFileSystem().newWatchService();
        try {
            folder.register(watch, StandardWatchEventKinds.ENTRY_DELETE);
        } catch (IOException refused) {
            watch.close();
            throw refused;
        }
        Thread.ofVirtual().name("socket-watch").start(() -> {
            try {
                boolean watching = true;
                while (watching && Files.exists(socket)) {
                    WatchKey key = watch.take();
                    key.pollEvents();
                    watching = key.reset();
                }
                WatchKey _ = watch.poll(); // throws when it is closed: then it was close() that took the socket away
                ended.complete("");
            } catch (InterruptedException | ClosedWatchServiceException closing) {
                Thread.currentThread().interrupt();
            }
        });
        return watch;
    }

    /** What is around the tunnel: nothing. */
    private record Alone(CompletableFuture<String> end) implements Tunnel.Surroundings {
        @Override
        public void sendRelay(int region, NodePublicKey to, byte[] buffer, int offset, int length, long nowNanos) {}

        @Override
        public void endpointsChanged(List<InetSocketAddress> endpoints) {}

        @Override
        public void homeRegionChanged(int region, long nowNanos) {}

        @Override
        public void pingAnswered(long token, PingAnswer answer) {}

        @Override
        public void ended(String reason) {
            end.complete(reason.endsWith(TunDevice.GONE) ? "" : reason);
        }
    }
}
