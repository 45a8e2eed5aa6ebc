package dev.warren.node.path;

import dev.warren.protocol.disco.Challenge;
import dev.warren.protocol.disco.DiscoMessage.Binding;
import dev.warren.protocol.disco.DiscoPair;
import dev.warren.protocol.disco.RelaySession;
import dev.warren.protocol.disco.TxId;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.udprelay.RelayPath;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Finds and keeps the way to one peer through a UDP relay, for as long as no direct one is trusted: asks a relay for a
 * session, calls the peer there, binds our end, pings over it, and believes what is answered.
 *
 * <p>Pure and not thread-safe, as {@link PathAgent}, beside which it stands: it is told by each method whether a relay is
 * {@code needed}, that is whether packets are sent and no direct path is trusted. A peer's call is followed in any case,
 * as the peer needs it.
 */
public final class UdpRelayAgent {
    /** What the agent wants done. Called during its methods; must not call back. */
    public interface Output {
        /** Asks a relay of ours for a session; false when none has UDP, or UDP does not work here. */
        boolean allocate(DiscoPair clients, int generation);

        /** Asks the peer over DERP to meet us in the session. */
        void callMeMaybeVia(RelaySession session);

        /** Asks one of the relay's addresses for a challenge. */
        void bind(RelaySession session, Binding binding, InetSocketAddress to);

        /** Answers the challenge that came from there. */
        void answer(RelaySession session, Binding binding, Challenge challenge, InetSocketAddress to);

        /** A disco ping with this id through the relay. */
        void ping(RelayPath path, TxId id);
    }

    private enum Phase {
        /** No session, and none asked for. */
        IDLE,
        /** A relay was asked for a session. */
        ALLOCATING,
        /** In a session in which nothing has been proven, or not lately: binds and pings. */
        BINDING,
        /** A pong has come through the session. */
        PROVEN
    }

    private record Sent(RelayPath path, long atNanos) {}

    private static final long NEVER = Long.MAX_VALUE;

    private final DiscoPublicKey peer;
    private final DiscoPair clients;
    private final long delayNanos;
    private final RandomGenerator random;
    private final Output output;
    private final Map<TxId, Sent> outstanding = new HashMap<>();

    private Phase phase = Phase.IDLE;
    private @Nullable RelaySession session;
    private @Nullable RelayPath path;
    private boolean asked;
    private int generation;
    private int turns;
    private int failures;
    private boolean needed;
    private long notBeforeNanos = Long.MIN_VALUE;
    private long dueNanos = NEVER;
    private boolean worked;
    private long followedNanos = Long.MIN_VALUE;
    private long calledNanos;
    private long endsNanos = NEVER;
    private long lastPongNanos = Long.MIN_VALUE;
    private long latencyNanos = Candidate.UNKNOWN;

    /** An agent without a session, between the owner of the disco key {@code own} and {@code peer}. */
    public UdpRelayAgent(DiscoPublicKey own, DiscoPublicKey peer, RandomGenerator random, Output output) {
        this.peer = peer;
        this.clients = new DiscoPair(own, peer);
        this.delayNanos = clients.low().equals(own) ? UdpRelayTimers.FIRST_DELAY : UdpRelayTimers.SECOND_DELAY;
        this.random = random;
        this.output = output;
        this.generation = random.nextInt(1 << 30);
    }

    /** The way through the relay, proven at some time in its session; null when there is none. */
    public @Nullable RelayPath path() {
        return lastPongNanos == Long.MIN_VALUE ? null : path;
    }

    /** Whether that way alone is enough now. */
    public boolean isTrusted(long nowNanos) {
        return lastPongNanos != Long.MIN_VALUE && nowNanos - lastPongNanos < PathTimers.TRUST;
    }

    /** Its round trip in nanoseconds; -1 when there is none. */
    public long latencyNanos() {
        return path() == null ? Candidate.UNKNOWN : latencyNanos;
    }

    /** Whether the control message of this relay in this session is for us. */
    public boolean isIn(DiscoPublicKey server, int vni) {
        return session != null && session.vni() == vni && session.server().equals(server);
    }

    // --------------------------------------------------------------------------------------------------- what happens

    /** Whether a relay is needed has perhaps changed. */
    public void update(boolean nowNeeded, long nowNanos) {
        if (nowNeeded == needed) {
            return;
        }
        needed = nowNeeded;
        if (!needed) {
            rest();
        } else if (phase == Phase.IDLE) {
            dueNanos = Math.max(nowNanos + delayNanos, notBeforeNanos);
        } else if (phase == Phase.PROVEN) {
            if (nowNanos - lastPongNanos >= UdpRelayTimers.STEADY) {
                drop();
                dueNanos = Math.max(nowNanos, notBeforeNanos);
            } else if (isTrusted(nowNanos)) {
                dueNanos = nowNanos;
            } else {
                bindAgain(nowNanos);
            }
            poll(nowNanos);
        }
    }

