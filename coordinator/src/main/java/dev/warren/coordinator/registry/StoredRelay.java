package dev.warren.coordinator.registry;

import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.DerpRegion;
import org.jspecify.annotations.Nullable;

/**
 * A relay as it lies in the store. It stays there when its lease has ended: a relay that is known needs no token.
 *
 * @param entry one region with one node, which has its name in the map
 * @param capacity how many connections it takes at most; null = any number
 * @param listed whether it is in the map
 * @param out why it is not in the map, as far as that is known
 * @param removedUnixMillis when an operator removed it: it is not known any more, and tokens of before do not bring it
 *     back; null = never
 */
record StoredRelay(
        DerpMap entry,
        String software,
        @Nullable Integer capacity,
        boolean listed,
        long registeredUnixMillis,
        @Nullable String out,
        @Nullable Long removedUnixMillis) {
    DerpRegion region() {
        return entry.regions().firstEntry().getValue();
    }

    DerpNode node() {
        return region().nodes().getFirst();
    }

    /** The same out of the map. */
    StoredRelay out(String reason) {
        return new StoredRelay(entry, software, capacity, false, registeredUnixMillis, reason, removedUnixMillis);
    }

    /** The same, removed by an operator. */
    StoredRelay removed(long unixMillis) {
        return new StoredRelay(entry, software, capacity, false, registeredUnixMillis, "removed", unixMillis);
    }
}
