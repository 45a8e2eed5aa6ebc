package dev.warren.platform.ops;

import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.net.AcceptPause;
import dev.warren.platform.net.Transport;
import dev.warren.platform.ops.OpsPage.Content;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The listener for operators: {@code /metrics} in Prometheus' text form, {@code /healthz} (200 while the process runs),
 * {@code /readyz} (200, or 503 with the reason) and a program's own pages. Plain HTTP, GET and HEAD only, one thread.
 * It has no authentication: keep it on loopback, which is what a listen address without a host means here.
 */
public final class OpsServer implements AutoCloseable {
    /** The metrics' content type (Prometheus text exposition format 0.0.4). */
    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    /** GET only: a request body of any size is a mistake. */
    private static final int MAX_BODY_BYTES = 1024;
    /** A scraper keeps its connection between scrapes, of which most are a minute apart or less. */
    private static final int IDLE_SECONDS = 75;

    private static final int BACKLOG = 64;

    private final EventLoopGroup group;
    private final Channel listener;

    private OpsServer(EventLoopGroup group, Channel listener) {
        this.group = group;
        this.listener = listener;
    }

    /**
     * What the listener shows.
     *
     * @param registry for {@code /metrics}
     * @param notReady for {@code /readyz}: a sentence while the program cannot serve, else empty
     * @param pages further pages by path, each starting with a slash
     */
    public record Sources(
            PrometheusMeterRegistry registry, Supplier<Optional<String>> notReady, Map<String, OpsPage> pages) {
        /** Copies the pages; throws IllegalArgumentException for a path without its leading slash. */
        public Sources {
            pages = Map.copyOf(pages);
            for (String path : pages.keySet()) {
                if (!path.startsWith("/")) {
                    throw new IllegalArgumentException("the path \"" + path + "\" does not start with a slash");
                }
            }
        }
    }

    /** The address that {@code option} means: loopback when it has no host. */
    public static InetSocketAddress listenAddress(HostPort option) {
        return option.host().isEmpty()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), option.port())
                : option.listenAddress();
    }

    /**
     * Starts listening on {@code address}; port 0 takes any free one. Throws {@link
     * dev.warren.platform.config.UserError} when that is not possible.
     */
    public static OpsServer start(InetSocketAddress address, Sources sources) {
        EventLoopGroup group = Transport.NIO.newGroup(1, "ops");
        Map<String, OpsPage> pages = pages(sources);
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(Transport.NIO.serverSocketChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .handler(new AcceptPause(() -> {}))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new ReadTimeoutHandler(IDLE_SECONDS))
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpObjectAggregator(MAX_BODY_BYTES))
                                .addLast(new OpsHandler(pages));
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            stop(group);
            throw Sentences.cannotListen(address, "--ops-listen", bound.cause());
        }
        return new OpsServer(group, bound.channel());
    }

    /** The address it listens on, with the real port. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /** The port it listens on. */
    public int port() {
        return address().getPort();
    }

    /** Ends the listener and its connections; returns when all are closed. */
    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        stop(group);
    }

    private static void stop(EventLoopGroup group) {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static Map<String, OpsPage> pages(Sources sources) {
        Map<String, OpsPage> pages = new LinkedHashMap<>(sources.pages());
        pages.put("/metrics", () -> {
            byte[] text = sources.registry().scrape().getBytes(StandardCharsets.UTF_8);
            return Content.of(200, METRICS_TYPE, text);
        });
        pages.put("/healthz", () -> Content.text(200, "ok\n"));
        pages.put("/readyz", () -> sources.notReady()
                .get()
                .map(reason -> Content.text(503, reason + "\n"))
                .orElseGet(() -> Content.text(200, "ready\n")));
        return pages;
    }
}
