package dev.warren.protocol.udprelay;

import dev.warren.protocol.disco.DiscoPair;
import dev.warren.protocol.disco.RelaySession;
import dev.warren.protocol.key.NodePublicKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The sessions by number, by pair and by deadline. A number's last bits are its place in an array: what is handed out is
 * chosen so that no two clash, so a look-up is one read.
 */
final class SessionTable {
    private final @Nullable Session[] slots;
    private final Map<DiscoPair, Session> byPair = new HashMap<>();
    private final PriorityQueue<Session> queue =
            new PriorityQueue<>(Comparator.comparingLong((Session session) -> session.queuedNanos));
    private int lastVni;

    /** Room for {@code most} sessions; the first one gets a number behind {@code lastVni}. */
    SessionTable(int most, int lastVni) {
        this.slots = new @Nullable Session[Integer.highestOneBit(most) << 2];
        this.lastVni = lastVni;
    }

    int size() {
        return byPair.size();
    }

    /** The session with this number that has not ended yet. */
    @Nullable
    Session find(int vni, long nowNanos) {
        Session session = slots[vni & (slots.length - 1)];
        return session == null || session.vni != vni || session.isOver(nowNanos) ? null : session;
    }

    @Nullable
    Session find(DiscoPair pair, long nowNanos) {
        Session session = byPair.get(pair);
        return session == null || session.isOver(nowNanos) ? null : session;
    }

    /** A number that is free; one is, as half of the places are. */
    int nextVni() {
        do {
            lastVni = lastVni >= RelaySession.HIGHEST_VNI ? 1 : lastVni + 1;
        } while (slots[lastVni & (slots.length - 1)] != null);
        return lastVni;
    }

    void add(Session session) {
        slots[session.vni & (slots.length - 1)] = session;
        byPair.put(session.clients, session);
        queue.add(session);
    }

    /** When the next session ends; {@code Long.MAX_VALUE} for never. */
    long nextDeadlineNanos() {
        for (Session first = queue.peek(); first != null; first = queue.peek()) {
            long deadlineNanos = first.deadlineNanos();
            if (deadlineNanos == first.queuedNanos) {
                return deadlineNanos;
            }
            // It was heard from since it was queued. A deadline only moves on, so the queue's first is never too late.
            queue.remove();
            first.queuedNanos = deadlineNanos;
            queue.add(first);
        }
        return Long.MAX_VALUE;
    }

    /** Takes out a session that has ended; null when there is none any more. */
    @Nullable
    Session removeOver(long nowNanos) {
        if (nextDeadlineNanos() > nowNanos) {
            return null;
        }
        Session over = queue.remove();
        forget(over);
        return over;
    }

    /** Takes out the sessions that the client has asked for, whether they have ended or not. */
    List<Session> removeOf(NodePublicKey client) {
        List<Session> all =
                queue.stream().filter(session -> session.isOf(client)).toList();
        queue.removeAll(all);
        all.forEach(this::forget);
        return all;
    }

    private void forget(Session over) {
        slots[over.vni & (slots.length - 1)] = null;
        byPair.remove(over.clients, over);
    }
}
