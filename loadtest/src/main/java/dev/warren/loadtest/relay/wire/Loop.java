package dev.warren.loadtest.relay.wire;

import dev.warren.loadtest.measure.Unit;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.Poller;
import dev.warren.platform.linux.TcpOptions;
import dev.warren.platform.linux.TcpSocket;
import dev.warren.protocol.derp.ProtocolException;
import dev.warren.protocol.key.NodePrivateKey;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * One thread's connections to one relay: an epoll loop over raw sockets. Owned by the thread that calls it. Whatever
 * cannot connect or log in within {@link #PATIENCE_SECONDS} fails.
 */
public final class Loop implements AutoCloseable {
    /** How long connecting may take, TLS included, and how long the login after it. */
    public static final int PATIENCE_SECONDS = 10;

    private static final int EVENTS = 512;
    private static final int LOGIN_BYTES = 4096;

    private final Target target;
    private final InetSocketAddress address;
    private final @Nullable TlsEngines engines;
    private final long patienceNanos;
    private final Scratch scratch;
    private final Poller poller;
    private final RandomGenerator random = new SecureRandom();
    private final List<@Nullable Connection> connections = new ArrayList<>();
    private final Deque<Integer> freeTokens = new ArrayDeque<>();
    private final List<Integer> closedTokens = new ArrayList<>();
    private final Deque<Deadline> deadlines = new ArrayDeque<>();
    private boolean[] paused = new boolean[64];
    private int opened;
    private long nowNanos;

    private record Deadline(Connection connection, Connection.Phase until, long atNanos) {}

    /** What a loop is for, which decides whose TLS is cheaper. */
    public enum Use {
        /** Many packets through few connections. */
        PACKETS,
        /** Many connections. */
        LOGINS
    }

    /**
     * A loop without connections.
     *
     * @param target the relay
     * @param trust what its certificate must be, if it has one
     * @param longestWrite bytes of the longest write
     */
    public Loop(Target target, Trust trust, int longestWrite, Use use) throws LinuxException {
        this(target, trust, longestWrite, use, TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS));
    }

    Loop(Target target, Trust trust, int longestWrite, Use use, long patienceNanos) throws LinuxException {
        this.target = target;
        this.patienceNanos = patienceNanos;
        address = target.resolve();
        engines = target.tls() ? TlsEngines.cheapest(use, target, trust) : null;
        scratch = new Scratch(Math.max(longestWrite, LOGIN_BYTES), target.tls());
        poller = Poller.open(EVENTS);
        tick();
    }

    /** Begins to connect; what comes of it the owner is told during {@link #turn}. */
    public Connection connect(NodePrivateKey key, TcpOptions options, Connection.Owner owner) throws LinuxException {
        TcpSocket socket = TcpSocket.connect(address, options);
        int token = freeTokens.isEmpty() ? connections.size() : freeTokens.pop();
        Wire wire = engines == null ? new PlainWire(socket, scratch) : new TlsWire(socket, engines.next(), scratch);
        Connection connection = new Connection(this, key, socket, wire, token, owner);
        if (token == connections.size()) {
            connections.add(connection);
        } else {
            connections.set(token, connection);
        }
        if (token >= paused.length) {
            paused = Arrays.copyOf(paused, 2 * token);
        }
        paused[token] = false;
        try {
            poller.add(socket.descriptor(), token, false, true);
        } catch (LinuxException refused) {
            connection.close();
            throw refused;
        }
        deadlines.add(new Deadline(connection, Connection.Phase.SECURING, Clock.bootTimeNanos() + patienceNanos));
        return connection;
    }

    /** Handles what is ready, after sleeping for it until {@code deadlineNanos} at most. */
    public void turn(long deadlineNanos) throws LinuxException {
        Deadline first = deadlines.peek();
        int ready = poller.await(first == null ? deadlineNanos : Math.min(deadlineNanos, first.atNanos()));
        tick();
        for (int i = 0; i < ready; i++) {
            Connection connection = connections.get(poller.token(i));
            if (connection != null && poller.isWritable(i)) {
                connection.writable();
            }
            if (connection != null && poller.isReadable(i)) {
                connection.read(Scratch.READ_BYTES);
            }
        }
        endOverdue();
        // Only now, so that an event for a closed connection never meets the next one with its token.
        freeTokens.addAll(closedTokens);
        closedTokens.clear();
    }

    /** Where the next write is prepared. */
    public MemorySegment out() {
        return scratch.out;
    }

    /** {@link Clock#bootTimeNanos} when the loop last looked: when waking up, and after each read. */
    public long nowNanos() {
        return nowNanos;
    }

    /** Connections that are logged in. */
    public int opened() {
        return opened;
    }

    /** Closes all connections. */
    @Override
    public void close() {
        for (Connection connection : connections) {
            if (connection != null) {
                connection.close();
            }
        }
        poller.close();
    }

    Target target() {
        return target;
    }

    Scratch scratch() {
        return scratch;
    }

    RandomGenerator random() {
        return random;
    }

    void tick() {
        nowNanos = Clock.bootTimeNanos();
    }

    void began(Connection connection) {
        deadlines.add(new Deadline(connection, Connection.Phase.LOGGING_IN, Clock.bootTimeNanos() + patienceNanos));
    }

    void opened(Connection connection) {
        opened++;
    }

    void closed(Connection connection) {
        int token = connection.token();
        connections.set(token, null);
        closedTokens.add(token);
    }

    void pause(Connection connection, boolean isPaused) {
        paused[connection.token()] = isPaused;
        watch(connection);
    }

    /** Waits for what the connection needs now. */
    void watch(Connection connection) {
        if (connection.phase() == Connection.Phase.CLOSED) {
            return;
        }
        int token = connection.token();
        try {
            poller.change(connection.descriptor(), token, !paused[token], connection.isBlocked());
        } catch (LinuxException gone) {
            connection.fail(why(gone));
        }
    }

    /** Why a connection failed, as a half-sentence. */
    String why(Exception failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException || cause instanceof ProtocolException) {
                return String.valueOf(cause.getMessage());
            }
        }
        return switch (failure) {
            case LinuxException refused -> lowerFirst(String.valueOf(refused.getMessage()));
            case UncheckedIOException wrapped when wrapped.getCause() != null -> why(wrapped.getCause());
            case SSLException tls -> "its TLS fails (" + tls.getMessage() + "): if it speaks plain HTTP, write http://";
            default -> String.valueOf(failure.getMessage());
        };
    }

    private void endOverdue() {
        while (true) {
            Deadline first = deadlines.peek();
            if (first == null) {
                return;
            }
            boolean isOver = first.connection().phase().compareTo(first.until()) > 0;
            if (!isOver && first.atNanos() > nowNanos) {
                return;
            }
            deadlines.poll();
            if (!isOver) {
                String what = first.until() == Connection.Phase.SECURING ? "connection" : "login";
                first.connection()
                        .fail("it did not complete the " + what + " within "
                                + Unit.NANOS.format((double) patienceNanos));
            }
        }
    }

    private static String lowerFirst(String text) {
        String stripped = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        return stripped.isEmpty() ? stripped : Character.toLowerCase(stripped.charAt(0)) + stripped.substring(1);
    }
}
