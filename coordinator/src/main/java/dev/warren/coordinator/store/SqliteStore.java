package dev.warren.coordinator.store;

import dev.warren.platform.config.UserError;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The embedded engine: SQLite in the data folder, write-ahead log, every change on the disk before it is acknowledged.
 *
 * <p>All changes are rows of one table, numbered by revision; what holds now is each key's last row. Old rows are
 * dropped beyond a bound. One connection, guarded by one lock; watches read the table by themselves, so they need no
 * queue.
 */
public final class SqliteStore implements Store {
    /** Changes that stay readable; a watcher further behind starts anew. At 1 KiB each this is about 10 MB. */
    static final int DEFAULT_HISTORY = 10_000;

    private static final int WATCH_BATCH = 100;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final SqliteTables tables; // guarded by lock
    private final LongSupplier unixMillis;
    private final int history;
    private final List<TableWatch> watches = new ArrayList<>(); // guarded by lock
    private boolean closed; // guarded by lock

    private SqliteStore(SqliteTables tables, LongSupplier unixMillis, int history) {
        this.tables = tables;
        this.unixMillis = unixMillis;
        this.history = history;
    }

    /**
     * Opens or makes the store in {@code file}. {@code unixMillis} is the clock of the leases. Throws {@link UserError}
     * when another process has the file, or when it is not such a store.
     */
    public static SqliteStore open(Path file, LongSupplier unixMillis) {
        return open(file, unixMillis, DEFAULT_HISTORY);
    }

    static SqliteStore open(Path file, LongSupplier unixMillis, int history) {
        try {
            return new SqliteStore(SqliteTables.open(file), unixMillis, history);
        } catch (SQLException failure) {
            throw SqliteTables.cannotOpen(file, failure);
        }
    }

    @Override
    public Range read(String prefix, long revision) {
        return locked("read " + prefix, () -> {
            long at = revision == NONE ? tables.revision() : revision;
            checkNotCompactedLocked(at);
            return new Range(at, tables.entriesAt(prefix, at));
        });
    }

    @Override
    public long compareAndPut(String key, long expectedRevision, String value, long lease) {
        return locked("put " + key, () -> {
            if (tables.revisionOf(key) != expectedRevision) {
                return NONE;
            }
            long revision = tables.append(key, value, lease);
            afterChangeLocked(revision);
            return revision;
        });
    }

    @Override
    public long delete(String key, long expectedRevision) {
        return locked("delete " + key, () -> {
            if (expectedRevision == NONE || tables.revisionOf(key) != expectedRevision) {
                return NONE;
            }
            long revision = tables.append(key, null, NO_LEASE);
            afterChangeLocked(revision);
            return revision;
        });
    }

    @Override
    public long grantLease(long ttlMillis) {
        return locked("grant a lease", () -> tables.grantLease(ttlMillis, unixMillis.getAsLong() + ttlMillis));
    }

    @Override
    public boolean keepAlive(long lease) {
        return locked("keep a lease", () -> tables.keepAlive(lease, unixMillis.getAsLong()));
    }

    @Override
    public Watch watch(String prefix, long revision, Consumer<Change> listener) {
        return locked("watch " + prefix, () -> {
            checkNotCompactedLocked(revision);
            TableWatch watch = new TableWatch(prefix, revision, listener);
            watches.add(watch);
            Thread.ofVirtual().name("store-watch").start(watch);
            return watch;
        });
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                watches.forEach(watch -> watch.stopped = true);
                changed.signalAll();
                tables.close();
            }
        } catch (SQLException failure) {
            throw new StoreException("the store could not be closed", failure);
        } finally {
            lock.unlock();
        }
    }

    private void checkNotCompactedLocked(long revision) throws SQLException {
        long oldest = tables.oldestReadable();
        if (revision < oldest) {
            throw new CompactedException(revision, oldest);
        }
    }

    private void afterChangeLocked(long revision) throws SQLException {
        if (history > 0 && revision % Math.max(1, history / 10) == 0 && revision > history) {
            tables.compact(revision - history);
        }
        changed.signalAll();
    }

    private interface Work<T> {
        T run() throws SQLException;
    }

    /** Runs {@code work} under the lock, after the leases that have ended were cleared. */
    private <T> T locked(String what, Work<T> work) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the store is closed; cannot " + what);
            }
            for (String key : tables.endLeases(unixMillis.getAsLong())) {
                afterChangeLocked(tables.append(key, null, NO_LEASE));
            }
            return work.run();
        } catch (SQLException failure) {
            throw new StoreException("the store could not " + what + ": " + failure.getMessage(), failure);
        } finally {
            lock.unlock();
        }
    }

    /** Reads the table from its revision on; runs on a virtual thread of its own. */
    private final class TableWatch implements Watch, Runnable {
        private final String prefix;
        private final Consumer<Change> listener;
        private long revision; // this thread's
        private boolean stopped; // guarded by lock

        TableWatch(String prefix, long revision, Consumer<Change> listener) {
            this.prefix = prefix;
            this.revision = revision;
            this.listener = listener;
        }

        @Override
        public void run() {
            try {
                for (List<Change> next = next(); !next.isEmpty(); next = next()) {
                    next.forEach(listener);
                }
            } catch (SQLException failure) {
                throw new StoreException("the store could not watch " + prefix, failure);
            }
        }

        /** Waits for changes; an empty list when the watch is over. */
        private List<Change> next() throws SQLException {
            lock.lock();
            try {
                while (!stopped) {
                    List<Change> next = tables.changesAfter(prefix, revision, WATCH_BATCH);
                    if (!next.isEmpty()) {
                        revision = next.getLast().revision();
                        return next;
                    }
                    changed.awaitUninterruptibly();
                }
                return List.of();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                stopped = true;
                watches.remove(this);
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
