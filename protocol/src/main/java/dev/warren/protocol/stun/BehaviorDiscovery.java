package dev.warren.protocol.stun;

import dev.warren.protocol.stun.NatBehavior.Filtering;
import dev.warren.protocol.stun.NatBehavior.Mapping;
import dev.warren.protocol.stun.StunClient.Retransmission;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Finds out how the NATs in front of a host treat UDP of one address family (RFC 5780 section 4): mapping, filtering,
 * hairpinning, and when asked for the lifetime of a mapping. Mapping needs one server with two addresses, or two plain
 * ones; filtering needs the former. Without a lifetime it takes 5 s at most, and a round trip or three where nothing is
 * filtered or lost; with it 5 s more than the longest silence, at most.
 *
 * <p>The caller owns {@link #sockets} UDP sockets with a port each that nothing else uses, sends what {@link #poll}
 * gives from the one that it names, hands in what they receive, and polls again at {@link #nextDeadlineNanos}, which
 * every receive may bring forward, until {@link #isDone}, which may become true by a poll as well. Times are monotonic
 * nanoseconds. Not thread-safe.
 */
public final class BehaviorDiscovery {
    /** How many sockets are needed: the first for mapping, the second for filtering, both for hairpinning. */
    public static final int SOCKETS = 2;
    /** How many more are needed for the lifetime. */
    public static final int LIFETIME_SOCKETS = LifetimeDiscovery.RUNGS;

    private static final int MAX_SERVERS = 64;
    private static final int MAPPING_SOCKET = 0;
    private static final int FILTERING_SOCKET = 1;

    private final Exchanges exchanges;
    private final Duration lifetimeLimit;
    private final MappingDiscovery mapping;
    private @Nullable FilteringDiscovery filtering;
    private @Nullable HairpinDiscovery hairpin;
    private @Nullable LifetimeDiscovery lifetime;

    /**
     * A datagram that is to be sent.
     *
     * @param socket from which of the caller's sockets, 0 to {@link #sockets} - 1
     * @param to where to
     * @param bytes the payload
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared; the array is handed on, not shared
    public record Outgoing(int socket, InetSocketAddress to, byte[] bytes) {}

    /**
     * A discovery with these servers, the preferred ones first, that begins at {@code nowNanos}. Throws
     * IllegalArgumentException when they are not resolved, more than 64, or not of one address family.
     *
     * @param lifetimeLimit the longest silence to try, found to within a third from a seventeenth of it on; zero for no
     *     test of the lifetime
     * @param random makes the transactions' ids: must not be guessable
     */
    public BehaviorDiscovery(
            List<InetSocketAddress> servers, Duration lifetimeLimit, RandomGenerator random, long nowNanos) {
        check(servers);
        this.exchanges = new Exchanges(random, Retransmission.PROBE);
        this.lifetimeLimit = lifetimeLimit;
        this.mapping = new MappingDiscovery(exchanges, MAPPING_SOCKET, servers, nowNanos);
    }

    /** How many sockets are used: with a lifetime {@link #LIFETIME_SOCKETS} more than without. */
    public int sockets() {
        return lifetimeLimit.isZero() ? SOCKETS : SOCKETS + LIFETIME_SOCKETS;
    }

    /** What is due to be sent, in this order; empty when nothing is. */
    public List<Outgoing> poll(long nowNanos) {
        List<Outgoing> due = new ArrayList<>();
        do {
            advance(nowNanos);
        } while (exchanges.poll(nowNanos, due));
        return due;
    }

    /** Takes a datagram that {@code socket} has received; true when it was one for this. */
    public boolean receive(int socket, byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
        boolean taken = exchanges.receive(socket, buffer, offset, length, from, nowNanos)
                || (hairpin != null && hairpin.receive(socket, buffer, offset, length));
        if (taken) {
            advance(nowNanos);
        }
        return taken;
    }

    /** When {@link #poll} has something to do next; {@code Long.MAX_VALUE} once everything is known or given up. */
    public long nextDeadlineNanos() {
        long next = exchanges.nextDeadlineNanos();
        return lifetime == null ? next : Math.min(next, lifetime.nextDeadlineNanos());
    }

    /** Whether everything is known or given up. */
    public boolean isDone() {
        return isBehaviorKnown()
                && (hairpin == null || hairpin.isDone())
                && (lifetime == null ? !isLifetimeWanted() : lifetime.isDone());
    }

    /** What has been found out so far. */
    public NatBehavior result() {
        Map<InetSocketAddress, InetSocketAddress> mapped = mapping.mappedByServer();
        return new NatBehavior(
                mapping.isDone() ? mapping.mapping() : Mapping.UNKNOWN,
                filtering(),
                hairpin == null ? null : hairpin.hairpinning(),
                lifetime == null ? null : lifetime.lifetime(),
                mapped);
    }

    /** Starts what can be started with what is known now. */
    private void advance(long nowNanos) {
        mapping.advance(nowNanos);
        DiscoveryExchange best = mapping.best();
        if (filtering == null && best != null) {
            filtering = new FilteringDiscovery(exchanges, FILTERING_SOCKET, best, nowNanos);
        }
        if (filtering == null || best == null) {
            return;
        }
        filtering.advance(nowNanos);
        InetSocketAddress mapped0 = best.mapped();
        InetSocketAddress mapped1 = filtering.mapped();
        if (hairpin == null && mapped0 != null && mapped1 != null) {
            hairpin = new HairpinDiscovery(exchanges, mapped0, mapped1, nowNanos);
        }
        if (lifetime == null && isLifetimeWanted() && isBehaviorKnown() && hairpin != null && hairpin.isDone()) {
            lifetime = lifetime(filtering, nowNanos);
        }
        if (lifetime != null) {
            lifetime.advance(nowNanos);
        }
    }

    private boolean isBehaviorKnown() {
        boolean nobody = mapping.isDone() && mapping.best() == null;
        return nobody || (mapping.isDone() && filtering != null && filtering.isDone());
    }

    /** Needs a mapped address. */
    private boolean isLifetimeWanted() {
        return !lifetimeLimit.isZero() && filtering != null && filtering.mapped() != null;
    }

    /** What does not come from an address that nobody has reached says nothing of a filter. */
    private Filtering filtering() {
        Filtering found = filtering == null ? Filtering.UNKNOWN : filtering.filtering();
        return found == Filtering.ENDPOINT_INDEPENDENT || mapping.isOtherAlive() ? found : Filtering.UNKNOWN;
    }

    private LifetimeDiscovery lifetime(FilteringDiscovery known, long nowNanos) {
        Filtering filter = filtering();
        boolean byFilter = mapping.mapping() == Mapping.ENDPOINT_INDEPENDENT
                && (filter == Filtering.ADDRESS_DEPENDENT || filter == Filtering.ADDRESS_AND_PORT_DEPENDENT);
        InetSocketAddress other = byFilter ? known.other() : null;
        return new LifetimeDiscovery(exchanges, SOCKETS, known.server(), other, lifetimeLimit, nowNanos);
    }

    private static void check(List<InetSocketAddress> servers) {
        if (servers.size() > MAX_SERVERS) {
            throw new IllegalArgumentException(servers.size() + " servers; at most " + MAX_SERVERS);
        }
        if (servers.stream().anyMatch(InetSocketAddress::isUnresolved)) {
            throw new IllegalArgumentException("not all resolved: " + servers);
        }
        if (servers.stream()
                        .map(server -> server.getAddress().getClass())
                        .distinct()
                        .count()
                > 1) {
            throw new IllegalArgumentException("not of one address family: " + servers);
        }
    }
}
