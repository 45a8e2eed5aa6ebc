package dev.warren.platform.net;

import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to one region, for as long as it is not closed: when it breaks, it is made again, the region's relays
 * in order, the next one as soon as one fails. {@link #send} may be called by any thread; everything else happens on
 * the client's own thread.
 */
public final class DerpClient implements AutoCloseable {
    /** What happens to the connection; called on the client's own thread, which must not be held up. */
    public interface Listener {
        /**
         * Told in front of {@link #connected}: which relay of the region it is.
         *
         * @param node as the region has it
         * @param relay its own key, to which packets for itself go
         */
        default void admitted(int region, DerpNode node, NodePublicKey relay) {}

        /** A relay of the region let the client in. */
        void connected(int region);

        /** A packet from {@code source}; the bytes are the listener's until it returns, and may be changed. */
        void packet(int region, NodePublicKey source, byte[] buffer, int offset, int length);

        /** {@code peer} cannot be reached through the region. */
        void peerGone(int region, NodePublicKey peer, PeerGoneReason reason);

        /** The connection, of which {@link #connected} told, is over; another one is being made. */
        void disconnected(int region, String reason);
    }

    /** Why a packet was not sent. */
    public enum Drop {
        /** No relay has let the client in at the moment. */
        NOT_CONNECTED,
        /** The queue towards the relay is full: the network takes less than is sent. The oldest makes room. */
        QUEUE_FULL,
        /** Packets have waited for the relay for too long, so that senders slow down (CoDel, RFC 8289). */
        QUEUE_DELAY,
        /** The packet has more than 64 KiB. */
        TOO_LONG,
        /** The connection broke while the packet was queued. */
        CONNECTION_LOST,
        /** The relay said how fast the client may send, and this would have been faster. */
        OVER_RATE
    }

    /**
     * How long the client waits for what.
     *
     * @param connectMillis for a TCP connection, before the next relay is tried
     * @param loginMillis for TLS, HTTP and the login together
     * @param readMillis for any byte of a relay that let the client in; it sends one at least every 65 s
     * @param firstPauseMillis before all relays are tried again; doubled each time
     * @param lastPauseMillis the longest such pause
     * @param checkMillis for any byte of the relay when the network has changed
     */
    record Timing(
            int connectMillis,
            int loginMillis,
            int readMillis,
            int firstPauseMillis,
            int lastPauseMillis,
            int checkMillis) {
        /** Tailscale's 1.5 s a node, 120 s of silence, 3 s for a check; pauses short enough for one that only restarts. */
        static final Timing DEFAULT = new Timing(1_500, 5_000, 120_000, 250, 2_000, 3_000);
    }

    /** One address to try. */
    private record Target(DerpNode node, String host) {}

    private static final Logger LOG = LoggerFactory.getLogger(DerpClient.class);

    // Implementation: what may wait for the socket beside the queue, so that a packet's way stays short.
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 << 10, 128 << 10);
    /** What the kernel may hold beyond what is on its way: there no queue drops what has become old. */
    private static final long UNSENT_BYTES = 64 << 10;

    /** A connection that did not live this long was no success: the pause before the next goes on growing. */
    private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Transport transport;
    private final DerpRegion region;
    private final NodePrivateKey key;
    private final Listener listener;
    private final Timing timing;
    private final EventLoopGroup group;
    private final List<Target> targets;
    private final Map<Drop, LongAdder> drops = new EnumMap<>(Drop.class);

    private volatile @Nullable DerpConnection open;
    private volatile boolean home;
    private volatile boolean closed;
    private volatile String lastProblem = "";

    // Of the event loop's thread only.
    private @Nullable Channel channel;
    private @Nullable Future<?> pause;
    private int nextTarget;
    private int failedRounds;
    private int triedInRound;

    private DerpClient(Transport transport, DerpRegion region, NodePrivateKey key, Listener listener, Timing timing) {
        this.transport = transport;
        this.region = region;
        this.key = key;
        this.listener = listener;
        this.timing = timing;
        this.targets = targets(region);
        this.group = transport.newGroup(1, "derp-" + region.id());
        for (Drop drop : Drop.values()) {
            drops.put(drop, new LongAdder());
        }
    }

    /** A client that begins to connect to {@code region} as {@code key}, and returns at once. */
    public static DerpClient connect(Transport transport, DerpRegion region, NodePrivateKey key, Listener listener) {
        return connect(transport, region, key, listener, Timing.DEFAULT);
    }

    static DerpClient connect(
            Transport transport, DerpRegion region, NodePrivateKey key, Listener listener, Timing timing) {
        DerpClient client = new DerpClient(transport, region, key, listener, timing);
        client.group.execute(client::tryNext);
        return client;
    }

    /**
     * Queues a copy of a packet; never waits. False when it was dropped, which is counted by reason.
     */
    public boolean send(NodePublicKey destination, byte[] buffer, int offset, int length) {
        DerpConnection connection = open;
        if (length > Frame.MAX_PACKET) {
            return dropped(Drop.TOO_LONG);
        }
        if (connection == null) {
            return dropped(Drop.NOT_CONNECTED);
        }
        if (!connection.maySend(length)) {
            return dropped(Drop.OVER_RATE);
        }
        return connection.send(destination, buffer, offset, length) || dropped(Drop.CONNECTION_LOST);
    }

    /** Tells this relay, and each one that follows it, whether the region is the node's home. */
    public void notePreferred(boolean isHome) {
        boolean changed = home != isHome;
        home = isHome;
        DerpConnection connection = open;
        if (changed && connection != null) {
            connection.sendControl(new Frame.NotePreferred(isHome));
        }
    }

    /**
     * The machine's network has changed, or it has slept. A connection from an address that the machine has no more is
     * made anew, any other is asked for a sign of life; one that could not be made is tried again without a pause. Any
     * thread.
     *
     * @param isLost whether something is gone, so that a connection may be dead; if not, only a pause ends
     */
    public void networkChanged(boolean isLost) {
        try {
            group.execute(() -> followChange(isLost));
        } catch (RejectedExecutionException closed) {
            LOG.debug("region {}: closed before the network's change could matter", region.id());
        }
    }

    private void followChange(boolean isLost) {
        DerpConnection connection = open;
        Channel current = channel;
        if (closed) {
            return;
        }
        failedRounds = 0;
        if (pause != null && pause.cancel(false)) {
            pause = null;
            nextTarget = 0;
            tryNext();
        } else if (isLost && connection != null) {
            connection.check(timing.checkMillis());
        } else if (isLost && current != null) {
            // It may have been begun from another address. Without a word, as DerpConnection does it.
            var first = current.pipeline().firstContext();
            var _ = first == null ? current.close() : first.close();
        }
    }

    /** Whether a relay has let the client in at the moment. */
    public boolean isConnected() {
        return open != null;
    }

    /** Why the latest connection broke or could not be made, as one sentence; empty when nothing did. */
    public String lastProblem() {
        return lastProblem;
    }

    /** The address of the relay that it is connected to; null while it is to none. */
    public @Nullable InetAddress address() {
        DerpConnection connection = open;
        return connection == null ? null : connection.address();
    }

    /** How many packets were dropped for {@code reason}. */
    public long drops(Drop reason) {
        return counter(reason).sum();
    }

    /** Ends the connection for good; no listener is called once this thread's turn is over. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        open = null;
        group.execute(() -> {
            if (channel != null) {
                var _ = channel.close();
            }
            var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        });
    }

    private static List<Target> targets(DerpRegion region) {
        List<Target> targets = new ArrayList<>();
        for (DerpNode node : region.relays()) {
            for (String host : node.dialHosts()) {
                targets.add(new Target(node, host));
            }
        }
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("region " + region.id() + " has no relay to connect to");
        }
        return List.copyOf(targets);
    }

    private void tryNext() {
        if (closed) {
            return;
        }
        Target target = targets.get(nextTarget);
        nextTarget = (nextTarget + 1) % targets.size();
        triedInRound++;
        DerpConnection connection = new DerpConnection(this, target.node(), key);
        Bootstrap bootstrap = new Bootstrap()
                .group(group)
                .channel(transport.socketChannel())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timing.connectMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .handler(connection.initializer(timing));
        if (transport.resolved() == Transport.EPOLL) {
            bootstrap.option(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_BYTES);
        }
        ChannelFuture connecting = bootstrap.connect(
                new InetSocketAddress(target.host(), target.node().derpPort()));
        channel = connecting.channel();
        connecting.addListener(result -> {
            if (!result.isSuccess()) {
                failed(target.node().name() + " cannot be reached: " + Failures.sentence(result.cause()));
            }
        });
    }

    /** A connection could not be made, or broke before the login was through. */
    void failed(String problem) {
        lastProblem = problem;
        LOG.debug("region {}: {}", region.id(), problem);
        if (triedInRound < targets.size()) {
            tryNext();
        } else {
            triedInRound = 0;
            pauseThenTry();
        }
    }

    private void pauseThenTry() {
        int doublings = Math.min(failedRounds, 10);
        failedRounds++;
        long most = Math.min((long) timing.firstPauseMillis() << doublings, timing.lastPauseMillis());
        // Half of it at random, so that the clients of a relay that died do not all come back at once.
        long pause = most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
        tryAfter(pause);
    }

    private void tryAfter(long pauseMillis) {
        if (!closed) {
            pause = group.schedule(
                    () -> {
                        pause = null;
                        tryNext();
                    },
                    pauseMillis,
                    TimeUnit.MILLISECONDS);
        }
    }

    /** A relay let {@code connection} in. */
    void opened(DerpConnection connection) {
        if (closed) {
            return;
        }
        open = connection;
        lastProblem = "";
        triedInRound = 0;
        if (home) {
            connection.sendControl(new Frame.NotePreferred(true));
        }
        NodePublicKey relay = connection.relayKey();
        if (relay != null) {
            listener.admitted(region.id(), connection.node(), relay);
        }
        listener.connected(region.id());
    }

    /**
     * A connection that was let in is over.
     *
     * @param lostPackets how many were still queued
     * @param restarts whether the relay said that it is about to restart
     */
    void lost(String reason, int lostPackets, long livedNanos, boolean restarts) {
        open = null;
        lastProblem = reason;
        counter(Drop.CONNECTION_LOST).add(lostPackets);
        if (closed) {
            return;
        }
        listener.disconnected(region.id(), reason);
        if (livedNanos >= STABLE_NANOS) {
            failedRounds = 0;
        }
        if (restarts && skipToAnotherRelay()) {
            tryNext();
        } else if (livedNanos >= STABLE_NANOS && !restarts) {
            nextTarget = 0;
            tryNext();
        } else {
            nextTarget = 0;
            pauseThenTry();
        }
    }

    /** Makes the relay after the present one the next to be tried; false when the region has no other. */
    private boolean skipToAnotherRelay() {
        int present = Math.floorMod(nextTarget - 1, targets.size());
        for (int i = 1; i < targets.size(); i++) {
            int other = (present + i) % targets.size();
            if (!targets.get(other).node().equals(targets.get(present).node())) {
                nextTarget = other;
                return true;
            }
        }
        return false;
    }

    /** A frame of a relay that let the client in. */
    void frame(Frame frame) {
        if (frame instanceof Frame.PeerGone gone) {
            listener.peerGone(region.id(), gone.key(), gone.reason());
        } else if (frame instanceof Frame.Health health && !health.problem().isEmpty()) {
            LOG.info("the relay of region {} says: {}", region.id(), health.problem());
        }
    }

    void packet(NodePublicKey source, byte[] buffer, int offset, int length) {
        if (!closed) {
            listener.packet(region.id(), source, buffer, offset, length);
        }
    }

    /** The name of the region's first relay when {@code node} is another one. */
    @Nullable
    String idealNodeUnless(DerpNode node) {
        DerpNode ideal = targets.getFirst().node();
        return ideal.equals(node) ? null : ideal.name();
    }

    boolean dropped(Drop reason) {
        counter(reason).increment();
        return false;
    }

    private LongAdder counter(Drop reason) {
        return Objects.requireNonNull(drops.get(reason));
    }
}
