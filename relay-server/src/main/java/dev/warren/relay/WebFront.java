package dev.warren.relay;

import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import dev.warren.platform.net.AcceptPause;
import dev.warren.platform.net.Transport;
import dev.warren.relay.client.LoginTimeout;
import dev.warren.relay.client.RelayContext;
import dev.warren.relay.client.RelayMetrics;
import dev.warren.relay.http.AcmeChallenges;
import dev.warren.relay.http.BootstrapDns;
import dev.warren.relay.http.HttpFront;
import dev.warren.relay.http.PlainSite;
import dev.warren.relay.http.RelaySite;
import dev.warren.relay.http.Site;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.SocketChannel;
import java.net.InetSocketAddress;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What a relay shows by HTTP besides DERP, and what that needs: a thread for names, a listener without TLS. */
final class WebFront implements AutoCloseable {
    private final @Nullable BootstrapDns dns;
    private final Site site;
    private @Nullable Channel plainListener;

    private WebFront(@Nullable BootstrapDns dns, Site site) {
        this.dns = dns;
        this.site = site;
    }

    /** Starts to look the names up, if there are any. */
    static WebFront start(RelayConfig config, RelayMetrics metrics) {
        RelayConfig.Web web = config.web();
        BootstrapDns dns = web.names().isEmpty() ? null : BootstrapDns.start(web.names(), metrics);
        return new WebFront(dns, new RelaySite(web.home(), dns, config.tls() != null));
    }

    /** What the port where DERP is spoken shows. */
    Site site() {
        return site;
    }

    /**
     * Listens for plain HTTP on {@code address}, to show the way to the TLS port {@code tlsPort}. Its connections are
     * in {@code channels} and end with those. Throws {@link UserError}.
     */
    void listen(
            InetSocketAddress address,
            int tlsPort,
            AcmeChallenges challenges,
            Transport transport,
            EventLoopGroup group,
            ChannelGroup channels,
            RelayContext relay) {
        Site plain = new PlainSite(tlsPort, challenges);
        ChannelFuture bound = new ServerBootstrap()
                .group(group)
                .channel(transport.serverSocketChannel())
                .option(ChannelOption.SO_REUSEADDR, true)
                .handler(new AcceptPause(relay.limits().metrics()::acceptFailed))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (!RelayServer.mayEnter(channel, relay)) {
                            return;
                        }
                        channels.add(channel);
                        channel.pipeline().addLast(new LoginTimeout(relay), new HttpFront(relay, plain));
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw Sentences.cannotListen(address, "--http-listen", bound.cause());
        }
        plainListener = bound.channel();
    }

    /** The port of the plain listener. */
    OptionalInt plainPort() {
        return plainListener == null
                ? OptionalInt.empty()
                : OptionalInt.of(((InetSocketAddress) plainListener.localAddress()).getPort());
    }

    @Override
    public void close() {
        if (plainListener != null) {
            plainListener.close().awaitUninterruptibly();
        }
        if (dns != null) {
            dns.close();
        }
    }
}
