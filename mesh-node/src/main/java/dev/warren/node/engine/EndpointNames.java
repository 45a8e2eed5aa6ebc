package dev.warren.node.engine;

import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.Peer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The peers whose endpoints are host names, and when these are looked up: when they are set, and again when a peer does
 * not answer or the network has changed. Asks {@link MeshEngine.Ports#lookUp} and is told by {@link #found} and {@link
 * #failed}; at most {@value #MAX_LOOKUPS} look-ups are on their way at a time, and one of a name.
 *
 * <p>The reresolve-dns.sh of wireguard-tools looks a name up once a minute while there was no handshake for 135 s. Here
 * an initiation that has got no answer is reason enough, as nothing else was heard of the peer since; and what it finds
 * is used under the same condition, see {@link EndpointName#found}.
 */
public final class EndpointNames {
    static final int MAX_LOOKUPS = 4;
    /** The system's resolver takes half a minute when its servers are silent, and more than one may be asked for. */
    static final long LOOKUP_NANOS = 15_000_000_000L;
    /** A peer that stays silent asks every 5 s; so often is the name looked up for it. */
    static final long FRESH_NANOS = 30_000_000_000L;
    /** When the network changes again and again, so often. */
    static final long CHANGE_NANOS = 5_000_000_000L;
    /** After a failure; twice as long after each further one. */
    static final long FIRST_RETRY_NANOS = 2_000_000_000L;

    static final long MAX_RETRY_NANOS = 60_000_000_000L;
    private static final long NEVER = Long.MAX_VALUE;

    private enum State {
        IDLE,
        WAITING,
        ASKED
    }

    /** A name, which several peers may share. */
    private static final class Host {
        final String name;
        State state = State.IDLE;
        long mayAskAtNanos = Long.MIN_VALUE;
        long askedAtNanos;
        long retryAtNanos = NEVER;
        long retryDelayNanos = FIRST_RETRY_NANOS;
        boolean failureTold;

        Host(String name) {
            this.name = name;
        }
    }

    private final Device device;
    private final MeshEngine.Ports ports;
    private final EngineCounters counters;
    private final Map<String, Host> hosts = new HashMap<>();
    private final ArrayDeque<Host> waiting = new ArrayDeque<>();
    private int asked;
    private long deadlineNanos = NEVER;

    EndpointNames(Device device, MeshEngine.Ports ports, EngineCounters counters) {
        this.device = device;
        this.ports = ports;
        this.counters = counters;
    }

    /** The name in place of the peer's endpoint, or null. */
    public static @Nullable EndpointName of(Peer peer) {
        return peer.attachment() instanceof EndpointName name ? name : null;
    }

    /**
     * Makes a host name the endpoint of a peer that is not the coordinator's. It goes where it went before until an
     * address is found; the name that it has already changes nothing.
     */
    public void set(Peer peer, String host, int port, long nowNanos) {
        EndpointName before = of(peer);
        if (before != null && before.host().equals(host) && before.port() == port) {
            return;
        }
        peer.setAttachment(new EndpointName(host, port));
        if (hosts.size() >= device.peers().size()) {
            hosts.values().removeIf(other -> other.state == State.IDLE && !isUsed(other));
        }
        want(hosts.computeIfAbsent(host, Host::new), nowNanos);
    }

    /** The peer's endpoint was set to an address: it has no name any more. */
    public void forget(Peer peer) {
        if (of(peer) != null) {
            peer.setAttachment(null);
        }
    }

    /** The answer to {@link MeshEngine.Ports#lookUp}: addresses to which the machine has a route, and others. */
    public void found(String host, List<InetAddress> routed, List<InetAddress> unrouted, long nowNanos) {
        Host known = answered(host, nowNanos);
        if (known == null) {
            return;
        }
        if (routed.isEmpty() && unrouted.isEmpty()) {
            failed(known, "the host \"" + host + "\" has no address", nowNanos);
            return;
        }
        known.failureTold = false;
        known.retryDelayNanos = FIRST_RETRY_NANOS;
        known.mayAskAtNanos = known.askedAtNanos + FRESH_NANOS;
        for (Peer peer : device.peers()) {
            EndpointName name = of(peer);
            if (name != null
                    && name.host().equals(host)
                    && name.found(peer, at(routed, name.port()), at(unrouted, name.port()))) {
                device.hasten(peer, nowNanos);
            }
        }
    }

    /** The other answer: there is no address; {@code why} is a sentence. */
    public void failed(String host, String why, long nowNanos) {
        Host known = answered(host, nowNanos);
        if (known != null) {
            failed(known, why, nowNanos);
        }
    }

    private void failed(Host host, String why, long nowNanos) {
        counters.add(EngineCounter.NAME_LOOKUPS_FAILED);
        host.mayAskAtNanos = nowNanos + host.retryDelayNanos;
        host.retryDelayNanos = Math.min(MAX_RETRY_NANOS, 2 * host.retryDelayNanos);
        for (Peer peer : device.peers()) {
            EndpointName name = of(peer);
            if (name != null && name.host().equals(host.name)) {
                name.unknown();
                // One that has an address is looked up again when its peer does not answer there.
                host.retryAtNanos = name.isUnresolved() ? host.mayAskAtNanos : host.retryAtNanos;
            }
        }
        deadlineNanos = Math.min(deadlineNanos, host.retryAtNanos);
        if (!host.failureTold) {
            host.failureTold = true;
            ports.hostUnknown(host.name, why);
        }
    }

    /** Frees the place of a look-up for the next; null when there was none, or nobody cares any more. */
    private @Nullable Host answered(String host, long nowNanos) {
        Host known = hosts.get(host);
        if (known == null || known.state != State.ASKED) {
            return null;
        }
        asked--;
        known.state = State.IDLE;
        known.retryAtNanos = NEVER;
        askWaiting(nowNanos);
        if (isUsed(known)) {
            return known;
        }
        hosts.remove(host);
        return null;
    }

    /** An initiation has got no answer, and nothing else was heard of the peer meanwhile; the next is about to go out. */
    void unanswered(Peer peer, long nowNanos) {
        EndpointName name = of(peer);
        Host host = name == null ? null : hosts.get(name.host());
        if (name != null && host != null) {
            name.unanswered(peer);
            if (nowNanos >= host.mayAskAtNanos) {
                want(host, nowNanos);
            }
        }
    }

    /** The machine's addresses or routes have changed: other addresses may be the right ones now. */
    void networkChanged(long nowNanos) {
        for (Host host : List.copyOf(hosts.values())) {
            host.retryDelayNanos = FIRST_RETRY_NANOS;
            if (nowNanos >= host.askedAtNanos + CHANGE_NANOS) {
                want(host, nowNanos);
            }
        }
    }

    void poll(long nowNanos) {
        if (nowNanos < deadlineNanos) {
            return;
        }
        deadlineNanos = NEVER;
        for (Host host : List.copyOf(hosts.values())) {
            if (host.state == State.ASKED && nowNanos >= host.askedAtNanos + LOOKUP_NANOS) {
                giveUp(host, nowNanos);
            }
            if (nowNanos >= host.retryAtNanos) {
                host.retryAtNanos = NEVER;
                want(host, nowNanos);
            }
            long answerNanos = host.state == State.ASKED ? host.askedAtNanos + LOOKUP_NANOS : NEVER;
            deadlineNanos = Math.min(deadlineNanos, Math.min(host.retryAtNanos, answerNanos));
        }
    }

    /** Takes a look-up for failed. Its answer counts all the same if it comes while another is on its way. */
    private void giveUp(Host host, long nowNanos) {
        asked--;
        host.state = State.IDLE;
        askWaiting(nowNanos);
        failed(host, "the look-up of the host \"" + host.name + "\" has had no answer for 15 s", nowNanos);
    }

    long nextDeadlineNanos() {
        return deadlineNanos;
    }

    private void want(Host host, long nowNanos) {
        if (host.state == State.IDLE) {
            host.state = State.WAITING;
            waiting.add(host);
            askWaiting(nowNanos);
        }
    }

    private void askWaiting(long nowNanos) {
        while (asked < MAX_LOOKUPS && !waiting.isEmpty()) {
            Host next = waiting.remove();
            if (!isUsed(next)) {
                hosts.remove(next.name);
                continue;
            }
            asked++;
            next.state = State.ASKED;
            next.askedAtNanos = nowNanos;
            next.retryAtNanos = NEVER;
            deadlineNanos = Math.min(deadlineNanos, nowNanos + LOOKUP_NANOS);
            counters.add(EngineCounter.NAME_LOOKUPS);
            ports.lookUp(next.name);
        }
    }

    private boolean isUsed(Host host) {
        for (Peer peer : device.peers()) {
            EndpointName name = of(peer);
            if (name != null && name.host().equals(host.name)) {
                return true;
            }
        }
        return false;
    }

    private static List<InetSocketAddress> at(List<InetAddress> addresses, int port) {
        return addresses.stream()
                .map(address -> new InetSocketAddress(address, port))
                .toList();
    }
}
