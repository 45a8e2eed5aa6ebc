package dev.warren.coordinator.topology;

import dev.warren.protocol.key.IdentityPublicKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Until when each relay may stay in the map. Time is a parameter, of a clock that nobody sets; all of it starts anew
 * with the coordinator, so that relays do not pay for its absence. Not thread-safe.
 */
public final class Leases {
    /** How often a relay asks within the time of one lease, so that a lost answer is nothing. */
    static final int TRIES = 6;

    /**
     * How long leases are.
     *
     * @param leaseMillis how long a relay stays in the map after it was last heard of
     */
    public record Terms(int leaseMillis) {
        /** As long as nobody says otherwise. */
        public static final Terms STANDARD = new Terms(30_000);

        /** The shortest and the longest lease that makes sense. */
        public static final int LEAST_MILLIS = 1_000;

        /** See {@link #LEAST_MILLIS}. */
        public static final int MOST_MILLIS = 3_600_000;

        /** How often a relay asks again. What changes in its region reaches it by the answers. */
        public int renewMillis() {
            return leaseMillis / TRIES;
        }
    }

    private final Terms terms;
    private final Map<IdentityPublicKey, Long> ends = new HashMap<>();

    /** No leases; those to come have {@code terms}. */
    public Leases(Terms terms) {
        this.terms = terms;
    }

    /** How long they are. */
    public Terms terms() {
        return terms;
    }

    /** {@code relay} was heard of. */
    public void renewed(IdentityPublicKey relay, long nowMillis) {
        ends.put(relay, nowMillis + terms.leaseMillis());
    }

    /** What is left of the relay's lease, in milliseconds; null when it has none. */
    public @Nullable Long remainingMillis(IdentityPublicKey relay, long nowMillis) {
        Long end = ends.get(relay);
        return end == null ? null : end - nowMillis;
    }

    /** {@code relay} left by itself. */
    public void ended(IdentityPublicKey relay) {
        ends.remove(relay);
    }

    /** Takes out and returns those whose time is over. */
    public List<IdentityPublicKey> poll(long nowMillis) {
        List<IdentityPublicKey> over = new ArrayList<>();
        ends.entrySet().removeIf(entry -> {
            boolean isOver = entry.getValue() - nowMillis <= 0;
            if (isOver) {
                over.add(entry.getKey());
            }
            return isOver;
        });
        return over;
    }
}
