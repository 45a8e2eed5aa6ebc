package dev.warren.relay.limit;

import dev.warren.protocol.derp.TokenBucket;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts connections by whom they belong to, and holds each to a bound. Not thread-safe. Memory: one entry for each
 * owner that has a connection, and at most {@value #MAX_REMEMBERED} for those that had one lately; who is forgotten
 * starts afresh.
 */
final class Quota<K> {
    /** Implementation: some 2 MB. Whoever commands more addresses than this meets the limit on all together. */
    static final int MAX_REMEMBERED = 16_384;

    enum Answer {
        IN,
        TOO_MANY,
        TOO_FAST
    }

    private final Map<K, Integer> open = new HashMap<>();
    private final Map<K, TokenBucket> lately = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<K, TokenBucket> eldest) {
            return size() > MAX_REMEMBERED;
        }
    };

    private int perSecond;

    /** One more connection of {@code owner}, if it may; only then is it counted. */
    Answer enter(K owner, Limits.Bound bound, long nowNanos) {
        int before = open.getOrDefault(owner, 0);
        if (bound.connections() > 0 && before >= bound.connections()) {
            return Answer.TOO_MANY;
        }
        TokenBucket bucket = bucket(owner, bound.perSecond(), nowNanos);
        if (bucket != null && !bucket.tryTake(1, nowNanos)) {
            return Answer.TOO_FAST;
        }
        open.put(owner, before + 1);
        return Answer.IN;
    }

    /** A connection of {@code owner} that had entered is over. */
    void leave(K owner) {
        open.computeIfPresent(owner, (_, count) -> count > 1 ? count - 1 : null);
    }

    /** How many entries it keeps. */
    int size() {
        return open.size() + lately.size();
    }

    private @Nullable TokenBucket bucket(K owner, int rate, long nowNanos) {
        if (rate != perSecond) {
            // Everybody starts afresh under the new rate: at most a second's worth is forgiven.
            perSecond = rate;
            lately.clear();
        }
        return rate == 0 ? null : lately.computeIfAbsent(owner, _ -> new TokenBucket(rate, rate, nowNanos));
    }
}
