package dev.warren.coordinator;

import dev.warren.coordinator.api.ApiServer;
import dev.warren.coordinator.api.Metrics;
import dev.warren.coordinator.api.NonceBook;
import dev.warren.coordinator.api.OperatorSocket;
import dev.warren.coordinator.registry.RegisteredRelay;
import dev.warren.coordinator.registry.TokenRequest;
import dev.warren.coordinator.store.SqliteStore;
import dev.warren.coordinator.web.OpsServer;
import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.tls.Pin;
import dev.warren.platform.tls.SelfSignedCertificate;
import dev.warren.platform.tls.ServerCredentials;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.derp.DerpMap;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running coordinator: store, core, the two listeners and the operator's socket. */
public final class CoordinatorServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorServer.class);
    private static final long WAIT_SECONDS = 10;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final LongSupplier unixMillis;
    private final CoordinatorConfig config;
    private final ServerCredentials credentials;
    private final Core core;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final int port;
    private final int opsPort;

    private CoordinatorServer(CoordinatorConfig config, LongSupplier unixMillis) throws IOException {
        this.config = config;
        this.unixMillis = unixMillis;
        SecureRandom random = new SecureRandom();
        Path folder = config.dataDir();
        try {
            prepareFolder(folder);
            SqliteStore store = part(SqliteStore.open(ownersOnly(folder.resolve("coordinator.db")), unixMillis));
            credentials = SelfSignedCertificate.loadOrCreate(
                    folder.resolve("coordinator.crt"), folder.resolve("coordinator.key"), publicHost());
            core = part(Core.start(
                    store,
                    config.pool(),
                    config.relays(),
                    new Core.Environment(unixMillis, CoordinatorServer::monotonicMillis, random, config.leases())));
            OperatorSocket door = part(OperatorSocket.open(folder, new Desk()));
            Vertx vertx = vertx();
            parts.push(() -> await(vertx.close()));
            Context context = vertx.getOrCreateContext();
            Metrics metrics = new Metrics(registry, core);
            ApiServer.Surroundings surroundings =
                    new ApiServer.Surroundings(new NonceBook(random), metrics, unixMillis);
            port = listen(
                    config.listen(),
                    "--listen",
                    address -> onContext(
                            context, () -> new ApiServer(core, context, credentials, surroundings).listen(address)));
            opsPort = listen(
                    config.opsListen(), "--ops-listen", address -> new OpsServer(vertx, core, registry, unixMillis)
                            .listen(address));
            var _ = door.serve();
        } catch (IOException | RuntimeException failure) {
            close();
            throw failure;
        }
    }

    /** Starts a coordinator; throws {@link UserError} with a sentence for whatever the operator can put right. */
    public static CoordinatorServer start(CoordinatorConfig config) throws IOException {
        return start(config, System::currentTimeMillis);
    }

    static CoordinatorServer start(CoordinatorConfig config, LongSupplier unixMillis) throws IOException {
        return new CoordinatorServer(config, unixMillis);
    }

    /** The port on which nodes and relays connect. */
    public int port() {
        return port;
    }

    /** The port of the status page, metrics and health. */
    public int opsPort() {
        return opsPort;
    }

    /** The pin of the certificate. */
    public Pin pin() {
        return credentials.pin();
    }

    /** What join tokens name, {@code https://HOST:PORT}. */
    public URI url() {
        HostPort named = config.publicAddress();
        return URI.create("https://" + (named == null ? new HostPort(publicHost(), port) : named));
    }

    /** Where relays ask whom to admit. */
    public URI verifyUrl() {
        return url().resolve("/v1/verify");
    }

    /** Makes a join token, as {@code warren coordinator token create} does; {@code lifetimeMillis} null = for ever. */
    public String createToken(boolean reusable, @Nullable Long lifetimeMillis, List<String> tags) {
        return createToken(reusable, lifetimeMillis, tags, false);
    }

    /** Makes a token with which a relay registers, as {@code warren coordinator token create --relay} does. */
    public String createRelayToken(boolean reusable, @Nullable Long lifetimeMillis) {
        return createToken(reusable, lifetimeMillis, List.of(), true);
    }

    private String createToken(boolean reusable, @Nullable Long lifetimeMillis, List<String> tags, boolean relay) {
        Long expires = lifetimeMillis == null ? null : unixMillis.getAsLong() + lifetimeMillis;
        String secret;
        try {
            secret = core.createToken(new TokenRequest(reusable, expires, tags, relay))
                    .join();
        } catch (CompletionException failure) {
            throw new UserError("no join token could be made: " + failure.getCause(), failure);
        }
        return new JoinToken(core.mesh(), List.of(url()), List.of(pin().toString()), secret, expires).encode();
    }

    /** The relays that do not register are these from now on; true when the map is another one by it. */
    public boolean changeRelays(DerpMap relays) {
        return core.changeFixedRelays(relays).join();
    }

    @Override
    public void close() {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (Exception failure) {
                LOG.warn("could not stop cleanly: {}", failure.getMessage());
            }
        }
    }

    private static long monotonicMillis() {
        return Clock.bootTimeNanos() / 1_000_000;
    }

    private <T extends AutoCloseable> T part(T part) {
        parts.push(part);
        return part;
    }

    /** Answers operators, on threads of their own. */
    private final class Desk implements OperatorSocket.Desk {
        @Override
        public String token(OperatorSocket.TokenWish wish) {
            return createToken(wish.reusable(), wish.lifetimeMillis(), wish.tags(), Boolean.TRUE.equals(wish.relay()));
        }

        @Override
        public List<RegisteredRelay> relays() {
            return core.relays().join();
        }

        @Override
        public RegisteredRelay removeRelay(String called) {
            try {
                return core.removeRelay(called).join();
            } catch (CompletionException failure) {
                throw failure.getCause() instanceof UserError sentence ? sentence : failure;
            }
        }
    }

    private String publicHost() {
        HostPort named = config.publicAddress();
        if (named != null) {
            return named.host();
        }
        InetSocketAddress listen = config.listen().listenAddress();
        return listen.getAddress().isAnyLocalAddress()
                ? OwnAddress.find()
                : listen.getAddress().getHostAddress();
    }

    private static void prepareFolder(Path folder) throws IOException {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        } catch (IOException failure) {
            throw new UserError(
                    "the data folder " + folder + " cannot be made (" + reason(failure)
                            + "): name another --data-dir, or give this user the right to",
                    failure);
        }
        if (!Files.isWritable(folder)) {
            throw new UserError("the data folder " + folder
                    + " cannot be written: give this user the right to, or name another --data-dir");
        }
    }

    /** Makes the file with mode 0600 when it is missing; SQLite gives its log the same mode. */
    private static Path ownersOnly(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        return file;
    }

    private static String reason(IOException failure) {
        return switch (failure) {
            case AccessDeniedException _ -> "no permission";
            case FileAlreadyExistsException _ -> "it is a file";
            case NoSuchFileException _ -> "the folder above it does not take new ones";
            case FileSystemException file when file.getReason() != null -> file.getReason();
            default -> "it cannot be written there";
        };
    }

    private static Vertx vertx() {
        FileSystemOptions noFiles =
                new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false);
        return Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(2)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setFileSystemOptions(noFiles));
    }

    private interface Opening {
        Future<Integer> open(InetSocketAddress address);
    }

    private static int listen(HostPort where, String option, Opening opening) {
        InetSocketAddress address = where.listenAddress();
        try {
            return await(opening.open(address));
        } catch (CompletionException failure) {
            Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            throw Sentences.cannotListen(address, option, cause);
        }
    }

    private static Future<Integer> onContext(Context context, Supplier<Future<Integer>> work) {
        Promise<Integer> promise = Promise.promise();
        context.runOnContext(_ -> work.get().onComplete(promise));
        return promise.future();
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            throw new CompletionException(failure.getCause());
        } catch (TimeoutException late) {
            throw new CompletionException("no answer within " + WAIT_SECONDS + " s", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CompletionException("interrupted", interrupted);
        }
    }
}
