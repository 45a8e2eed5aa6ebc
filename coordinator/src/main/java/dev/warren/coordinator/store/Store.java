package dev.warren.coordinator.store;

import java.util.function.Consumer;

/**
 * Durable keys and values with one revision that grows by each change, after the narrower of the two engines that can
 * stand behind it (etcd). There are no transactions over several keys. All methods may be called from any thread;
 * failures of the engine are {@link StoreException}s.
 */
public interface Store extends AutoCloseable {
    /** The revision of a key that does not exist, and the answer of a compare that did not hold. */
    long NONE = 0;

    /** The lease of an entry that stays until it is deleted. */
    long NO_LEASE = 0;

    /**
     * All entries whose key starts with {@code prefix}, by key, as they were at {@code revision}; {@link #NONE} stands
     * for now. Throws {@link CompactedException} when the store no longer knows that time.
     */
    Range read(String prefix, long revision);

    /**
     * Sets {@code key} if its last change was at {@code expectedRevision} ({@link #NONE}: if there is no such key), and
     * returns the revision of the change; otherwise changes nothing and returns {@link #NONE}.
     */
    long compareAndPut(String key, long expectedRevision, String value, long lease);

    /** Deletes {@code key} if its last change was at {@code expectedRevision}; returns as {@link #compareAndPut}. */
    long delete(String key, long expectedRevision);

    /** A lease that ends {@code ttlMillis} after its last keep-alive; the entries put under it are deleted then. */
    long grantLease(long ttlMillis);

    /** Starts the lease's time anew; false when it has ended. */
    boolean keepAlive(long lease);

    /**
     * Hands every change of a key under {@code prefix} after {@code revision} to {@code listener}, in order, on a
     * thread of the watch's own, until the watch is closed. Throws {@link CompactedException} as {@link #read}.
     */
    Watch watch(String prefix, long revision, Consumer<Change> listener);

    /** Ends all watches and gives the store back. */
    @Override
    void close();

    /** A running watch. */
    interface Watch extends AutoCloseable {
        /** Ends it; the listener may still be running for a change that it got before. */
        @Override
        void close();
    }
}
