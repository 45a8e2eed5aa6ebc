package dev.warren.node.netcheck;

import dev.warren.node.engine.HomeRegion;
import dev.warren.node.netcheck.NetcheckTargets.RelayServer;
import dev.warren.node.netcheck.NetcheckTargets.Router;
import dev.warren.node.netcheck.NetcheckTargets.StunServer;
import dev.warren.protocol.portmap.PortMapProbe;
import dev.warren.protocol.stun.BehaviorDiscovery;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One check of the network: says what to ask when, takes the answers in whatever order they come, gives the report.
 * Everything is asked at once; what has not been answered when the time is over counts as silent. Times are monotonic
 * nanoseconds given by the caller. Not thread-safe.
 */
public final class Netcheck {
    /** The socket that asks STUN servers over IPv4. */
    public static final int STUN_IPV4 = 0;
    /** The same over IPv6. */
    public static final int STUN_IPV6 = 1;
    /** The socket that asks IPv4 routers for port mappings. */
    public static final int MAPPING_IPV4 = 2;
    /** The same for IPv6. */
    public static final int MAPPING_IPV6 = 3;
    /** The first of the sockets that find out how the NAT behaves; the servers decide about their family. */
    public static final int BEHAVIOR = 4;
    /** How many sockets there are. */
    public static final int SOCKETS = BEHAVIOR + BehaviorDiscovery.SOCKETS;

    /** When none answers what only RFC 5780 knows, as derper does, it is not worth waiting for the others. */
    private static final long BEHAVIOR_PATIENCE_NANOS = 1_000_000_000;

    private static final double NANOS_PER_SECOND = 1e9;

    /** What the caller has to do. */
    public sealed interface Action {}

    /**
     * Send a datagram.
     *
     * @param socket from which socket
     * @param to where it goes
     * @param bytes what is in it
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    public record Send(int socket, InetSocketAddress to, byte[] bytes) implements Action {}

    /**
     * Measure the round trip of {@code GET /derp/latency-check}; the answer goes to {@link #relayAnswered}.
     *
     * @param relay whom to ask
     */
    public record MeasureRelay(RelayServer relay) implements Action {}

    /**
     * Ask for {@code /generate_204} over plain HTTP; the answer goes to {@link #portalAnswered}.
     *
     * @param relay whom to ask
     * @param challenge for X-Tailscale-Challenge
     */
    public record AskPortal(RelayServer relay, String challenge) implements Action {}

    private final NetcheckTargets targets;
    private final long startNanos;
    private final long endNanos;
    private final StunRound stun;
    private final LatencyRound latencies;
    private final PortalCheck portal;
    private final BehaviorDiscovery behavior;
    private final List<PortMapProbe> routers = new ArrayList<>();

    /** A check that begins at {@code nowNanos} and is over {@code limitNanos} later at the latest. */
    public Netcheck(NetcheckTargets targets, RandomGenerator random, long nowNanos, long limitNanos) {
        this.targets = targets;
        this.startNanos = nowNanos;
        this.endNanos = nowNanos + limitNanos;
        this.stun = new StunRound(targets.stunServers(), random, nowNanos);
        this.latencies = new LatencyRound(targets.relayServers(), this::hasStun, nowNanos);
        this.portal = new PortalCheck(targets.relayServers(), nowNanos);
        this.behavior = new BehaviorDiscovery(behaviorServers(targets), Duration.ZERO, random, nowNanos);
        for (Router router : targets.routers()) {
            routers.add(new PortMapProbe(router.address(), router.self(), nowNanos));
        }
    }

    /** What is due to be done. */
    public List<Action> poll(long nowNanos) {
        List<Action> actions = new ArrayList<>();
        stun.poll(nowNanos, actions);
        latencies.poll(this::answeredStun, nowNanos, actions);
        portal.poll(nowNanos, actions);
        for (BehaviorDiscovery.Outgoing due : behavior.poll(nowNanos)) {
            actions.add(new Send(BEHAVIOR + due.socket(), due.to(), due.bytes()));
        }
        for (PortMapProbe router : routers) {
            int socket = router.gateway() instanceof Inet4Address ? MAPPING_IPV4 : MAPPING_IPV6;
            for (PortMapProbe.Datagram due : router.poll(nowNanos)) {
                actions.add(new Send(socket, due.to(), due.bytes()));
            }
        }
        return actions;
    }

