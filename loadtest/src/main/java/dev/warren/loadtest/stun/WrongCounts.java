package dev.warren.loadtest.stun;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Wrong answers by reason. */
final class WrongCounts {
    private final Map<Wrong, AtomicLong> counts = new EnumMap<>(Wrong.class);

    WrongCounts() {
        for (Wrong reason : Wrong.values()) {
            counts.put(reason, new AtomicLong());
        }
    }

    void count(Wrong reason) {
        AtomicLong count = counts.get(reason);
        if (count != null) {
            count.setPlain(count.getPlain() + 1);
        }
    }

    long of(Wrong reason) {
        AtomicLong count = counts.get(reason);
        return count == null ? 0 : count.get();
    }

    /** Of all kinds. */
    long total() {
        return counts.values().stream().mapToLong(AtomicLong::get).sum();
    }

    /** The reason that there was most often; any when there was none. */
    Wrong mostOften() {
        return counts.keySet().stream().max(Comparator.comparingLong(this::of)).orElseThrow();
    }
}
