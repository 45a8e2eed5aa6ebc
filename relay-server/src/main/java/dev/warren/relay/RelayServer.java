package dev.warren.relay;

import dev.warren.platform.acme.AcmeConfig;
import dev.warren.platform.acme.AcmeRenewal;
import dev.warren.platform.acme.HttpChallenges;
import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import dev.warren.platform.crypto.X25519Choice;
import dev.warren.platform.net.AcceptPause;
import dev.warren.platform.net.Transport;
import dev.warren.platform.ops.Metrics;
import dev.warren.platform.ops.OpsServer;
import dev.warren.platform.tls.ServerCredentials;
import dev.warren.protocol.coordination.LeaseAnswer;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.MeshKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.admission.AdmissionChain;
import dev.warren.relay.client.AdmissionRecheck;
import dev.warren.relay.client.ClientRegistry;
import dev.warren.relay.client.LoginTimeout;
import dev.warren.relay.client.OwnPackets;
import dev.warren.relay.client.RegionKey;
import dev.warren.relay.client.RelayContext;
import dev.warren.relay.client.RelayMetrics;
import dev.warren.relay.http.HttpFront;
import dev.warren.relay.lease.IdentityFile;
import dev.warren.relay.lease.RelayLease;
import dev.warren.relay.limit.LimitMetrics;
import dev.warren.relay.limit.LiveLimits;
import dev.warren.relay.mesh.MeshLinks;
import dev.warren.relay.udp.UdpRelay;
import dev.warren.relay.udp.UdpRelayConfig;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running relay. */
public final class RelayServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RelayServer.class);

    // Implementation. A full flush is one large system call, or a handful of full TLS records; what waits beyond it
    // does so in queues that know which packet to drop.
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(32 << 10, 64 << 10);
    /** What the kernel may hold of a connection beyond what is on its way: there no queue drops what has become old. */
    private static final long UNSENT_BYTES = 64 << 10;

    private static final int BACKLOG = 1024;
    /** How long clients have to take the notice that the relay goes. */
    private static final int GOODBYE_MILLIS = 2_000;
    /** Implementation: a thousand TLS connections a second are what another relay takes without sweat. */
    private static final int MILLIS_PER_LEAVER = 1;
    /** How long a client that does not go by itself is left alone after its moment. */
    private static final int LEAVE_GRACE_MILLIS = 1_000;

    private static final int DRAIN_STEP_MILLIS = 20;
    /** What clients are told to keep trying for: a restart takes seconds. */
    private static final int TRY_FOR_MILLIS = 60_000;

    /** The part of {@link Reloads} that is about it. */
    private static final String CERTIFICATE = "certificate";

    private final EventLoopGroup group;
    private final Channel listener;
    private final int port;
    private final ChannelGroup channels;
    private final RelayContext relay;
    private final PrometheusMeterRegistry registry;
    private final @Nullable RelayTls tls;
    private final RelayConfig config;
    private final Reloads reloads;
    private final AdmissionRecheck recheck;
    private final WebFront web;
    private final HttpChallenges challenges = new HttpChallenges();
    private volatile boolean stopping;
    private @Nullable OpsServer ops;
    private @Nullable AcmeRenewal renewal;
    private @Nullable MeshLinks links;
    private @Nullable RelayLease lease;

    /** What it stands on, owned by it. */
    private record Sockets(EventLoopGroup group, Channel listener, ChannelGroup channels) {}

    private RelayServer(
            Sockets sockets,
            RelayContext relay,
            PrometheusMeterRegistry registry,
            @Nullable RelayTls tls,
            RelayConfig config,
            WebFront web) {
        this.group = sockets.group();
        this.listener = sockets.listener();
        this.port = ((InetSocketAddress) listener.localAddress()).getPort();
        this.channels = sockets.channels();
        this.relay = relay;
        this.registry = registry;
        this.tls = tls;
        this.config = config;
        this.reloads = new Reloads(registry);
        this.recheck = AdmissionRecheck.start(
                relay.admission(), relay.clients(), config.admission().recheck(), registry);
        this.web = web;
    }

    /**
     * Reads or makes keys and certificate, and listens. Throws {@link UserError} or {@link IOException} when something
     * cannot be had; nothing is left open then.
     */
    public static RelayServer start(RelayConfig config) throws IOException {
        Transport transport = config.tuning().transport();
        transport.unavailableReason().ifPresent(reason -> {
            throw new UserError(reason);
        });
        X25519Choice.putInForce();
        NodePrivateKey key = NodeKeyFile.loadOrCreate(config.nodeKey());
        RelayConfig.Tls files = config.tls();
        RelayTls tls = files == null ? null : tls(files, config, key);
        RelayConfig.Mesh mesh = config.mesh();
        MeshKey meshKey = mesh == null ? null : MeshKeyFile.load(mesh.keyFile());
        PrometheusMeterRegistry registry = Metrics.registry();
        RelayMetrics metrics = new RelayMetrics(registry);
        AdmissionChain admission = AdmissionChain.load(config.admission(), registry);
        RelayContext relay = new RelayContext(
                key,
                admission,
                new ClientRegistry(metrics),
                metrics,
                new SecureRandom(),
                config.tuning().timing(),
                new LiveLimits(config.limits(), new LimitMetrics(registry)),
                new RegionKey(meshKey),
                udpRelay(config, key, registry));
        RelayServer server = listen(config, relay, registry, tls);
        server.followConfiguration(admission);
        try {
            InetSocketAddress plainListen = config.web().plainListen();
            if (plainListen != null) {
                server.web.listen(
                        plainListen,
                        server.port(),
                        server.challenges::answer,
                        transport,
                        server.group,
                        server.channels,
                        relay);
            }
            AcmeConfig acme = files == null ? null : files.acme();
            if (acme != null) {
                // The port where the authority asks is open by now.
                server.renewal = AcmeRenewal.start(
                        acme, server.challenges, registry, () -> server.reloads.reload(CERTIFICATE, config));
            }
            InetSocketAddress opsListen = config.opsListen();
            if (opsListen != null) {
                server.ops = OpsServer.start(
                        opsListen,
                        new OpsServer.Sources(
                                registry, server::notReady, Map.of(StatusPage.PATH, new StatusPage(relay, registry))));
            }
            List<DerpNode> with = mesh == null ? List.of() : mesh.with();
            server.links = MeshLinks.start(relay, with, transport, server.group, registry);
            server.register();
            return server;
        } catch (UserError | IOException failure) {
            server.close();
            throw failure;
        }
    }

    /** Last of all: who is in the map is asked to serve. */
    private void register() throws IOException {
        RelayConfig.Registration registration = config.registration();
        if (registration == null) {
            return;
        }
        IdentityPrivateKey identity = IdentityFile.loadOrCreate(IdentityFile.beside(config.nodeKey()));
        int connections = config.limits().total().connections();
        RelayLease started = RelayLease.start(
                identity,
                registration.token(),
                new RelayLease.Relay(this::mapEntry, connections == 0 ? null : connections, this::follow),
                registry);
        lease = started;
        reloads.add("registration", next -> {
            RelayConfig.Registration now = next.registration();
            if (now != null) {
                started.reload(now.token());
            }
        });
    }

    /** What the coordinator says about the region, unless the operator has said it. */
    private void follow(LeaseAnswer answer) {
        if (config.mesh() != null || links == null) {
            return;
        }
        relay.meshKey().replace(MeshKey.parse(answer.meshKey()));
        links.replace(answer.region().regions().values().stream()
                .flatMap(region -> region.relays().stream())
                .filter(node -> !node.name().equals(answer.name()))
                .map(node -> node.named(new HostPort(node.hostName(), node.derpPort()).toString()))
                .toList());
    }

    private static RelayTls tls(RelayConfig.Tls files, RelayConfig config, NodePrivateKey key) throws IOException {
        return RelayTls.load(files, config.tuning().tlsEngine(), config.place().hostName(), key.publicKey());
    }

    private static @Nullable UdpRelay udpRelay(RelayConfig config, NodePrivateKey key, MeterRegistry registry) {
        UdpRelayConfig udpRelay = config.udpRelay();
        return udpRelay == null
                ? null
                : UdpRelay.start(udpRelay, key, config.place().hostName(), registry);
    }

    private static RelayServer listen(
            RelayConfig config, RelayContext relay, PrometheusMeterRegistry registry, @Nullable RelayTls tls) {
        Transport transport = config.tuning().transport();
        EventLoopGroup group = transport.newGroup(
                config.tuning().threads(), "relay", config.tuning().gatherMicros());
        ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        WebFront web = WebFront.start(config, relay.metrics());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(transport.serverSocketChannel())
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .handler(new AcceptPause(relay.limits().metrics()::acceptFailed))
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                // Its slices are recycled; Netty's default makes an object for each packet that is handed on.
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (mayEnter(channel, relay)) {
                            channels.add(channel);
                            equip(channel, relay, tls, web);
                        }
                    }
                });
        int vanishedMillis = relay.timing().vanishedMillis();
        switch (transport.resolved()) {
            case EPOLL ->
                bootstrap
                        .childOption(EpollChannelOption.TCP_USER_TIMEOUT, vanishedMillis)
                        .childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, UNSENT_BYTES);
            case IO_URING -> bootstrap.childOption(IoUringChannelOption.TCP_USER_TIMEOUT, vanishedMillis);
            // The JDK has no such option: the kernel gives up after a quarter of an hour.
            case NIO, AUTO -> LOG.warn("clients that vanish are noticed late on this transport");
        }
        ChannelFuture bound = bootstrap.bind(config.listen()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            stop(group);
            web.close();
            if (tls != null) {
                tls.close();
            }
            relay.close();
            throw Sentences.cannotListen(config.listen(), "--listen", bound.cause());
        }
        return new RelayServer(new Sockets(group, bound.channel(), channels), relay, registry, tls, config, web);
    }

    private static void equip(SocketChannel channel, RelayContext relay, @Nullable RelayTls tls, WebFront web) {
        channel.pipeline().addLast(new LoginTimeout(relay));
        if (tls != null) {
            SslHandler handler = tls.handler(channel.alloc());
            handler.setHandshakeTimeoutMillis(relay.timing().loginMillis());
            channel.pipeline().addLast(handler);
        }
        channel.pipeline().addLast(new HttpFront(relay, web.site()));
    }

    private void followConfiguration(AdmissionChain admission) {
        if (tls != null) {
            reloads.add(CERTIFICATE, tls::reload);
            Gauge.builder("warren.relay.certificate.expiry", tls, RelayTls::expirySeconds)
                    .description("When the certificate ends, in seconds since 1970")
                    .baseUnit("seconds")
                    .register(registry);
        }
        reloads.add("admission", next -> {
            admission.reload(next.admission());
            recheck.reload(next.admission().recheck());
        });
        reloads.add("limits", next -> relay.limits().replace(next.limits()));
    }

    /**
     * Follows {@code next} and the files that it names, without dropping a client. A part that cannot be used stays as
     * it was, with an error in the log and in {@code warren.relay.reloads}. Returns the keys that have changed but are
     * only looked at when a relay starts.
     */
    public List<String> reload(RelayConfig next) {
        reloads.reload(next);
        return config.needRestart(next);
    }

    /** Where the reading of the settings themselves, before any part follows them, is noted. */
    Reloads reloads() {
        return reloads;
    }

    /** Closes a connection that is one too many, before it has cost more than its acceptance. */
    static boolean mayEnter(SocketChannel channel, RelayContext relay) {
        InetSocketAddress remote = channel.remoteAddress();
        InetAddress source = remote == null ? null : remote.getAddress();
        // Without an address it has gone already.
        if (source == null || relay.limits().gate().enter(source) != null) {
            var _ = channel.close();
            return false;
        }
        channel.closeFuture().addListener(_ -> relay.limits().gate().left(source));
        return true;
    }

    private static DerpRegion region(
            RelayConfig config, int port, @Nullable ServerCredentials credentials, @Nullable OwnPackets own) {
        RelayConfig.Tls tls = config.tls();
        boolean selfSigned = tls != null && tls.ownWhenAbsent();
        String pin = selfSigned && credentials != null ? credentials.pin().toString() : null;
        RelayConfig.Place place = config.place();
        int id = place.region();
        DerpNode node = new DerpNode(
                DerpRegion.nodeName(id, 0),
                id,
                place.hostName(),
                place.literal(false),
                place.literal(true),
                new DerpNode.Ports(port, place.stunPort(), false),
                new DerpNode.Trust(pin, credentials == null, false),
                own == null ? null : own.discoKey());
        return new DerpRegion(id, place.code(), place.name(), false, List.of(node));
    }

    private Optional<String> notReady() {
        return stopping ? Optional.of("the relay is stopping") : Optional.empty();
    }

    /** The TCP port it listens on. */
    public int port() {
        return port;
    }

    /** The port on which it forwards over UDP; empty when it does not. */
    public OptionalInt udpRelayPort() {
        OwnPackets own = relay.own();
        return own == null ? OptionalInt.empty() : OptionalInt.of(own.port());
    }

    /** The address of metrics and health; empty when they were not asked for. */
    public Optional<InetSocketAddress> opsAddress() {
        return Optional.ofNullable(ops).map(OpsServer::address);
    }

    /** The port where plain HTTP is answered; empty when that was not asked for. */
    public OptionalInt plainPort() {
        return web.plainPort();
    }

    /** The port of {@link #opsAddress}. */
    public OptionalInt opsPort() {
        return ops == null ? OptionalInt.empty() : OptionalInt.of(ops.port());
    }

    /** The relay's entry in a map: its region with itself as the only node, and its pin when it is self-signed. */
    public DerpRegion mapEntry() {
        return region(config, port, tls == null ? null : tls.credentials(), relay.own());
    }

    /** The relay's public key. */
    public NodePublicKey publicKey() {
        return relay.key().publicKey();
    }

    /** What it has counted. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /** The limits in force, which may be replaced while it runs. */
    public LiveLimits limits() {
        return relay.limits();
    }

    /**
     * Lets the clients go in order: takes no more of them, is no longer ready, tells each to reconnect at a moment of
     * its own, and waits until all have left, or {@code most} is over. {@link #close} ends what is left.
     */
    public void drain(Duration most) throws InterruptedException {
        stopping = true;
        leave(); // first: nobody shall be sent here any more
        listener.close().awaitUninterruptibly();
        long deadline = System.nanoTime() + most.toNanos();
        int clients = relay.clients().connectionCount();
        long spread = Math.clamp(most.toMillis() - LEAVE_GRACE_MILLIS, 0, (long) clients * MILLIS_PER_LEAVER);
        relay.clients().sendAway(spread, LEAVE_GRACE_MILLIS, TRY_FOR_MILLIS);
        while (relay.clients().connectionCount() > 0 && System.nanoTime() < deadline) {
            Thread.sleep(DRAIN_STEP_MILLIS);
        }
    }

    private void leave() {
        RelayLease held = lease;
        if (held != null) {
            held.close();
        }
    }

    /** Tells the clients to go, ends all connections, and returns when everything is closed. */
    @Override
    public void close() {
        stopping = true;
        leave();
        listener.close().awaitUninterruptibly();
        web.close();
        recheck.close();
        if (renewal != null) {
            renewal.close();
        }
        relay.clients().endAll(new Frame.Restarting(0, TRY_FOR_MILLIS));
        channels.newCloseFuture().awaitUninterruptibly(relay.clients().connectionCount() == 0 ? 0 : GOODBYE_MILLIS);
        channels.close().awaitUninterruptibly();
        if (links != null) {
            links.close();
        }
        stop(group);
        if (tls != null) {
            tls.close();
        }
        relay.close();
        if (ops != null) {
            ops.close();
        }
        registry.close();
    }

    private static void stop(EventLoopGroup group) {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