    /** When {@link #poll} or {@link #isOver} may have something new to say. */
    public long nextDeadlineNanos(long nowNanos) {
        long next = Math.min(endNanos, stun.nextDeadlineNanos(nowNanos));
        next = Math.min(next, latencies.nextDeadlineNanos());
        next = Math.min(next, portal.nextDeadlineNanos());
        next = Math.min(next, behavior.nextDeadlineNanos());
        if (nowNanos < startNanos + BEHAVIOR_PATIENCE_NANOS) {
            next = Math.min(next, startNanos + BEHAVIOR_PATIENCE_NANOS);
        }
        for (PortMapProbe router : routers) {
            next = Math.min(next, router.nextDeadlineNanos());
        }
        return next;
    }

    /** Whether everything was answered, or the time for it is over. */
    public boolean isOver(long nowNanos) {
        boolean stunIsOver = stun.isOver(nowNanos);
        return nowNanos >= endNanos
                || (stunIsOver
                        && latencies.isOver(stunIsOver, this::answeredStun)
                        && portal.isOver(nowNanos)
                        && isBehaviorOver(nowNanos)
                        && routers.stream().allMatch(PortMapProbe::isOver));
    }

    /** Takes a datagram; what is no answer of whom we asked is ignored. */
    public void receive(int socket, byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
        switch (socket) {
            case STUN_IPV4, STUN_IPV6 -> stun.receive(buffer, offset, length, from, nowNanos);
            case MAPPING_IPV4, MAPPING_IPV6 -> {
                for (PortMapProbe router : routers) {
                    if (router.receive(buffer, offset, length, from)) {
                        return;
                    }
                }
            }
            default -> behavior.receive(socket - BEHAVIOR, buffer, offset, length, from, nowNanos);
        }
    }

    /** This machine itself refused to send what {@link Send} asked for. */
    public void sendFailed(int socket, InetSocketAddress to) {
        switch (socket) {
            case STUN_IPV4, STUN_IPV6 -> stun.sendFailed(to);
            default ->
                routers.stream()
                        .filter(router -> router.gateway().equals(to.getAddress()))
                        .forEach(PortMapProbe::abandon);
        }
    }

    /** A relay answered {@link MeasureRelay} after {@code nanos}. */
    public void relayAnswered(RelayServer relay, long nanos) {
        latencies.answered(relay, nanos);
    }

    /** A relay did not answer {@link MeasureRelay}; {@code why} is a few words for people. */
    public void relayFailed(RelayServer relay, String why) {
        latencies.failed(relay, why);
    }

    /** A relay, or something in its place, answered {@link AskPortal}; {@code response} is its X-Tailscale-Response. */
    public void portalAnswered(RelayServer relay, int status, @Nullable String response) {
        portal.answered(relay, status, response);
    }

    /** Nothing answered {@link AskPortal}. */
    public void portalFailed(RelayServer relay) {
        portal.failed(relay);
    }

    /** What was found until {@code nowNanos}. */
    public NetcheckReport report(long nowNanos) {
        List<NetcheckReport.Region> regions = Findings.regions(targets.relays(), stun.servers(), latencies);
        return new NetcheckReport(
                stun.servers().stream().anyMatch(asked -> asked.mapped() != null),
                Findings.family(stun.servers(), true),
                Findings.family(stun.servers(), false),
                Findings.nat(stun.servers(), behavior.result(), targets.ownAddresses()),
                routers.stream()
                        .map(router -> Findings.portMapping(router.services()))
                        .toList(),
                portal.result(),
                HomeRegion.nearest(
                        targets.home(), Findings.latenciesNanos(targets.relays(), stun.servers(), latencies)),
                regions,
                Findings.servers(stun.servers()),
                targets.problems(),
                (nowNanos - startNanos) / NANOS_PER_SECOND);
    }

    private boolean isBehaviorOver(long nowNanos) {
        boolean nobodyKnows = behavior.result().mappedByServer().isEmpty();
        return behavior.isDone() || (nobodyKnows && nowNanos >= startNanos + BEHAVIOR_PATIENCE_NANOS);
    }

    /** Those of one family: IPv4 where there are any, as that is what NATs are about. */
    private static List<InetSocketAddress> behaviorServers(NetcheckTargets targets) {
        List<InetSocketAddress> all = targets.stunServers().stream()
                .map(StunServer::address)
                .distinct()
                .toList();
        List<InetSocketAddress> four = all.stream()
                .filter(address -> address.getAddress() instanceof Inet4Address)
                .toList();
        return four.isEmpty() ? all : four;
    }

    private boolean hasStun(int region) {
        return targets.stunServers().stream().anyMatch(server -> server.region() == region);
    }

    private boolean answeredStun(int region) {
        return stun.servers().stream().anyMatch(asked -> asked.server().region() == region && asked.mapped() != null);
    }
}
