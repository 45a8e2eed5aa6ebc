package dev.warren.coordinator.topology;

import dev.warren.protocol.key.IdentityPublicKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who is online: whoever watches, and for a grace time whoever watched until just now, so that a node which changes its
 * network or whose coordinator restarts does not flicker. Not thread-safe.
 */
public final class PresenceTracker {
    /** From the end of a node's last watch to "offline" (nat-traversal.md section 10, point 10). */
    public static final long GRACE_MILLIS = 10_000;

    /** No deadline. */
    public static final long NEVER = Long.MAX_VALUE;

    private final Map<IdentityPublicKey, State> states = new HashMap<>();

    private static final class State {
        private int watches;
        private long offlineAtMillis = NEVER;
    }

    /** A watch began; true when the node was offline until now. */
    public boolean began(IdentityPublicKey node) {
        boolean wasOffline = !states.containsKey(node);
        State state = states.computeIfAbsent(node, _ -> new State());
        state.watches++;
        state.offlineAtMillis = NEVER;
        return wasOffline;
    }

    /** A watch ended at {@code nowMillis}. */
    public void ended(IdentityPublicKey node, long nowMillis) {
        State state = states.get(node);
        if (state != null && --state.watches <= 0) {
            state.watches = 0;
            state.offlineAtMillis = nowMillis + GRACE_MILLIS;
        }
    }

    /** Whether the node is online, the grace time included. */
    public boolean isOnline(IdentityPublicKey node) {
        return states.containsKey(node);
    }

    /** The nodes whose grace time is over at {@code nowMillis}; each is returned once. */
    public List<IdentityPublicKey> poll(long nowMillis) {
        List<IdentityPublicKey> gone = new ArrayList<>();
        states.forEach((node, state) -> {
            if (state.offlineAtMillis <= nowMillis) {
                gone.add(node);
            }
        });
        gone.forEach(states::remove);
        return gone;
    }

    /** When {@link #poll} has something to do next; {@link #NEVER} if nothing. */
    public long nextDeadlineMillis() {
        long next = NEVER;
        for (State state : states.values()) {
            next = Math.min(next, state.offlineAtMillis);
        }
        return next;
    }
}
