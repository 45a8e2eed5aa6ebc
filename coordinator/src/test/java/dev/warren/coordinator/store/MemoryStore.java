package dev.warren.coordinator.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A store that forgets: for tests that need a fast one, or one that refuses to write. Its log outlives {@link #close}.
 */
public final class MemoryStore implements Store {
    /** What survives a close. */
    public static final class Log {
        private final List<Row> rows = new ArrayList<>();
        private final Map<Long, Lease> leases = new HashMap<>();
        private long revision;
        private long compacted;

        /** How many changes there were. */
        public long revision() {
            return revision;
        }
    }

    private record Row(long revision, String key, @Nullable String value, long lease) {}

    private record Lease(long ttlMillis, long endsUnixMillis) {}

    private final Log log;
    private final LongSupplier unixMillis;
    private final int history;
    private boolean closed;
    private boolean refusesWrites;

    /** A store over {@code log} that keeps {@code history} changes. */
    public MemoryStore(Log log, LongSupplier unixMillis, int history) {
        this.log = log;
        this.unixMillis = unixMillis;
        this.history = history;
    }

    /** From now on every compare fails, as if somebody else had written before. */
    public synchronized void refuseWrites() {
        refusesWrites = true;
    }

    @Override
    public synchronized Range read(String prefix, long revision) {
        begin();
        long at = revision == NONE ? log.revision : revision;
        checkNotCompacted(at);
        Map<String, Row> newest = new TreeMap<>();
        for (Row row : log.rows) {
            if (row.revision() <= at && row.key().startsWith(prefix)) {
                newest.put(row.key(), row);
            }
        }
        List<Entry> entries = new ArrayList<>();
        newest.values().forEach(row -> {
            if (row.value() != null) {
                entries.add(new Entry(row.key(), row.value(), row.revision(), row.lease()));
            }
        });
        return new Range(at, entries);
    }

    @Override
    public synchronized long compareAndPut(String key, long expectedRevision, String value, long lease) {
        begin();
        if (refusesWrites || revisionOf(key) != expectedRevision) {
            return NONE;
        }
        return append(key, value, lease);
    }

    @Override
    public synchronized long delete(String key, long expectedRevision) {
        begin();
        if (expectedRevision == NONE || revisionOf(key) != expectedRevision) {
            return NONE;
        }
        return append(key, null, NO_LEASE);
    }

    @Override
    public synchronized long grantLease(long ttlMillis) {
        begin();
        long id = log.leases.size() + 1L;
        log.leases.put(id, new Lease(ttlMillis, unixMillis.getAsLong() + ttlMillis));
        return id;
    }

    @Override
    public synchronized boolean keepAlive(long lease) {
        begin();
        return log.leases.computeIfPresent(
                        lease, (_, held) -> new Lease(held.ttlMillis(), unixMillis.getAsLong() + held.ttlMillis()))
                != null;
    }

    @Override
    public synchronized Watch watch(String prefix, long revision, Consumer<Change> listener) {
        begin();
        checkNotCompacted(revision);
        Thread thread = Thread.ofVirtual().start(() -> follow(prefix, revision, listener));
        return thread::interrupt;
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void follow(String prefix, long revision, Consumer<Change> listener) {
        long seen = revision;
        try {
            while (true) {
                Row row = next(prefix, seen);
                if (row == null) {
                    return;
                }
                seen = row.revision();
                listener.accept(
                        row.value() == null
                                ? new Change.Deleted(row.key(), seen)
                                : new Change.Put(new Entry(row.key(), row.value(), seen, row.lease())));
            }
        } catch (InterruptedException closedWatch) {
            // the watch is over
        }
    }

    private synchronized @Nullable Row next(String prefix, long seen) throws InterruptedException {
        while (!closed) {
            for (Row row : log.rows) {
                if (row.revision() > seen && row.key().startsWith(prefix)) {
                    return row;
                }
            }
            wait();
        }
        return null;
    }

    private void begin() {
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
        long now = unixMillis.getAsLong();
        List<Long> ended = log.leases.entrySet().stream()
                .filter(lease -> lease.getValue().endsUnixMillis() <= now)
                .map(Map.Entry::getKey)
                .toList();
        for (long lease : ended) {
            log.leases.remove(lease);
            for (Row row : List.copyOf(log.rows)) {
                if (row.lease() == lease && row.value() != null && revisionOf(row.key()) == row.revision()) {
                    append(row.key(), null, NO_LEASE);
                }
            }
        }
    }

    private long append(String key, @Nullable String value, long lease) {
        log.revision++;
        log.rows.add(new Row(log.revision, key, value, lease));
        if (log.revision > history) {
            compact(log.revision - history);
        }
        notifyAll();
        return log.revision;
    }

    private void compact(long revision) {
        log.compacted = revision;
        Map<String, Long> newest = new HashMap<>();
        log.rows.forEach(row -> {
            if (row.revision() <= revision) {
                newest.put(row.key(), row.revision());
            }
        });
        log.rows.removeIf(row -> row.revision() <= revision
                && (row.value() == null || newest.getOrDefault(row.key(), 0L) != row.revision()));
    }

    private long revisionOf(String key) {
        long revision = NONE;
        for (Row row : log.rows) {
            if (row.key().equals(key)) {
                revision = row.value() == null ? NONE : row.revision();
            }
        }
        return revision;
    }

    private void checkNotCompacted(long revision) {
        if (revision < log.compacted) {
            throw new CompactedException(revision, log.compacted);
        }
    }
}
