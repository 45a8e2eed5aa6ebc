package dev.warren.node.control;

import dev.warren.platform.config.UserError;
import dev.warren.platform.coordination.CoordinatorHttp;
import dev.warren.platform.coordination.RefusedByCoordinator;
import dev.warren.platform.coordination.RetryDelay;
import dev.warren.platform.linux.Clock;
import dev.warren.protocol.coordination.CoordinationFormatException;
import dev.warren.protocol.coordination.ErrorCode;
import dev.warren.protocol.coordination.JoinToken;
import dev.warren.protocol.coordination.Json;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.NetworkMap;
import dev.warren.protocol.coordination.PathReport;
import dev.warren.protocol.coordination.RegisterAnswer;
import dev.warren.protocol.coordination.RegisterRequest;
import dev.warren.protocol.coordination.Versions;
import dev.warren.protocol.coordination.WatchFrame;
import dev.warren.protocol.key.DiscoPublicKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's side of the coordinator: registers, tells what changed at the node, and follows the mesh. Goes on by itself
 * whatever happens to the coordinator.
 *
 * <p>Two threads: {@code coordinator-watch} registers, reads the stream and calls the listener;
 * {@code coordinator-update} sends what changed, at most once a second, and breaks a stream that has gone silent. The
 * public methods never wait for the network.
 */
