package dev.warren.node.path;

import dev.warren.protocol.disco.TxId;
import dev.warren.protocol.testing.Seeds;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A path agent on a clock of milliseconds that starts at 0; what it sends is written down as "TIME ping PORT" and "TIME
 * call". Addresses are told apart by port.
 */
final class PathScript implements PathAgent.Output {
    private static final long MILLI = 1_000_000L;

    final PathAgent agent = new PathAgent(Seeds.random(1), this);
    private final List<String> log = new ArrayList<>();
    private final Map<InetSocketAddress, TxId> lastPing = new HashMap<>();
    private final Map<InetSocketAddress, Long> unansweredMillis = new HashMap<>();
    private long nowNanos;

    /** A public address; port and last number of the address are the same. */
    static InetSocketAddress address(int port) {
        return new InetSocketAddress("203.0.113." + port % 250, port);
    }

    @Override
    public void ping(InetSocketAddress to, TxId id) {
        lastPing.put(to, id);
        unansweredMillis.put(to, nowMillis());
        log.add(nowMillis() + " ping " + to.getPort());
    }

    @Override
    public void callMeMaybe() {
        log.add(nowMillis() + " call");
    }

    long nowNanos() {
        return nowNanos;
    }

    long nowMillis() {
        return nowNanos / MILLI;
    }

    /** What was sent since the last call of this, in a line. */
    String sent() {
        String all = String.join(", ", log);
        log.clear();
        return all;
    }

    /** Lets time pass up to this moment, polling at every deadline. */
    PathScript at(long millis) {
        long endNanos = millis * MILLI;
        while (agent.nextDeadlineNanos() <= endNanos) {
            nowNanos = Math.max(nowNanos, agent.nextDeadlineNanos());
            agent.poll(nowNanos);
        }
        nowNanos = endNanos;
        return this;
    }

    PathScript endpoints(int... ports) {
        agent.setEndpoints(addresses(ports), nowNanos);
        return this;
    }

    PathScript call(int... ports) {
        agent.onCallMeMaybe(addresses(ports), nowNanos);
        return this;
    }

    /** A data packet with content goes out. */
    PathScript send() {
        agent.onSent(true, nowNanos);
        return this;
    }

    PathScript pingFrom(int port) {
        agent.onPing(address(port), nowNanos);
        return this;
    }

    /** The last ping to this address is answered now. */
    PathScript pong(int port) {
        return pong(address(port));
    }

    PathScript pong(InetSocketAddress address) {
        unansweredMillis.remove(address);
        agent.onPong(Objects.requireNonNull(lastPing.get(address), "no ping went there"), nowNanos);
        return this;
    }

    /** Lets time pass as {@link #at} does; each ping to the address is answered, in the moment in which it is sent. */
    PathScript answering(int port, long untilMillis) {
        return answering(port, 0, untilMillis);
    }

    /** Lets time pass as {@link #at} does; pings to the address are answered after so many milliseconds. */
    PathScript answering(int port, long afterMillis, long untilMillis) {
        while (true) {
            long nextMillis = agent.nextDeadlineNanos() / MILLI;
            Long pingedMillis = unansweredMillis.get(address(port));
            long pongMillis = pingedMillis == null ? Long.MAX_VALUE : pingedMillis + afterMillis;
            boolean pongIsNext = pongMillis <= nextMillis;
            long stepMillis = Math.min(pongMillis, nextMillis);
            if (stepMillis > untilMillis) {
                return at(untilMillis);
            }
            at(stepMillis);
            if (pongIsNext) {
                pong(port);
            }
        }
    }

    /** A packet of the peer's has come over UDP. */
    PathScript authenticated() {
        agent.onAuthenticated(true, nowNanos);
        return this;
    }

    /** "PORT until TIME", "PORT untrusted" or "relay". */
    String route() {
        Route route = agent.route();
        InetSocketAddress direct = route.direct();
        if (direct == null) {
            return "relay";
        }
        String trust = route.isTrusted(nowNanos) ? " until " + route.trustedUntilNanos() / MILLI : " untrusted";
        return direct.getPort() + trust;
    }

    private static List<InetSocketAddress> addresses(int... ports) {
        List<InetSocketAddress> all = new ArrayList<>();
        for (int port : ports) {
            all.add(address(port));
        }
        return all;
    }
}
