package dev.warren.node;

import dev.warren.node.control.ControlHandler;
import dev.warren.node.control.ControlReply;
import dev.warren.node.control.ControlRequest;
import dev.warren.node.control.ControlServer;
import dev.warren.node.control.CoordinatorClient;
import dev.warren.node.control.CoordinatorListener;
import dev.warren.node.control.DeviceUapiTarget;
import dev.warren.node.control.NodeState;
import dev.warren.node.control.NodeStatus;
import dev.warren.node.control.PoolClash;
import dev.warren.node.control.UapiServer;
import dev.warren.node.engine.EngineSnapshot;
import dev.warren.node.engine.PingAnswer;
import dev.warren.node.keys.KeyManager;
import dev.warren.node.tunnel.RelayConnections;
import dev.warren.node.tunnel.Tunnel;
import dev.warren.platform.config.UserError;
import dev.warren.platform.crypto.X25519Choice;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.Netlink;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.NetworkMap;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An agent that runs: a tunnel, connections to relays, the coordinator's client and the local sockets, put together.
 *
 * <p>Maps arrive on the coordinator client's thread; one timer thread dials, reports and sweeps; everything about
 * packets is the datapath thread's. {@link #close()} ends them all.
 */
public final class MeshNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MeshNode.class);
    private static final long ANSWER_MILLIS = 5_000;
    private static final long FIRST_MAP_MILLIS = 15_000;
    private static final long SWEEP_SECONDS = 15;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final NodeConfig config;
    private final NodePublicKey ownKey;
    private final RelayConnections relays;
    private final Tunnel tunnel;
    private final UserPinger pinger;
    private final CompletableFuture<MeshMap> firstMap = new CompletableFuture<>();
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("node-timer").unstarted(task));
    private final List<Future<?>> periodic = new ArrayList<>();
    private final Set<InetAddress> ownAddresses = new HashSet<>(); // guarded by routes
    private final Set<IpPrefix> routes = new HashSet<>(); // guarded by itself
    private final PoolClash clashes = new PoolClash(); // for the thread on which maps arrive
    private volatile @Nullable MeshMap mesh;
    private volatile @Nullable CoordinatorClient coordinator;
    private volatile String coordinatorState = "not connected yet";
    private volatile List<InetSocketAddress> endpoints = List.of();
    private volatile int homeRegion;
    private @Nullable UapiServer uapi;
    private @Nullable ControlServer control;

    private MeshNode(NodeConfig config, NodeState state, DiscoPrivateKey disco) throws LinuxException {
        this.config = config;
        this.ownKey = state.nodeKey().publicKey();
        this.relays = new RelayConnections(new RelayDialer(state.nodeKey(), this::tunnel, this::relayConnected));
        this.tunnel = Tunnel.open(
                new Tunnel.Settings(
                        config.interfaceName(),
                        config.port(),
                        NodeConfig.MTU_BYTES,
                        state.nodeKey(),
                        disco,
                        config.acceleration()),
                new TunnelEvents());
        this.pinger = new UserPinger(tunnel);
    }

    /**
     * Starts a node and returns when it is in the mesh. What can be refused without it is refused before keys are made and
     * the tunnel is opened; the tunnel is opened before the token is used, so that a missing permission does not cost a
     * token. Throws {@link UserError} or an IOException with a sentence for the user.
     */
    public static MeshNode start(NodeConfig config) throws IOException, InterruptedException {
        return start(config, new KeyManager(KeyManager.Settings.of(config.stateDir())));
    }

    /** The same, with keys that may be elsewhere than in the state folder, or sealed. */
    public static MeshNode start(NodeConfig config, KeyManager keys) throws IOException, InterruptedException {
        NodeState.requireMesh(config.stateDir(), config.token());
        // Of a node that is about to end, the control socket is the last to go: its device is gone then.
        ControlServer.requireFree(config.stateDir());
        UapiServer.requireFree(UapiServer.socketPath(config.interfaceName()));
        X25519Choice.putInForce();
        NodeState state = NodeState.open(config.stateDir(), keys);
        DiscoPrivateKey disco = DiscoPrivateKey.generate(new SecureRandom());
        MeshNode node = new MeshNode(config, state, disco);
        try {
            node.control = ControlServer.start(config.stateDir(), node.new Requests());
            node.uapi = UapiServer.start(
                    UapiServer.socketPath(config.interfaceName()),
                    new DeviceUapiTarget(
                            node.tunnel.engine().device(), new TunnelUapi(node.tunnel, false), Clock::bootTimeNanos),
                    node::onDatapath);
            node.join(state, disco);
        } catch (IOException | RuntimeException | InterruptedException failed) {
            node.close();
            throw failed;
        }
        node.periodic.add(node.timer.scheduleAtFixedRate(node::report, 1, 1, TimeUnit.SECONDS));
        node.periodic.add(node.timer.scheduleAtFixedRate(
                () -> node.relays.sweep(Clock.bootTimeNanos()), SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS));
        return node;
    }

    private void join(NodeState state, DiscoPrivateKey disco) throws IOException, InterruptedException {
        CoordinatorClient client = CoordinatorClient.start(
                state,
                new CoordinatorClient.Settings(config.token(), config.hostName(), config.software(), disco.publicKey()),
                new CoordinatorEvents());
        coordinator = client;
        client.publish(endpoints, homeRegion);
        try {
            KnownNode self = client.joined().get();
            LOG.debug("joined the mesh as {}", self.name());
            firstMap.get(FIRST_MAP_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException silent) {
            throw new UserError(
                    "the coordinator " + client.coordinator()
                            + " admitted this node, but sends no map: look at its log",
                    silent);
        } catch (ExecutionException refused) {
            if (refused.getCause() instanceof UserError sentence) {
                throw sentence;
            }
            throw new IOException(String.valueOf(refused.getMessage()), refused);
        }
    }

    /** The name of the TUN device. */
    public String interfaceName() {
        return tunnel.interfaceName();
    }

    /**
     * Ends when the node does: with the reason when nobody asked for it, with an empty text after {@code warren down}.
     */
    public CompletableFuture<String> ended() {
        return ended.copy();
    }

    /** How the node and its peers are. */
    public NodeStatus status() throws InterruptedException {
        Instant wall = Instant.now();
        long unixNanos = wall.getEpochSecond() * NANOS_PER_SECOND + wall.getNano();
        return NodeView.status(
                snapshot(), mesh, tunnel, relays, ownKey, config.hostName(), coordinatorState, unixNanos);
    }

    private Tunnel tunnel() {
        return tunnel;
    }

    private void relayConnected(int region) {
        relays.connected(region, Clock.bootTimeNanos());
    }

    private EngineSnapshot snapshot() throws InterruptedException {
        try {
            return tunnel.ask((engine, now) -> engine.snapshot(now)).get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException stuck) {
            throw new IllegalStateException("the datapath does not answer; the node is stopping or overloaded", stuck);
        }
    }

    private void onDatapath(Runnable command) {
        if (!tunnel.command((engine, now) -> command.run())) {
            throw new RejectedExecutionException("the datapath is stopping or overloaded");
        }
    }

    private void report() {
        CoordinatorClient client = coordinator;
        try {
            if (client != null) {
                client.report(NodeView.report(snapshot()));
            }
        } catch (IllegalStateException busy) {
            LOG.debug("no path report: {}", busy.getMessage());
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    // -------------------------------------------------------------------------------------------------- the mesh's map

    private void apply(MeshMap fresh) {
        tellOfLostRegions(mesh, fresh);
        mesh = fresh;
        relays.apply(fresh.map().relays(), Clock.bootTimeNanos());
        var stunServers = fresh.stunServers();
        var relayed = fresh.relayed();
        var peers = fresh.peers();
        tunnel.command((engine, now) -> {
            engine.applyRelays(stunServers, relayed, now);
            engine.applyPeers(peers, now);
        });
        try {
            warnOfClash(fresh);
            synchronized (routes) {
                Set<InetAddress> addresses = fresh.addresses();
                tunnel.changeAddresses(without(addresses, ownAddresses), without(ownAddresses, addresses));
                replace(ownAddresses, addresses);
                Set<IpPrefix> wanted = fresh.routes();
                tunnel.changeRoutes(without(wanted, routes), without(routes, wanted));
                replace(routes, wanted);
            }
            firstMap.complete(fresh);
        } catch (LinuxException refused) {
            LOG.error("the interface {} could not be set up: {}", tunnel.interfaceName(), refused.getMessage());
            firstMap.completeExceptionally(new UserError(String.valueOf(refused.getMessage()), refused));
        }
    }

    private static void tellOfLostRegions(@Nullable MeshMap before, MeshMap fresh) {
        if (before == null) {
            return;
        }
        SortedSet<Integer> left = fresh.relayed();
        for (int region : before.relayed()) {
            if (!left.contains(region)) {
                LOG.info("{} has no relay in the map any more", before.regionName(region));
            }
        }
        if (left.isEmpty() && !before.relayed().isEmpty()) {
            LOG.warn("no relay is in the map any more: peers without a direct path cannot be reached");
        }
    }

    /** Gives the interface back what the kernel took from it when it was switched off. */
    private void restore() {
        synchronized (routes) {
            try {
                tunnel.changeAddresses(ownAddresses, List.of());
                tunnel.changeRoutes(routes, List.of());
            } catch (LinuxException refused) {
                LOG.error("the interface {} could not be set up: {}", tunnel.interfaceName(), refused.getMessage());
            }
        }
    }

    private void warnOfClash(MeshMap fresh) throws LinuxException {
        try (Netlink netlink = Netlink.open()) {
            clashes.news(netlink.links(), tunnel.interfaceName(), fresh.map()).forEach(news -> LOG.warn("{}", news));
        }
    }

    private static <T> List<T> without(Collection<T> all, Collection<T> some) {
        return all.stream().filter(one -> !some.contains(one)).toList();
    }

    private static <T> void replace(Set<T> held, Set<T> wanted) {
        held.clear();
        held.addAll(wanted);
    }

    /** Ends the node: its device, routes, sockets and threads are gone when it returns. */
    @Override
    public void close() {
        periodic.forEach(task -> task.cancel(false));
        timer.shutdownNow();
        CoordinatorClient client = coordinator;
        if (client != null) {
            client.close();
        }
        if (uapi != null) {
            uapi.close();
        }
        relays.close();
        tunnel.close();
        if (control != null) {
            control.close();
        }
        ended.complete("");
    }

    /** What the tunnel wants; on the datapath thread. */
    private final class TunnelEvents implements Tunnel.Surroundings {
        @Override
        public void sendRelay(int region, NodePublicKey to, byte[] buffer, int offset, int length, long nowNanos) {
            relays.send(region, to, buffer, offset, length, nowNanos);
        }

        @Override
        public void endpointsChanged(List<InetSocketAddress> changed) {
            endpoints = List.copyOf(changed);
            publish();
        }

        @Override
        public void homeRegionChanged(int region, long nowNanos) {
            homeRegion = region;
            MeshMap known = mesh;
            if (region != 0 && known != null) {
                LOG.info("home is {} now: peers reach this node through its relay", known.regionName(region));
            }
            timer.execute(() -> relays.home(region, nowNanos));
            publish();
        }

        @Override
        public void pingAnswered(long token, PingAnswer answer) {
            pinger.answered(token, answer);
        }

        @Override
        public boolean hasRelayIn(IpPrefix block) {
            return relays.hasRelayIn(block);
        }

        @Override
        public void networkChanged(boolean isLost) {
            later(() -> {
                relays.networkChanged(isLost);
                CoordinatorClient client = coordinator;
                if (client != null && firstMap.isDone()) { // a join is not to be broken off
                    client.networkChanged(isLost);
                }
            });
        }

        @Override
        public void cameUp() {
            later(MeshNode.this::restore);
        }

        private void later(Runnable task) {
            try {
                timer.execute(task);
            } catch (RejectedExecutionException closing) {
                LOG.debug("the node ends; nothing follows from its network any more");
            }
        }

        @Override
        public void ended(String reason) {
            ended.complete(reason);
        }

        private void publish() {
            CoordinatorClient client = coordinator;
            if (client != null) {
                client.publish(endpoints, homeRegion);
            }
        }
    }

    /** What the coordinator says; on its client's thread. */
    private final class CoordinatorEvents implements CoordinatorListener {
        @Override
        public void networkMap(NetworkMap map) {
            apply(new MeshMap(map));
        }

        @Override
        public void state(boolean connected, String detail) {
            coordinatorState = connected ? "connected" : detail;
        }
    }

    /** What users ask; on the connections' threads. */
    private final class Requests implements ControlHandler {
        @Override
        public NodeStatus status() throws InterruptedException {
            return MeshNode.this.status();
        }

        @Override
        public void ping(ControlRequest.Ping request, Consumer<ControlReply> replies) throws InterruptedException {
            MeshMap known = mesh;
            KnownNode peer = known == null ? null : known.find(request.peer()).orElse(null);
            if (peer == null) {
                throw new IllegalArgumentException(
                        "there is no peer \"" + request.peer() + "\" in the mesh; \"warren status\" lists them");
            }
            pinger.ping(peer, request, replies);
        }

        @Override
        public ControlReply.Relays relays() {
            MeshMap known = mesh;
            if (known == null) {
                throw new IllegalStateException("the node has no relay map yet: it has not joined the mesh");
            }
            return ControlReply.Relays.of(homeRegion, known.map().relays());
        }

        @Override
        public void down() {
            ended.complete("");
        }
    }
}
