package dev.warren.coordinator.store;

/** The stand-in that other tests use keeps the same contract. */
class MemoryStoreTest extends StoreContractTest {
    private final MemoryStore.Log log = new MemoryStore.Log();

    @Override
    Store open(int history) {
        return new MemoryStore(log, unixMillis::get, history);
    }
}
