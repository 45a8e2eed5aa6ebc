package dev.warren.protocol.wireguard;

import java.util.EnumMap;
import java.util.Map;

/** One count for each reason. */
final class DropCounters {
    private final Map<DropReason, Counter> counters = new EnumMap<>(DropReason.class);

    DropCounters() {
        for (DropReason reason : DropReason.values()) {
            counters.put(reason, new Counter());
        }
    }

    void increment(DropReason reason) {
        Counter counter = counters.get(reason);
        if (counter != null) {
            counter.value++;
        }
    }

    long count(DropReason reason) {
        Counter counter = counters.get(reason);
        return counter == null ? 0 : counter.value;
    }

    private static final class Counter {
        private long value;
    }

    /** Those that are not zero. */
    Map<DropReason, Long> counts() {
        Map<DropReason, Long> counts = new EnumMap<>(DropReason.class);
        for (DropReason reason : DropReason.values()) {
            if (count(reason) != 0) {
                counts.put(reason, count(reason));
            }
        }
        return counts;
    }
}