public final class CoordinatorClient implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorClient.class);
    /** A whole mesh of 10,000 nodes is about 10 MB. */
    private static final int MAX_FRAME_BYTES = 64 * 1024 * 1024;

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long STOP_MILLIS = 2_000;
    private static final long FIRST_JOIN_NANOS = 30_000_000_000L;

    private final NodeState state;
    private final Settings settings;
    private final Membership membership;
    private final CoordinatorHttp http;
    private final OwnRecord own;
    private final MapMirror mirror; // watch thread
    private final RetryDelay delay; // watch thread
    private final MapCache cache;
    private final UpdateSender updates;
    private final CompletableFuture<KnownNode> joined = new CompletableFuture<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Thread watchThread;
    private final long startedNanos = System.nanoTime();
    private volatile @Nullable InputStream stream;
    private volatile long lastFrameNanos;
    private volatile boolean hurry;
    private boolean member; // watch thread

    /**
     * What the client runs with.
     *
     * @param token needed at the first start only
     * @param hostName what the node would like to be called
     * @param software name and version of the program, for people
     * @param discoKey of this process
     */
    public record Settings(@Nullable JoinToken token, String hostName, String software, DiscoPublicKey discoKey) {}

    private CoordinatorClient(NodeState state, Membership membership, Settings settings, CoordinatorListener listener)
            throws IOException {
        SecureRandom random = new SecureRandom();
        this.state = state;
        this.settings = settings;
        this.membership = membership;
        this.member = state.membership() != null;
        this.http = new CoordinatorHttp(membership.mesh(), membership.urls(), membership.pins(), state.identity());
        this.own = new OwnRecord(state, membership.mesh(), settings.discoKey());
        this.mirror =
                new MapMirror(membership.mesh(), state.identity().publicKey(), new PeerPins(state.pins()), LOG::warn);
        this.delay = new RetryDelay(random);
        this.cache = new MapCache(state);
        this.updates = new UpdateSender(http, own, this::breakSilentStream);
        this.watchThread =
                Thread.ofPlatform().name("coordinator-watch").daemon().unstarted(() -> watch(new Calls(listener)));
    }

    /**
     * Starts the client. Throws {@link UserError} when there is neither a membership in the state folder nor a token,
     * or when the token is for another mesh than the state folder.
     */
    public static CoordinatorClient start(NodeState state, Settings settings, CoordinatorListener listener)
            throws IOException {
        CoordinatorClient client =
                new CoordinatorClient(state, membership(state, settings.token()), settings, listener);
        client.watchThread.start();
        client.updates.start();
        return client;
    }

    /**
     * Ends when the node is in the mesh: after the first registration, or at once from what the last run kept. Ends
     * with {@link UserError} when the first join fails, be it by the token or because nobody answers; the client has
     * stopped then.
     */
    public CompletableFuture<KnownNode> joined() {
        return joined.copy();
    }

    /** Where the node may be reached now; goes to the coordinator within about a second. */
    public void publish(List<InetSocketAddress> endpoints, int homeRegion) {
        if (own.change(endpoints, homeRegion)) {
            updates.recordChanged();
        }
    }

    /** How the node reaches each peer now, all of them; goes to the coordinator within about a second. */
    public void report(List<PathReport> paths) {
        updates.pathsChanged(paths);
    }

    /**
     * The network of this machine changed: try again at once if there is no stream, and when something is gone from it
     * ({@code isLost}), make a new one if there is.
     */
    public void networkChanged(boolean isLost) {
        hurry = true;
        if (!isLost && stream != null) {
            return;
        }
        closeStream();
        watchThread.interrupt();
    }

    /** Records of the coordinator that were refused, see the log for why. */
    public long refusedRecords() {
        return mirror.refusedCount();
    }

    /** Where the coordinator is. */
    public URI coordinator() {
        return http.url();
    }

    @Override
    public void close() {
        stopped.countDown();
        updates.close();
        closeStream();
        watchThread.interrupt();
        http.close();
        try {
            if (!watchThread.equals(Thread.currentThread())) {
                watchThread.join(STOP_MILLIS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        joined.cancel(false);
    }

    private static Membership membership(NodeState state, @Nullable JoinToken token) throws IOException {
        Membership held = state.membership();
        Membership chosen = Membership.choose(held, token);
        if (held != null && !chosen.equals(held)) {
            state.join(chosen);
        }
        return chosen;
    }

    /** Calls the listener; a listener that throws does not end the client. */
    private record Calls(CoordinatorListener listener) {
        void map(NetworkMap map) {
            guarded(() -> listener.networkMap(map));
        }

        void state(boolean connected, String detail) {
            guarded(() -> listener.state(connected, detail));
        }

        private static void guarded(Runnable call) {
            try {
                call.run();
            } catch (RuntimeException failure) {
                LOG.error("the listener of the coordinator client failed", failure);
            }
        }
    }

    private void watch(Calls calls) {
        boolean registered = false;
        useCache(calls);
        while (stopped.getCount() > 0) {
            try {
                if (!registered) {
                    register();
                    registered = true;
                }
                follow(calls);
                throw new IOException("the coordinator ended the stream");
            } catch (InterruptedException interrupted) {
                LOG.debug("woken up"); // by close() or networkChanged()
            } catch (IOException | CoordinationFormatException failure) {
                registered &= !(failure instanceof RefusedByCoordinator);
                if (stopped.getCount() == 0 || !goOn(calls, failure)) {
                    break;
                }
            }
        }
        saveQuietly();
    }

    private void useCache(Calls calls) {
        try {
            WatchFrame.Full kept = member ? state.cachedMap() : null;
            NetworkMap map = kept == null ? null : mirror.apply(kept);
            if (map != null) {
                joined.complete(map.self());
                calls.map(map);
                calls.state(false, "connecting to " + http.url() + "; using the map of the last run");
                return;
            }
        } catch (IOException | CoordinationFormatException unusable) {
            LOG.debug("the kept map cannot be used: {}", unusable.getMessage());
        }
        calls.state(false, "connecting to " + http.url());
    }

    private void register() throws IOException, InterruptedException {
        JoinToken token = settings.token();
        RegisterAnswer answer;
        try {
            answer = registerOnce(token);
        } catch (RefusedByCoordinator refused) {
            Long held = refused.answer().sequence();
            if (refused.answer().error() != ErrorCode.STALE_SEQUENCE || held == null) {
                throw refused;
            }
            own.skipTo(held);
            answer = registerOnce(token);
        }
        if (!answer.mesh().equals(membership.mesh())) {
            throw new IOException("the coordinator answers for another mesh than the token's: get a new token");
        }
        KnownNode self = KnownNode.verify(answer.self());
        if (!member) {
            state.join(membership);
            member = true;
        }
        joined.complete(self);
        updates.registered();
    }

    private RegisterAnswer registerOnce(@Nullable JoinToken token) throws IOException, InterruptedException {
        RegisterRequest request = new RegisterRequest(
                Versions.CURRENT,
                Versions.FEATURES,
                settings.hostName(),
                settings.software(),
                own.signed(),
                token == null ? null : token.secret());
        return http.post("/v1/register", request, RegisterAnswer.class);
    }

    private void follow(Calls calls) throws IOException, InterruptedException {
        lastFrameNanos = Clock.bootTimeNanos();
        try (InputStream opened = http.stream("/v1/watch?revision=" + mirror.revision())) {
            stream = opened;
            LineReader lines = new LineReader(opened, MAX_FRAME_BYTES);
            boolean first = true;
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                lastFrameNanos = Clock.bootTimeNanos();
                NetworkMap map = mirror.apply(Json.decode(line, WatchFrame.class));
                if (first) {
                    first = false;
                    delay.succeeded();
                    calls.state(true, "connected to " + http.url());
                }
                if (map != null) {
                    afterChange(calls, map);
                }
            }
        } finally {
            stream = null;
        }
    }

    private void afterChange(Calls calls, NetworkMap map) throws IOException {
        if (mirror.takePinsChanged()) {
            state.keepPins(mirror.pins());
        }
        cache.offer(mirror.toFrame(), lastFrameNanos);
        if (own.isNewerThan(map.self().statement())) {
            updates.recordChanged();
        }
        calls.map(map);
    }

    /** Says what failed and waits; false when there is no point in going on. */
    private boolean goOn(Calls calls, Exception failure) {
        String sentence = String.valueOf(failure.getMessage());
        if (!member && !isWorthAnotherTry(failure)) {
            joined.completeExceptionally(new UserError(sentence, failure));
            calls.state(false, sentence);
            return false;
        }
        calls.state(false, sentence);
        LOG.debug("no coordinator: {}", sentence);
        saveQuietly();
        try {
            if (!hurry) {
                return !stopped.await(delay.nextMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException wokenUp) {
            LOG.debug("woken up while waiting to connect again");
        }
        hurry = false;
        return true;
    }

    /** A first join that ran into a time limit, on a machine or at a coordinator that is busy, gets a little longer. */
    private boolean isWorthAnotherTry(Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof HttpTimeoutException) {
                return System.nanoTime() - startedNanos < FIRST_JOIN_NANOS;
            }
        }
        return false;
    }

    private void saveQuietly() {
        try {
            cache.save();
        } catch (IOException failure) {
            LOG.warn("the map could not be kept in the state folder: {}", failure.getMessage());
        }
    }

    /** Closes the stream when nothing has come for too long; called about every second. */
    private void breakSilentStream(long nowNanos) {
        if (stream != null && nowNanos - lastFrameNanos > WatchFrame.WATCHDOG_MILLIS * NANOS_PER_MILLI) {
            LOG.debug("the coordinator has been silent for {} ms", WatchFrame.WATCHDOG_MILLIS);
            closeStream();
        }
    }

    private void closeStream() {
        InputStream open = stream;
        if (open != null) {
            try {
                open.close();
            } catch (IOException alreadyGone) {
                LOG.debug("closing the stream failed: {}", alreadyGone.getMessage());
            }
        }
    }
}
