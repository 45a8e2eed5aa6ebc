package dev.warren.coordinator.store;

/** One change that a watch reports. */
public sealed interface Change {
    /** When it happened. */
    long revision();

    /** A key was set. */
    record Put(Entry entry) implements Change {
        @Override
        public long revision() {
            return entry.revision();
        }
    }

    /** A key was deleted, or its lease ended. */
    record Deleted(String key, long revision) implements Change {}
}