    /** A relay gave us a session; false when it is not what we asked for. */
    public boolean onAllocated(int answered, RelaySession given, long nowNanos) {
        if (phase != Phase.ALLOCATING || answered != generation || !isOurs(given)) {
            return false;
        }
        enter(given, true, nowNanos);
        return true;
    }

    /** The peer asks over DERP to meet it in a session; false when that makes no sense. */
    public boolean onCallMeMaybeVia(RelaySession called, long nowNanos) {
        if (!isOurs(called)) {
            return false;
        }
        if (followedNanos != Long.MIN_VALUE && nowNanos - followedNanos < UdpRelayTimers.MIN_FOLLOW_GAP) {
            return true;
        }
        RelaySession current = session;
        boolean known =
                isIn(called.server(), called.vni()) && current != null && current.lamportId() == called.lamportId();
        if (known) {
            if (!isTrusted(nowNanos)) {
                followedNanos = nowNanos;
                bindAgain(nowNanos);
                poll(nowNanos);
            }
        } else if (isBetter(called, nowNanos)) {
            followedNanos = nowNanos;
            enter(called, false, nowNanos);
        }
        return true;
    }

    /** The relay's challenge came from one of its addresses. The first one of a handshake decides for the address. */
    public void onChallenge(InetSocketAddress from, Binding binding, Challenge challenge, long nowNanos) {
        RelaySession current = session;
        if (current == null
                || phase == Phase.ALLOCATING
                || binding.generation() != generation
                || !binding.remote().equals(peer)) {
            return;
        }
        RelayPath there = new RelayPath(from, current.vni());
        if (path == null) {
            path = there;
        }
        if (there.equals(path)) {
            output.answer(current, binding, challenge, from);
            ping(nowNanos);
        }
    }

    /** A ping of the peer came through a relay; the caller has sent the pong. Answered with a check of our own. */
    public void onPing(RelayPath from, long nowNanos) {
        if (from.equals(path) && !isTrusted(nowNanos)) {
            ping(nowNanos);
        }
    }

    /** A pong came through a relay; false when no such ping is outstanding there, or it is too old. */
    public boolean onPong(TxId id, RelayPath from, long nowNanos) {
        Sent ping = outstanding.get(id);
        if (ping == null || !ping.path().equals(from)) {
            return false;
        }
        outstanding.remove(id);
        if (nowNanos - ping.atNanos() >= PathTimers.PING_TIMEOUT || !from.equals(path)) {
            return false;
        }
        latencyNanos = nowNanos - ping.atNanos();
        lastPongNanos = nowNanos;
        phase = Phase.PROVEN;
        worked = true;
        failures = 0;
        endsNanos = NEVER;
        dueNanos = needed ? nowNanos + PathTimers.HEARTBEAT : NEVER;
        return true;
    }

    /** Our own network changed, or the kernel refused to send to the relay: our end has to be bound anew. */
    public void onNetworkChanged(long nowNanos) {
        if (phase == Phase.BINDING || phase == Phase.PROVEN) {
            lastPongNanos = Long.MIN_VALUE;
            outstanding.clear();
            bindAgain(nowNanos);
            poll(nowNanos);
        }
    }

    /** The kernel refused to send to this address. */
    public void onSendFailed(InetSocketAddress to, long nowNanos) {
        if (path != null && path.server().equals(to) && isTrusted(nowNanos)) {
            onNetworkChanged(nowNanos);
        }
    }

    /** Does what is due. */
    public void poll(long nowNanos) {
        if (nowNanos >= endsNanos) {
            failed(nowNanos);
        }
        if (nowNanos < dueNanos) {
            return;
        }
        switch (phase) {
            case IDLE -> allocate(nowNanos);
            case ALLOCATING -> {
                dueNanos = NEVER;
                output.allocate(clients, generation);
            }
            case BINDING -> bind(nowNanos);
            case PROVEN -> keep(nowNanos);
        }
    }

    /** When {@link #poll} has something to do next; {@code Long.MAX_VALUE} for never. */
    public long nextDeadlineNanos() {
        return Math.min(dueNanos, endsNanos);
    }

    // -------------------------------------------------------------------------------------------------------- phases

    private void allocate(long nowNanos) {
        generation = generation == Integer.MAX_VALUE ? 1 : generation + 1;
        if (!output.allocate(clients, generation)) {
            dueNanos = nowNanos + UdpRelayTimers.NO_RELAY_PAUSE;
            return;
        }
        phase = Phase.ALLOCATING;
        notBeforeNanos = nowNanos + UdpRelayTimers.REQUEST_GAP;
        dueNanos = nowNanos + UdpRelayTimers.ALLOCATE_RETRY;
        endsNanos = nowNanos + UdpRelayTimers.ALLOCATE_TIMEOUT;
    }

