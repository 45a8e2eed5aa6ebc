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
 */
record StoredRelay(
        DerpMap entry, String software, @Nullable Integer capacity, boolean listed, long registeredUnixMillis) {
    DerpRegion region() {
        return entry.regions().firstEntry().getValue();
    }

    DerpNode node() {
        return region().nodes().getFirst();
    }

    StoredRelay listed(boolean now) {
        return new StoredRelay(entry, software, capacity, now, registeredUnixMillis);
    }
}
