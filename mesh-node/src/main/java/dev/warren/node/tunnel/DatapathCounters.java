package dev.warren.node.tunnel;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** One number per {@link DatapathCounter}; any thread counts and reads. */
final class DatapathCounters {
    /** Filled once; only the adders change. */
    private final Map<DatapathCounter, LongAdder> adders = new EnumMap<>(DatapathCounter.class);

    DatapathCounters() {
        for (DatapathCounter counter : DatapathCounter.values()) {
            adders.put(counter, new LongAdder());
        }
    }

    void add(DatapathCounter counter, long amount) {
        adder(counter).add(amount);
    }

    void increment(DatapathCounter counter) {
        adder(counter).increment();
    }

    long value(DatapathCounter counter) {
        return adder(counter).sum();
    }

    private LongAdder adder(DatapathCounter counter) {
        return Objects.requireNonNull(adders.get(counter));
    }
}
