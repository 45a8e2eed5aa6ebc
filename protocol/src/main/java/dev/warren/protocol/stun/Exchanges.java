package dev.warren.protocol.stun;

import dev.warren.protocol.stun.BehaviorDiscovery.Outgoing;
import dev.warren.protocol.stun.StunClient.Retransmission;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** All transactions of a discovery. */
final class Exchanges {
    private final RandomGenerator random;
    private final Retransmission retransmission;
    private final List<DiscoveryExchange> running = new ArrayList<>();

    Exchanges(RandomGenerator random, Retransmission retransmission) {
        this.random = random;
        this.retransmission = retransmission;
    }

    /** Asks for the mapped address and the server's other address. */
    DiscoveryExchange ask(int socket, InetSocketAddress server, long nowNanos) {
        return ask(socket, server, server, 0, nowNanos);
    }

    /** Asks {@code server} to answer from {@code from}, which is what it has with {@code change}. */
    DiscoveryExchange ask(int socket, InetSocketAddress server, InetSocketAddress from, int change, long nowNanos) {
        byte[] request = BindingRequest.discovery(TransactionId.random(random), change);
        return add(new DiscoveryExchange(socket, server, from, request, retransmission, nowNanos));
    }

    /** Asks without anything that a server might not know. */
    DiscoveryExchange askSimply(int socket, InetSocketAddress server, long nowNanos) {
        byte[] request = BindingRequest.tailscale(TransactionId.random(random));
        return add(new DiscoveryExchange(socket, server, server, request, retransmission, nowNanos));
    }

    /** Sends a request to where no server is: it is recognised when it comes back. */
    DiscoveryExchange send(int socket, InetSocketAddress to, Retransmission times, long nowNanos) {
        byte[] request = BindingRequest.plain(TransactionId.random(random));
        return add(new DiscoveryExchange(socket, to, to, request, times, nowNanos));
    }

    /** Adds what is due; true when something has happened. */
    boolean poll(long nowNanos, List<Outgoing> due) {
        boolean moved = false;
        for (DiscoveryExchange exchange : running) {
            moved |= exchange.poll(nowNanos, due);
        }
        running.removeIf(DiscoveryExchange::isOver);
        return moved;
    }

    /** Takes a datagram; true when it answers one of them. */
    boolean receive(int socket, byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
        for (DiscoveryExchange exchange : running) {
            if (exchange.receive(socket, buffer, offset, length, from, nowNanos)) {
                running.remove(exchange);
                return true;
            }
        }
        return false;
    }

    long nextDeadlineNanos() {
        long next = Long.MAX_VALUE;
        for (DiscoveryExchange exchange : running) {
            next = Math.min(next, exchange.nextDeadlineNanos());
        }
        return next;
    }

    private DiscoveryExchange add(DiscoveryExchange exchange) {
        running.add(exchange);
        return exchange;
    }
}