    private void enter(RelaySession entered, boolean byUs, long nowNanos) {
        drop();
        session = entered;
        asked = byUs;
        calledNanos = nowNanos;
        if (byUs) {
            output.callMeMaybeVia(entered);
        }
        startBinding(UdpRelayTimers.BIND_WINDOW, nowNanos);
        poll(nowNanos);
    }

    /** In the same session, as when it was new; its way is not trusted meanwhile, but what worked may work still. */
    private void bindAgain(long nowNanos) {
        if (phase == Phase.PROVEN) {
            path = lastPongNanos == Long.MIN_VALUE ? null : path;
            startBinding(UdpRelayTimers.REBIND_WINDOW, nowNanos);
        } else if (phase == Phase.BINDING) {
            turns = 0;
            dueNanos = nowNanos;
        }
    }

    private void startBinding(long windowNanos, long nowNanos) {
        phase = Phase.BINDING;
        turns = 0;
        generation = generation == Integer.MAX_VALUE ? 1 : generation + 1;
        dueNanos = nowNanos;
        endsNanos = nowNanos + windowNanos;
    }

    private void bind(long nowNanos) {
        RelaySession current = session;
        if (current == null) {
            return;
        }
        turns++;
        dueNanos = nowNanos + UdpRelayTimers.gapAfter(turns);
        Binding binding = new Binding(current.vni(), generation, peer);
        List<InetSocketAddress> addresses = current.addresses();
        for (InetSocketAddress to : addresses.subList(0, Math.min(addresses.size(), UdpRelayTimers.MAX_ADDRESSES))) {
            if (isUsable(to)) {
                output.bind(current, binding, to);
            }
        }
        if (asked && nowNanos - calledNanos >= UdpRelayTimers.CALL_GAP) {
            calledNanos = nowNanos;
            output.callMeMaybeVia(current);
        }
        if (path != null) {
            ping(nowNanos);
        }
    }

    private void keep(long nowNanos) {
        if (!isTrusted(nowNanos)) {
            // Heartbeats went unanswered: from here on DERP carries the packets too.
            bindAgain(nowNanos);
            bind(nowNanos);
            return;
        }
        dueNanos = Math.min(nowNanos + PathTimers.HEARTBEAT_RETRY, lastPongNanos + PathTimers.TRUST);
        ping(nowNanos);
    }

    /** Nothing is sent, or a direct path carries it: what was proven is not kept up, and nothing new is asked for. */
    private void rest() {
        if (phase == Phase.PROVEN || phase == Phase.IDLE) {
            dueNanos = NEVER;
        }
    }

    private void failed(long nowNanos) {
        boolean didWork = worked;
        drop();
        if (didWork) {
            // The relay may have forgotten it, or been restarted: a new session is the way on.
            dueNanos = Math.max(nowNanos, notBeforeNanos);
        } else {
            long pause = UdpRelayTimers.FIRST_PAUSE << Math.min(failures++, UdpRelayTimers.MAX_DOUBLINGS);
            notBeforeNanos = nowNanos + pause;
            dueNanos = notBeforeNanos;
        }
        dueNanos = needed ? dueNanos : NEVER;
    }

    private void drop() {
        phase = Phase.IDLE;
        session = null;
        path = null;
        worked = false;
        outstanding.clear();
        lastPongNanos = Long.MIN_VALUE;
        latencyNanos = Candidate.UNKNOWN;
        dueNanos = NEVER;
        endsNanos = NEVER;
    }

    private void ping(long nowNanos) {
        RelayPath to = path;
        if (to == null) {
            return;
        }
        if (outstanding.size() >= UdpRelayTimers.MAX_OUTSTANDING) {
            outstanding.values().removeIf(ping -> nowNanos - ping.atNanos() >= PathTimers.PING_TIMEOUT);
        }
        if (outstanding.size() < UdpRelayTimers.MAX_OUTSTANDING) {
            TxId id = TxId.random(random);
            outstanding.put(id, new Sent(to, nowNanos));
            output.ping(to, id);
        }
    }

    // ------------------------------------------------------------------------------------------------------ judgement

    private boolean isOurs(RelaySession given) {
        return given.clients().equals(clients)
                && RelaySession.isVni(given.vni())
                && !clients.contains(given.server())
                && given.addresses().stream().anyMatch(UdpRelayAgent::isUsable);
    }

    /**
     * Whether a session that the peer calls to goes before ours. One that works is kept; of two in the making, both
     * sides take the one of the relay with the lower key; of one relay, the later one.
     */
    private boolean isBetter(RelaySession called, long nowNanos) {
        RelaySession current = session;
        if (isTrusted(nowNanos)) {
            return false;
        }
        if (current == null || phase == Phase.PROVEN || phase == Phase.ALLOCATING) {
            return true;
        }
        int order = DiscoPair.compare(called.server(), current.server());
        return order == 0 ? called.lamportId() > current.lamportId() : order < 0;
    }

    private static boolean isUsable(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        return address.getPort() != 0 && !ip.isAnyLocalAddress() && !ip.isMulticastAddress();
    }
}
