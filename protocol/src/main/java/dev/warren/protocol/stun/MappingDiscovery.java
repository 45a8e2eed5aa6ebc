package dev.warren.protocol.stun;

import dev.warren.protocol.stun.NatBehavior.Mapping;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which destinations see the same mapped address (RFC 5780 section 4.3): all servers are asked from one socket at once,
 * then the other address of the first that has one, on both ports. Without such a server the answers of several plain
 * ones are compared, as netcheck does.
 */
final class MappingDiscovery {
    private final Exchanges exchanges;
    private final int socket;
    private final List<First> firsts = new ArrayList<>();
    private @Nullable DiscoveryExchange chosen;
    private @Nullable DiscoveryExchange second;
    private @Nullable DiscoveryExchange third;

    /** Test I with one server; again without CHANGE-REQUEST where that was refused. */
    private static final class First {
        DiscoveryExchange exchange;
        boolean simple;

        First(DiscoveryExchange exchange) {
            this.exchange = exchange;
        }

        boolean isToRepeat() {
            return exchange.isUnsupported() && !simple;
        }
    }

    MappingDiscovery(Exchanges exchanges, int socket, List<InetSocketAddress> servers, long nowNanos) {
        this.exchanges = exchanges;
        this.socket = socket;
        servers.forEach(server -> firsts.add(new First(exchanges.ask(socket, server, nowNanos))));
    }

    /** Starts what can be started. */
    void advance(long nowNanos) {
        for (First first : firsts) {
            InetSocketAddress other = first.exchange.other();
            if (first.isToRepeat()) {
                first.exchange = exchanges.askSimply(socket, first.exchange.server(), nowNanos);
                first.simple = true;
            } else if (chosen == null && other != null) {
                chosen = first.exchange;
                int port = first.exchange.server().getPort();
                second = exchanges.ask(socket, new InetSocketAddress(other.getAddress(), port), nowNanos);
                third = exchanges.ask(socket, other, nowNanos);
            }
        }
    }

    boolean isDone() {
        return hasAsked() && isOver(second) && isOver(third);
    }

    /** Whether every server has answered or was given up. */
    private boolean hasAsked() {
        return firsts.stream().allMatch(first -> first.exchange.isOver() && !first.isToRepeat());
    }

    private static boolean isOver(@Nullable DiscoveryExchange exchange) {
        return exchange == null || exchange.isOver();
    }

    /** The answer of the server to make the other tests with: one with another address if possible; null if none. */
    @Nullable
    DiscoveryExchange best() {
        if (chosen != null || !hasAsked()) {
            return chosen;
        }
        return firsts.stream()
                .map(first -> first.exchange)
                .filter(exchange -> exchange.mapped() != null)
                .findFirst()
                .orElse(null);
    }

    /** Whether the other address of the chosen server has answered: it is there, and is no mistake of the server. */
    boolean isOtherAlive() {
        return (second != null && second.mapped() != null) || (third != null && third.mapped() != null);
    }

    Map<InetSocketAddress, InetSocketAddress> mappedByServer() {
        Map<InetSocketAddress, InetSocketAddress> mapped = new LinkedHashMap<>();
        for (DiscoveryExchange exchange : all()) {
            InetSocketAddress address = exchange.mapped();
            if (address != null) {
                mapped.putIfAbsent(exchange.server(), address);
            }
        }
        return mapped;
    }

    Mapping mapping() {
        Map<InetSocketAddress, InetSocketAddress> mapped = mappedByServer();
        if (mapped.size() < 2) {
            return Mapping.UNKNOWN;
        }
        if (mapped.values().stream().distinct().count() == 1) {
            return Mapping.ENDPOINT_INDEPENDENT;
        }
        return chosen == null || second == null || third == null
                ? Mapping.DESTINATION_DEPENDENT
                : dependence(chosen.mapped(), second.mapped(), third.mapped());
    }

    /** What three destinations say: one address and port, the other address and the same port, and the other port. */
    private static Mapping dependence(
            @Nullable InetSocketAddress one, @Nullable InetSocketAddress two, @Nullable InetSocketAddress three) {
        if (one == null || two == null || three == null) {
            return Mapping.DESTINATION_DEPENDENT;
        }
        if (!two.equals(three)) {
            return Mapping.ADDRESS_AND_PORT_DEPENDENT;
        }
        return one.equals(two) ? Mapping.DESTINATION_DEPENDENT : Mapping.ADDRESS_DEPENDENT;
    }

    private List<DiscoveryExchange> all() {
        List<DiscoveryExchange> all = new ArrayList<>();
        firsts.forEach(first -> all.add(first.exchange));
        if (second != null) {
            all.add(second);
        }
        if (third != null) {
            all.add(third);
        }
        return all;
    }
}
