package dev.warren.node.path;

import dev.warren.protocol.disco.TxId;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Finds and keeps the way to one peer: pings its addresses, believes what is answered, publishes a {@link Route}.
 *
 * <p>Pure and not thread-safe: every method takes the time, what to send goes to {@link Output} during the call, and
 * {@link #nextDeadlineNanos} says exactly when {@link #poll} has something to do. The relay serves from the first
 * packet; an address is proven by a disco pong, trusted for 6.5 s after it, and used beside the relay when that has
 * passed. Nothing is probed while nothing is sent.
 */
public final class PathAgent {
    /** What the agent wants sent. Called during its methods; must not call back. */
    public interface Output {
        /** A disco ping with this id to this UDP address. */
        void ping(InetSocketAddress to, TxId id);

        /** A call-me-maybe with our own addresses, over the relay. Only after pings went out, so the NAT is open. */
        void callMeMaybe();
    }

    private record Sent(InetSocketAddress to, long atNanos) {}

    private final RandomGenerator random;
    private final Output output;
    private final Map<InetSocketAddress, Candidate> candidates = new LinkedHashMap<>();
    private final Map<TxId, Sent> outstanding = new HashMap<>();
    private final Activity activity = new Activity();
    private Route route = Route.NONE;
    private @Nullable Candidate best;
    private long nextUpgradeNanos = Long.MAX_VALUE;
    private long lastCallNanos = Long.MIN_VALUE;
    /** Calls of the running search. */
    private int calls;

    /** An agent that knows no address yet. */
    public PathAgent(RandomGenerator random, Output output) {
        this.random = random;
        this.output = output;
    }

    /** Where packets go. */
    public Route route() {
        return route;
    }

    /** The round trip of the best address in nanoseconds; -1 when there is none. */
    public long latencyNanos() {
        return best == null ? Candidate.UNKNOWN : best.latencyNanos;
    }

    /** Whether packets are sent and a relay must carry them. */
    public boolean needsRelay(long nowNanos) {
        return activity.isSending(nowNanos) && !route.isTrusted(nowNanos);
    }

    /** The relay region in which the peer listens; 0 = none known. */
    public void setRelay(int region) {
        if (region != route.relayRegion()) {
            route = new Route(route.direct(), route.trustedUntilNanos(), region);
        }
    }

    /** The addresses of the peer's record; those of an earlier record that are not among them are forgotten. */
    public void setEndpoints(Collection<InetSocketAddress> endpoints, long nowNanos) {
        List<Candidate> fresh = replaceAdvertised(endpoints, nowNanos);
        if (activity.isActive(nowNanos)) {
            calls = fresh.isEmpty() ? calls : 0;
            fresh.forEach(candidate -> candidate.search(nowNanos));
            pingDue(nowNanos);
        }
    }

    /**
     * A packet for the peer is being sent; starts the search when none runs. {@code wantsAnswer} for a data message
     * with content, which WireGuard answers within ten seconds. True when it is the first after an idle time, so that
     * {@link #nextDeadlineNanos} may be nearer than before.
     */
    public boolean onSent(boolean wantsAnswer, long nowNanos) {
        boolean first = activity.sent(wantsAnswer, nowNanos);
        if (first) {
            wake(nowNanos);
        }
        return first;
    }

    /** A ping came from this UDP address; the caller has sent the pong. Answers with a check of our own. */
    public void onPing(InetSocketAddress from, long nowNanos) {
        Candidate known = candidates.get(from);
        Candidate candidate = known == null ? add(from) : known;
        if (candidate == null || (candidate.lastPongNanos != Long.MIN_VALUE && route.isTrusted(nowNanos))) {
            return;
        }
        activity.called(nowNanos);
        if (known == null) {
            candidate.search(nowNanos);
        } else {
            candidate.nextPingNanos = nowNanos;
        }
        pingDue(nowNanos);
    }

    /**
     * A pong came over UDP. The path is the address that was pinged, whatever the pong's source; false when no such
     * ping is outstanding, or it is too old.
     */
    public boolean onPong(TxId id, long nowNanos) {
        Sent ping = outstanding.remove(id);
        if (ping == null || nowNanos - ping.atNanos() >= PathTimers.PING_TIMEOUT) {
            return false;
        }
        Candidate candidate = candidates.get(ping.to());
        if (candidate == null) {
            return true;
        }
        candidate.latencyNanos = nowNanos - ping.atNanos();
        candidate.lastPongNanos = nowNanos;
        if (best == null || candidate == best || !route.isTrusted(nowNanos) || candidate.isBetterThan(best)) {
            prove(candidate, nowNanos);
        }
        return true;
    }

    /** The peer asks over the relay to be pinged at these addresses: all are tried again, at once. */
    public void onCallMeMaybe(List<InetSocketAddress> endpoints, long nowNanos) {
        boolean searching = activity.isActive(nowNanos);
        activity.called(nowNanos);
        replaceAdvertised(endpoints, nowNanos);
        for (InetSocketAddress endpoint : endpoints) {
            Candidate candidate = candidates.get(endpoint);
            if (candidate != null && searching && candidate.sent > 0) {
                candidate.answer(nowNanos);
            } else if (candidate != null) {
                candidate.search(nowNanos);
            }
        }
        pingDue(nowNanos);
    }

    /** A WireGuard message proved to be the peer's; {@code direct} when it came over UDP. */
    public void onAuthenticated(boolean direct, long nowNanos) {
        if (activity.authenticated(direct) && best != null) {
            publish(best, best.lastPongNanos + PathTimers.TRUST);
        }
    }

    /**
     * The peer began a handshake through a relay, or answered one there, although we trust a direct path: it has none, as
     * after a new start of its process. Until something authenticated comes over UDP again the relay carries our packets too.
     */
    public void onRelayedHandshake(long nowNanos) {
        if (best != null && route.isTrusted(nowNanos)) {
            activity.suspect();
            publish(best, 0);
            searchAll(nowNanos);
        }
    }

    /** The kernel refused to send to this address: if it was the best one, the relay takes over at once. */
    public void onSendFailed(InetSocketAddress to, long nowNanos) {
        if (best != null && best.address.equals(to)) {
            forgetBest();
            searchAll(nowNanos);
        }
    }

    /** Our own network changed: nothing that was proven holds any more. */
    public void onNetworkChanged(long nowNanos) {
        forgetBest();
        outstanding.clear();
        if (activity.isActive(nowNanos)) {
            searchAll(nowNanos);
            pingDue(nowNanos);
        }
    }

    /** Does what is due. */
    public void poll(long nowNanos) {
        expirePings(nowNanos);
        if (!activity.isActive(nowNanos)) {
            activity.rest();
            return;
        }
        if (best != null) {
            pollBest(best, nowNanos);
        }
        pingDue(nowNanos);
    }

    /** When {@link #poll} has something to do next; {@code Long.MAX_VALUE} for never. */
    public long nextDeadlineNanos() {
        if (activity.isResting()) {
            return Long.MAX_VALUE;
        }
        long next = activity.endsNanos();
        for (Candidate candidate : candidates.values()) {
            next = Math.min(next, candidate.nextPingNanos);
        }
        return best == null ? next : Math.min(next, bestDeadline(best));
    }

    // ------------------------------------------------------------------------------------------------ the best path

    private void prove(Candidate candidate, long nowNanos) {
        boolean first = best == null || !route.isTrusted(nowNanos);
        best = candidate;
        publish(candidate, nowNanos + PathTimers.TRUST);
        candidate.nextPingNanos = activity.isSending(nowNanos) ? nowNanos + PathTimers.HEARTBEAT : Long.MAX_VALUE;
        if (first) {
            nextUpgradeNanos = nowNanos + PathTimers.UPGRADE;
            endSearch(candidate);
        }
    }

    /** Lets the others have the first pings of their burst, which may find something better, and no more. */
    private void endSearch(Candidate proven) {
        for (Candidate candidate : candidates.values()) {
            if (candidate != proven && candidate.sent >= PathTimers.ENOUGH_PINGS) {
                candidate.nextPingNanos = Long.MAX_VALUE;
            }
        }
    }

    private void publish(Candidate candidate, long trustedUntilNanos) {
        long until = activity.isSuspect() ? 0 : trustedUntilNanos;
        route = new Route(candidate.address, until, route.relayRegion());
    }

    private void pollBest(Candidate current, long nowNanos) {
        if (activity.becomesSuspect(nowNanos)) {
            publish(current, 0);
            searchAll(nowNanos);
        }
        if (route.trustedUntilNanos() != 0 && nowNanos >= route.trustedUntilNanos()) {
            // The first turn after the trust ended: from here on the relay carries the packets too.
            publish(current, 0);
            if (activity.isSending(nowNanos)) {
                searchAll(nowNanos);
            }
        }
        if (nowNanos - current.lastPongNanos >= PathTimers.STALE) {
            forgetBest();
        } else if (nowNanos >= nextUpgradeNanos) {
            nextUpgradeNanos = nowNanos + PathTimers.UPGRADE;
            if (current.latencyNanos > PathTimers.GOOD_LATENCY) {
                searchOthers(current, nowNanos);
            }
        }
    }

    private long bestDeadline(Candidate current) {
        long next = Math.min(current.lastPongNanos + PathTimers.STALE, nextUpgradeNanos);
        if (route.trustedUntilNanos() != 0) {
            next = Math.min(next, route.trustedUntilNanos());
        }
        return Math.min(next, activity.suspectNanos());
    }

    private void forgetBest() {
        best = null;
        route = new Route(null, 0, route.relayRegion());
        nextUpgradeNanos = Long.MAX_VALUE;
    }

    // --------------------------------------------------------------------------------------------------- the search

    private void wake(long nowNanos) {
        if (!route.isTrusted(nowNanos)) {
            searchAll(nowNanos);
        } else if (best != null) {
            best.nextPingNanos = nowNanos;
        }
        pingDue(nowNanos);
    }

    private void searchAll(long nowNanos) {
        lastCallNanos = Long.MIN_VALUE;
        calls = 0;
        candidates.values().forEach(candidate -> candidate.search(nowNanos));
    }

    private void searchOthers(Candidate current, long nowNanos) {
        for (Candidate candidate : candidates.values()) {
            if (candidate != current) {
                candidate.search(nowNanos);
            }
        }
    }

    private void pingDue(long nowNanos) {
        boolean pinged = false;
        for (Candidate candidate : candidates.values()) {
            if (nowNanos >= candidate.nextPingNanos) {
                pinged |= ping(candidate, nowNanos);
            }
        }
        boolean wanted = pinged && activity.isSending(nowNanos) && !route.isTrusted(nowNanos);
        if (wanted && elapsed(lastCallNanos, nowNanos, PathTimers.callGapAfter(calls))) {
            lastCallNanos = nowNanos;
            calls++;
            output.callMeMaybe();
        }
    }

    /** Pings unless that was done a moment ago; true when a ping went out. */
    private boolean ping(Candidate candidate, long nowNanos) {
        if (!elapsed(candidate.lastPingNanos, nowNanos, PathTimers.MIN_PING_GAP)) {
            candidate.nextPingNanos = candidate.lastPingNanos + PathTimers.MIN_PING_GAP;
            return false;
        }
        if (outstanding.size() >= PathTimers.MAX_OUTSTANDING) {
            expirePings(nowNanos);
        }
        candidate.lastPingNanos = nowNanos;
        candidate.nextPingNanos = nextPing(candidate, nowNanos);
        if (outstanding.size() < PathTimers.MAX_OUTSTANDING) {
            TxId id = TxId.random(random);
            outstanding.put(id, new Sent(candidate.address, nowNanos));
            output.ping(candidate.address, id);
        }
        return true;
    }

    /** Counts a ping; when the next one is due if this one is not answered. */
    private long nextPing(Candidate candidate, long nowNanos) {
        if (candidate.called > 1) {
            candidate.called--;
            return nowNanos + PathTimers.CALLED_GAP;
        }
        candidate.sent += 1 - candidate.called;
        candidate.called = 0;
        if (route.isTrusted(nowNanos)) {
            if (candidate == best) {
                return nowNanos + PathTimers.HEARTBEAT_RETRY;
            }
            if (candidate.sent >= PathTimers.ENOUGH_PINGS) {
                return Long.MAX_VALUE;
            }
        }
        return nowNanos + PathTimers.gapAfter(candidate.sent);
    }

    private void expirePings(long nowNanos) {
        outstanding.values().removeIf(ping -> nowNanos - ping.atNanos() >= PathTimers.PING_TIMEOUT);
    }

    private static boolean elapsed(long sinceNanos, long nowNanos, long gapNanos) {
        return sinceNanos == Long.MIN_VALUE || nowNanos - sinceNanos >= gapNanos;
    }

    // ----------------------------------------------------------------------------------------------- the candidates

    /** Takes over what the peer says of itself; returns the addresses that are new. */
    private List<Candidate> replaceAdvertised(Collection<InetSocketAddress> endpoints, long nowNanos) {
        boolean isBestLeft = false;
        for (Iterator<Candidate> each = candidates.values().iterator(); each.hasNext(); ) {
            Candidate candidate = each.next();
            if (candidate.advertised && !endpoints.contains(candidate.address)) {
                candidate.advertised = false;
                isBestLeft |= candidate == best;
                if (candidate != best) {
                    each.remove();
                }
            }
        }
        if (isBestLeft && best != null) {
            // The peer is there no more, it seems. Whatever answers first is used; that may be the same again.
            publish(best, 0);
            searchAll(nowNanos);
        }
        List<Candidate> fresh = new ArrayList<>();
        for (InetSocketAddress endpoint : endpoints) {
            boolean known = candidates.containsKey(endpoint);
            Candidate candidate = known ? candidates.get(endpoint) : add(endpoint);
            if (candidate != null) {
                candidate.advertised = true;
                if (!known) {
                    fresh.add(candidate);
                }
            }
        }
        return fresh;
    }

    private @Nullable Candidate add(InetSocketAddress address) {
        if (!isUsable(address) || (candidates.size() >= PathTimers.MAX_CANDIDATES && !makeRoom())) {
            return null;
        }
        Candidate candidate = new Candidate(address);
        candidates.put(address, candidate);
        return candidate;
    }

    /** Drops the learned address that was silent for longest; false when every one is advertised or the best. */
    private boolean makeRoom() {
        Candidate oldest = null;
        for (Candidate candidate : candidates.values()) {
            boolean spare = !candidate.advertised && candidate != best;
            if (spare && (oldest == null || candidate.lastPongNanos < oldest.lastPongNanos)) {
                oldest = candidate;
            }
        }
        return oldest != null && candidates.remove(oldest.address) != null;
    }

    private static boolean isUsable(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        return ip != null
                && address.getPort() != 0
                && !ip.isAnyLocalAddress()
                && !ip.isMulticastAddress()
                && !(ip.getAddress().length == 16 && ip.isLinkLocalAddress());
    }
}
