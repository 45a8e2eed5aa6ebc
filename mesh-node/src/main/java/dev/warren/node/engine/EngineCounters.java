package dev.warren.node.engine;

import java.util.EnumMap;
import java.util.Map;

/** One number for each {@link EngineCounter}; adding allocates nothing. */
final class EngineCounters {
    private static final class Cell {
        private long value;
    }

    private final Map<EngineCounter, Cell> cells = new EnumMap<>(EngineCounter.class);

    EngineCounters() {
        for (EngineCounter counter : EngineCounter.values()) {
            cells.put(counter, new Cell());
        }
    }

    void add(EngineCounter counter) {
        Cell cell = cells.get(counter);
        if (cell != null) {
            cell.value++;
        }
    }

    Map<EngineCounter, Long> values() {
        Map<EngineCounter, Long> values = new EnumMap<>(EngineCounter.class);
        cells.forEach((counter, cell) -> values.put(counter, cell.value));
        return values;
    }
}
