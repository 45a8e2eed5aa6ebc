package dev.warren.relay.mesh;

import dev.warren.platform.net.Failures;
import dev.warren.platform.net.Transport;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.relay.client.RelayContext;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The link to one relay of the region: made again whenever it breaks. Owned by its event loop. */
final class MeshLink {
    /**
     * How long a link waits for what.
     *
     * @param connectMillis for a TCP connection
     * @param loginMillis for TLS, HTTP and the login together
     * @param readMillis for any byte of the other relay; it sends one at least every 65 s
     * @param firstPauseMillis before the next try; doubled each time
     * @param lastPauseMillis the longest such pause
     */
    record Timing(int connectMillis, int loginMillis, int readMillis, int firstPauseMillis, int lastPauseMillis) {
        /** The longest pause is derper's only one; a relay that restarts is back sooner. */
        static final Timing DEFAULT = new Timing(5_000, 5_000, 120_000, 250, 5_000);
    }

    private static final Logger LOG = LoggerFactory.getLogger(MeshLink.class);

    // Implementation: what waits beyond it is in a queue that knows which packet to drop.
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 << 10, 128 << 10);
    /** A connection that did not live this long was no success: the pause before the next goes on growing. */
    private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final RelayContext relay;
    private final Transport transport;
    private final EventLoop loop;
    private final DerpNode node;
    private final Timing timing;
    private final LinkMetrics metrics;
    private @Nullable Channel channel;
    private int failures;
    private boolean stopped;

    MeshLink(
            RelayContext relay,
            Transport transport,
            EventLoop loop,
            DerpNode node,
            Timing timing,
            LinkMetrics metrics) {
        this.relay = relay;
        this.transport = transport;
        this.loop = loop;
        this.node = node;
        this.timing = timing;
        this.metrics = metrics;
    }

    void start() {
        loop.execute(this::resolve);
    }

    /** Ends the link for good; any thread. */
    void close() {
        try {
            loop.execute(this::stop);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("the event loop has closed the link to {} already", node.name());
        }
    }

    DerpNode node() {
        return node;
    }

    /** Ends the link for good, and shows it no more; any thread. */
    void forget() {
        close();
        metrics.forget();
    }

    private void stop() {
        stopped = true;
        metrics.stopped();
        if (channel != null) {
            var _ = channel.close();
        }
    }

    /** A name server may be slow, and the loop has clients to serve. */
    private void resolve() {
        if (!stopped) {
            int turn = failures;
            Thread.ofVirtual().name("mesh-resolve").start(() -> {
                try {
                    // Of several addresses, another one each time.
                    InetAddress[] all =
                            InetAddress.getAllByName(node.dialHosts().getFirst());
                    inLoop(() -> connect(all[turn % all.length]));
                } catch (UnknownHostException unknown) {
                    inLoop(() -> ended(Failures.sentence(unknown), 0));
                }
            });
        }
    }

    private void inLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("the relay stops before it is linked to {}", node.name());
        }
    }

    private void connect(InetAddress address) {
        if (stopped) {
            return;
        }
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(transport.socketChannel())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timing.connectMillis())
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel made) {
                        new LinkConnection(MeshLink.this, relay, made, node, timing).install();
                    }
                })
                .connect(new InetSocketAddress(address, node.derpPort()));
        channel = connecting.channel();
        connecting.addListener(result -> {
            if (!result.isSuccess()) {
                ended("it cannot be reached: " + Failures.sentence(result.cause()), 0);
            }
        });
    }

    /** The other relay let this one in. */
    void opened() {
        if (!stopped) {
            metrics.up();
            LOG.info("linked to the relay {} of this region", node.name());
        }
    }

    /** The address is one of this relay's own. */
    void isSelf() {
        stop();
        LOG.info("{} is this relay itself: no link to it", node.name());
    }

    /**
     * The connection is over, or could not be made.
     *
     * @param livedNanos how long the other relay had let this one in
     */
    void ended(String reason, long livedNanos) {
        if (stopped) {
            return;
        }
        metrics.failed();
        if (livedNanos >= STABLE_NANOS) {
            failures = 0;
        }
        if (failures == 0 || livedNanos > 0) {
            LOG.warn("no link to the relay {} of this region: {}; trying again", node.name(), reason);
        } else {
            LOG.debug("no link to the relay {} of this region: {}", node.name(), reason);
        }
        long most = Math.min((long) timing.firstPauseMillis() << Math.min(failures, 10), timing.lastPauseMillis());
        failures++;
        // Half of it at random, so that the relays of a region do not all come back to one at the same moment.
        long pause = most / 2 + relay.random().nextLong(most / 2 + 1);
        var _ = loop.schedule(this::resolve, pause, TimeUnit.MILLISECONDS);
    }
}
