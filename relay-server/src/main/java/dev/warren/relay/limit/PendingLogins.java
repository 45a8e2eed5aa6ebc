package dev.warren.relay.limit;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected and not logged in. When there are too many, the one that has been so for the longest makes room: who
 * connects and says nothing cannot keep out those who log in at once. Any thread may call it.
 *
 * @param <C> a connection, by identity
 */
public final class PendingLogins<C> {
    private final LiveLimits limits;
    /** In the order of their coming; guarded by this object's lock. */
    private final Set<C> waiting = new LinkedHashSet<>();

    PendingLogins(LiveLimits limits) {
        this.limits = limits;
    }

    /** One more; who must go for it, or null. */
    public synchronized @Nullable C begin(C connection) {
        int most = limits.current().logins();
        waiting.add(connection);
        if (most == 0 || waiting.size() <= most) {
            return null;
        }
        C oldest = waiting.iterator().next();
        waiting.remove(oldest);
        return oldest;
    }

    /** It is logged in, or over. */
    public synchronized void end(C connection) {
        waiting.remove(connection);
    }

    /** How many there are. */
    public synchronized int size() {
        return waiting.size();
    }
}
