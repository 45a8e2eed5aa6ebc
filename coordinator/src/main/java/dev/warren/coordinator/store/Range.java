package dev.warren.coordinator.store;

import java.util.List;

/** What a read found: the entries by key, and the revision at which they were so. */
public record Range(long revision, List<Entry> entries) {
    /** Copies the list. */
    public Range {
        entries = List.copyOf(entries);
    }
}
