package dev.warren.stun;

import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import dev.warren.platform.net.Transport;
import dev.warren.platform.ops.Metrics;
import dev.warren.platform.ops.OpsServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.socket.DatagramChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A running STUN server: UDP sockets around {@link dev.warren.protocol.stun.BindingResponder}, one thread each. */
public final class StunServer implements AutoCloseable {
    /** Longer datagrams are cut off and then ignored: no STUN request comes near the usual MTU. */
    static final int MAX_DATAGRAM_BYTES = 2048;

    /** Datagrams in one recvmmsg. Netty sends what they cause with one sendmmsg. */
    private static final int BATCH = 32;
    /** Answers that may wait for the socket: about two thousand, which a core sends in ten milliseconds. */
    private static final WriteBufferWaterMark QUEUE_BYTES = new WriteBufferWaterMark(128 << 10, 256 << 10);
    /** The kernel's queue, for bursts while the thread is away; net.core.rmem_max may allow less. */
    private static final int SOCKET_BUFFER_BYTES = 4 << 20;

    private final EventLoopGroup group;
    private final List<Channel> sockets;
    private final PrometheusMeterRegistry registry;
    private final @Nullable OpsServer ops;

    private StunServer(
            EventLoopGroup group, List<Channel> sockets, PrometheusMeterRegistry registry, @Nullable OpsServer ops) {
        this.group = group;
        this.sockets = sockets;
        this.registry = registry;
        this.ops = ops;
    }

    /**
     * Binds everything that {@code config} asks for. Throws {@link UserError} when an address cannot be had or the
     * transport does not work here; nothing is left open then.
     */
    public static StunServer start(StunConfig config) {
        config.transport().unavailableReason().ifPresent(reason -> {
            throw new UserError(reason);
        });
        EventLoopGroup group = config.transport().newGroup(config.listen().size(), "stun");
        PrometheusMeterRegistry registry = Metrics.registry();
        List<Channel> sockets = new ArrayList<>();
        try {
            StunMetrics metrics = new StunMetrics(registry);
            for (InetSocketAddress address : config.listen()) {
                sockets.add(bind(group, config.transport(), address, metrics));
            }
            InetSocketAddress opsListen = config.opsListen();
            OpsServer ops = opsListen == null
                    ? null
                    : OpsServer.start(opsListen, new OpsServer.Sources(registry, Optional::empty, Map.of()));
            return new StunServer(group, sockets, registry, ops);
        } catch (UserError failure) {
            close(group, sockets);
            registry.close();
            throw failure;
        }
    }

    /** The UDP addresses it listens on, in the order of the configuration, with their real ports. */
    public List<InetSocketAddress> addresses() {
        return sockets.stream()
                .map(socket -> (InetSocketAddress) socket.localAddress())
                .toList();
    }

    /** The UDP port of the first address. */
    public int port() {
        return addresses().getFirst().getPort();
    }

    /** Where metrics and health are shown; empty when that was not asked for. */
    public Optional<InetSocketAddress> opsAddress() {
        return Optional.ofNullable(ops).map(OpsServer::address);
    }

    /** The port of {@link #opsAddress}. */
    public OptionalInt opsPort() {
        return ops == null ? OptionalInt.empty() : OptionalInt.of(ops.port());
    }

    /** What it has counted. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /** Closes all sockets and ends all threads before it returns. */
    @Override
    public void close() {
        if (ops != null) {
            ops.close();
        }
        close(group, sockets);
        registry.close();
    }

    private static Channel bind(
            EventLoopGroup group, Transport transport, InetSocketAddress address, StunMetrics metrics) {
        boolean batches = transport.resolved() == Transport.EPOLL;
        Bootstrap bootstrap = new Bootstrap()
                .group(group)
                .channel(transport.datagramChannel())
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, QUEUE_BYTES)
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(batches ? BATCH * MAX_DATAGRAM_BYTES : MAX_DATAGRAM_BYTES))
                .handler(new ChannelInitializer<DatagramChannel>() {
                    @Override
                    protected void initChannel(DatagramChannel channel) {
                        channel.pipeline().addLast(new StunHandler(metrics));
                    }
                });
        if (batches) {
            bootstrap.option(EpollChannelOption.MAX_DATAGRAM_PAYLOAD_SIZE, MAX_DATAGRAM_BYTES);
        }
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw Sentences.cannotListen(address, "--listen", bound.cause());
        }
        return bound.channel();
    }

    private static void close(EventLoopGroup group, List<Channel> sockets) {
        sockets.forEach(socket -> socket.close().awaitUninterruptibly());
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
