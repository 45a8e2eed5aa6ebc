package dev.warren.stun;

import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import dev.warren.platform.net.AcceptPause;
import dev.warren.platform.net.Transport;
import dev.warren.platform.tls.ServerCredentials;
import dev.warren.platform.tls.TlsContexts;
import dev.warren.platform.tls.TlsEngine;
import dev.warren.protocol.stun.BindingResponder;
import dev.warren.protocol.stun.ResponderConfig;
import dev.warren.protocol.stun.StunCredentials;
import dev.warren.stun.StreamMetrics.Outcome;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * STUN over TCP and TLS: listening sockets around {@link BindingResponder}, with one thread for all connections.
 * Streams are the small door beside UDP: for clients whose UDP is blocked, and who want to know so. CHANGE-REQUEST is
 * refused, for no other address can answer on the same connection (RFC 5780 section 6.1).
 */
final class StunStreamServer implements AutoCloseable {
    private static final int BACKLOG = 256;
    /** Answers that a client may leave unread beyond what the kernel holds. */
    private static final WriteBufferWaterMark UNREAD_BYTES = new WriteBufferWaterMark(8 << 10, 16 << 10);

    private final EventLoopGroup group;
    private final StunStreamLimits limits;
    private final StreamMetrics metrics;
    private final StreamGate gate;
    private final @Nullable SslContext tls;
    private final BindingResponder responder;
    private final List<Channel> tcpListeners = new ArrayList<>();
    private final List<Channel> tlsListeners = new ArrayList<>();
    /** Touched on the event loop only. */
    private final Map<Channel, StreamHandler> connections = new LinkedHashMap<>();

    private StunStreamServer(
            EventLoopGroup group,
            StunStreamLimits limits,
            StreamMetrics metrics,
            @Nullable SslContext tls,
            ResponderConfig responder) {
        this.group = group;
        this.limits = limits;
        this.metrics = metrics;
        this.gate = new StreamGate(limits);
        this.tls = tls;
        this.responder = new BindingResponder(responder);
    }

    /**
     * Binds everything that {@code config} asks for. Throws {@link UserError} when an address cannot be had or the
     * certificate cannot be used; nothing is left open then.
     */
    static StunStreamServer start(
            StunStreamConfig config,
            Transport transport,
            MeterRegistry registry,
            @Nullable StunCredentials credentials) {
        SslContext tls = config.tls().isEmpty() ? null : context(config.certificate(), config.key());
        StunStreamServer server = new StunStreamServer(
                transport.newGroup(1, "stun-stream"),
                config.limits(),
                new StreamMetrics(registry),
                tls,
                new ResponderConfig(null, null, false, credentials));
        try {
            for (InetSocketAddress address : config.tcp()) {
                server.tcpListeners.add(server.listen(transport, address, null, "--tcp-listen"));
            }
            for (InetSocketAddress address : config.tls()) {
                server.tlsListeners.add(server.listen(transport, address, tls, "--tls-listen"));
            }
            return server;
        } catch (UserError failure) {
            server.close();
            throw failure;
        }
    }

    /** The addresses for plain TCP, with their real ports. */
    List<InetSocketAddress> tcpAddresses() {
        return addresses(tcpListeners);
    }

    /** The addresses for TLS, with their real ports. */
    List<InetSocketAddress> tlsAddresses() {
        return addresses(tlsListeners);
    }

    /** Closes all sockets and ends the thread before it returns. */
    @Override
    public void close() {
        tcpListeners.forEach(listener -> listener.close().awaitUninterruptibly());
        tlsListeners.forEach(listener -> listener.close().awaitUninterruptibly());
        group.next()
                .submit(() -> Map.copyOf(connections).forEach((channel, handler) -> handler.stop(channel)))
                .awaitUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        ReferenceCountUtil.release(tls);
    }

    private Channel listen(
            Transport transport, InetSocketAddress address, @Nullable SslContext context, String option) {
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(transport.serverSocketChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .handler(new AcceptPause(() -> metrics.came(Outcome.FAILED)))
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, UNREAD_BYTES)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        accept(channel, context);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw Sentences.cannotListen(address, option, bound.cause());
        }
        return bound.channel();
    }

    private void accept(SocketChannel channel, @Nullable SslContext context) {
        InetSocketAddress source = channel.remoteAddress();
        // Without an address it has gone already.
        Outcome refusal = source == null ? Outcome.FAILED : gate.enter(source.getAddress());
        if (source == null || refusal != null) {
            metrics.came(refusal == null ? Outcome.FAILED : refusal);
            var _ = channel.close();
            return;
        }
        metrics.came(Outcome.ACCEPTED);
        StreamHandler handler = new StreamHandler(limits, metrics, responder, source);
        connections.put(channel, handler);
        channel.closeFuture().addListener(_ -> {
            connections.remove(channel);
            gate.leave(source.getAddress());
            metrics.ended(handler.reason());
        });
        if (context != null) {
            channel.pipeline().addLast(context.newHandler(channel.alloc()));
        }
        channel.pipeline().addLast(handler);
    }

    private static SslContext context(@Nullable Path certificate, @Nullable Path key) {
        if (certificate == null || key == null) {
            throw new IllegalArgumentException("TLS needs a certificate and its key");
        }
        try {
            return TlsContexts.server(TlsEngine.AUTO, ServerCredentials.load(certificate, key));
        } catch (IOException unreadable) {
            throw new UserError(Sentences.describe(unreadable) + " (--tls-cert, --tls-key)", unreadable);
        }
    }

    private static List<InetSocketAddress> addresses(List<Channel> listeners) {
        return listeners.stream()
                .map(listener -> (InetSocketAddress) listener.localAddress())
                .toList();
    }
}
