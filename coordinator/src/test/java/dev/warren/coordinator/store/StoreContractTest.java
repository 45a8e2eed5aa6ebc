package dev.warren.coordinator.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every engine behind {@link Store} must do. */
@Timeout(30)
abstract class StoreContractTest {
    /** The engine's clock; a test moves it. */
    final AtomicLong unixMillis = new AtomicLong(1_000_000);

    private Store store;

    /** A store that keeps {@code history} changes; the same one again after it was closed. */
    abstract Store open(int history);

    @BeforeEach
    void openStore() {
        store = open(1000);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void aNewStoreIsEmpty() {
        assertEquals(List.of(), store.read("", Store.NONE).entries());
    }

    @Test
    void whatWasPutIsRead() {
        long revision = store.compareAndPut("a/1", Store.NONE, "one", Store.NO_LEASE);
        assertEquals(
                List.of(new Entry("a/1", "one", revision, Store.NO_LEASE)),
                store.read("a/", Store.NONE).entries());
    }

    @Test
    void readsAreByPrefixAndInOrder() {
        for (String key : List.of("b/1", "a/2", "a/1", "a", "ab")) {
            put(key, key);
        }
        assertEquals(List.of("a/1", "a/2"), keys("a/", Store.NONE));
        assertEquals(List.of("a", "a/1", "a/2", "ab", "b/1"), keys("", Store.NONE));
    }

    @Test
    void aPutNeedsTheRightRevision() {
        long first = put("k", "1");
        assertEquals(Store.NONE, store.compareAndPut("k", Store.NONE, "2", Store.NO_LEASE));
        assertEquals(Store.NONE, store.compareAndPut("k", first + 1, "2", Store.NO_LEASE));
        assertEquals("1", value("k"));
        long second = store.compareAndPut("k", first, "2", Store.NO_LEASE);
        assertTrue(second > first);
        assertEquals(Store.NONE, store.compareAndPut("k", first, "3", Store.NO_LEASE));
        assertEquals("2", value("k"));
    }

    @Test
    void aDeleteNeedsTheRightRevision() {
        long first = put("k", "1");
        assertEquals(Store.NONE, store.delete("k", first + 1));
        assertEquals(Store.NONE, store.delete("k", Store.NONE));
        assertEquals(Store.NONE, store.delete("other", Store.NONE));
        assertTrue(store.delete("k", first) > first);
        assertEquals(List.of(), keys("", Store.NONE));
        assertNotEquals(Store.NONE, store.compareAndPut("k", Store.NONE, "2", Store.NO_LEASE));
    }

    @Test
    void thePastCanBeRead() {
        long first = put("a", "1");
        long second = store.compareAndPut("a", first, "2", Store.NO_LEASE);
        long third = put("b", "3");
        store.delete("a", second);
        assertEquals("1", store.read("a", first).entries().getFirst().value());
        assertEquals("2", store.read("a", third).entries().getFirst().value());
        assertEquals(List.of("a", "b"), keys("", third));
        assertEquals(List.of("b"), keys("", Store.NONE));
    }

    @Test
    void theFarPastIsGoneButThePresentIsWhole() {
        store.close();
        store = open(20);
        long kept = put("kept", "x");
        long revision = put("k", "0");
        for (int i = 1; i <= 200; i++) {
            revision = store.compareAndPut("k", revision, "" + i, Store.NO_LEASE);
        }
        assertThrows(CompactedException.class, () -> store.read("", kept));
        assertThrows(CompactedException.class, () -> store.watch("", kept, _ -> {}));
        assertEquals("200", value("k"));
        assertEquals("x", value("kept"));
        assertEquals("190", store.read("k", revision - 10).entries().getFirst().value());
        assertEquals(kept, store.read("kept", Store.NONE).entries().getFirst().revision());
    }

    @Test
    void everythingSurvivesAReopen() {
        long revision = put("a", "1");
        put("b", "2");
        store.close();
        store = open(1000);
        assertEquals(List.of("a", "b"), keys("", Store.NONE));
        assertEquals(Store.NONE, store.compareAndPut("a", Store.NONE, "x", Store.NO_LEASE));
        assertNotEquals(Store.NONE, store.compareAndPut("a", revision, "x", Store.NO_LEASE));
    }

    @Test
    void aLeaseTakesItsEntriesWithIt() {
        long lease = store.grantLease(1000);
        store.compareAndPut("under", Store.NONE, "1", lease);
        put("free", "2");
        unixMillis.addAndGet(999);
        assertEquals(List.of("free", "under"), keys("", Store.NONE));
        unixMillis.addAndGet(1);
        assertEquals(List.of("free"), keys("", Store.NONE));
        assertFalse(store.keepAlive(lease));
    }

    @Test
    void aLeaseLivesOnWhileItIsKept() {
        long lease = store.grantLease(1000);
        store.compareAndPut("under", Store.NONE, "1", lease);
        for (int i = 0; i < 5; i++) {
            unixMillis.addAndGet(900);
            assertTrue(store.keepAlive(lease));
        }
        assertEquals(List.of("under"), keys("", Store.NONE));
    }

    @Test
    void anEntryThatLeftItsLeaseStays() {
        long lease = store.grantLease(1000);
        long revision = store.compareAndPut("k", Store.NONE, "1", lease);
        store.compareAndPut("k", revision, "2", Store.NO_LEASE);
        unixMillis.addAndGet(2000);
        assertEquals("2", value("k"));
    }

    @Test
    void aWatchSeesWhatWasAndWhatComes() throws InterruptedException {
        long first = put("a/1", "1");
        BlockingQueue<Change> seen = new LinkedBlockingQueue<>();
        put("b/1", "other");
        long second = put("a/2", "2");
        try (Store.Watch _ = store.watch("a/", first, seen::add)) {
            assertEquals(new Change.Put(new Entry("a/2", "2", second, Store.NO_LEASE)), next(seen));
            long third = store.delete("a/1", first);
            assertEquals(new Change.Deleted("a/1", third), next(seen));
        }
    }

    @Test
    void aWatchSeesLeasesEnd() throws InterruptedException {
        BlockingQueue<Change> seen = new LinkedBlockingQueue<>();
        long revision = store.compareAndPut("k", Store.NONE, "1", store.grantLease(10));
        try (Store.Watch _ = store.watch("", revision, seen::add)) {
            unixMillis.addAndGet(10);
            store.read("", Store.NONE);
            assertTrue(next(seen) instanceof Change.Deleted gone && gone.key().equals("k"));
        }
    }

    @Test
    void aWatchKeepsTheOrderOfManyChanges() throws InterruptedException {
        BlockingQueue<Change> seen = new LinkedBlockingQueue<>();
        try (Store.Watch _ = store.watch("", store.read("", Store.NONE).revision(), seen::add)) {
            for (int i = 0; i < 150; i++) {
                put("k" + i, "" + i);
            }
            long last = 0;
            for (int i = 0; i < 150; i++) {
                Change change = next(seen);
                assertTrue(change.revision() > last);
                last = change.revision();
            }
        }
    }

    @Test
    void aClosedStoreRefuses() {
        store.close();
        assertThrows(IllegalStateException.class, () -> store.read("", Store.NONE));
    }

    private static Change next(BlockingQueue<Change> seen) throws InterruptedException {
        Change change = seen.poll(10, TimeUnit.SECONDS);
        if (change == null) {
            throw new AssertionError("no change within 10 s");
        }
        return change;
    }

    private long put(String key, String value) {
        return store.compareAndPut(key, Store.NONE, value, Store.NO_LEASE);
    }

    private String value(String key) {
        return store.read(key, Store.NONE).entries().getFirst().value();
    }

    private List<String> keys(String prefix, long revision) {
        return store.read(prefix, revision).entries().stream().map(Entry::key).toList();
    }
}
