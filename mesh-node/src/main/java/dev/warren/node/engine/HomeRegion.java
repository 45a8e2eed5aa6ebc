package dev.warren.node.engine;

import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Chooses the relay region to listen in: the nearest by STUN, with enough hysteresis not to wander; without any STUN
 * answer (UDP is blocked) the first one that is connected.
 */
final class HomeRegion {
    /** A region must be nearer by this much, and under two thirds of the old latency, to become home (netcheck). */
    private static final long MIN_GAIN_NANOS = 10_000_000L;

    private final SortedSet<Integer> connected = new TreeSet<>();
    private int home;

    /** The home; 0 = none yet. */
    int region() {
        return home;
    }

    /** A relay's connection came or went; true when that changes the home. */
    boolean onRelayState(int region, boolean isConnected) {
        if (isConnected) {
            connected.add(region);
        } else {
            connected.remove(region);
        }
        return home == 0 && isConnected && set(region);
    }

    /** The regions of the map; true when the home is no longer among them and another took its place. */
    boolean onRegions(SortedSet<Integer> regions) {
        connected.retainAll(regions);
        return home != 0 && !regions.contains(home) && set(connected.isEmpty() ? 0 : connected.first());
    }

    /** A probe of all regions is over; true when the home changes. */
    boolean onLatencies(Map<Integer, Long> latencyNanos) {
        int nearest = 0;
        for (Map.Entry<Integer, Long> entry : latencyNanos.entrySet()) {
            if (nearest == 0 || entry.getValue() < latencyNanos.getOrDefault(nearest, Long.MAX_VALUE)) {
                nearest = entry.getKey();
            }
        }
        if (nearest == 0) {
            return home == 0 && !connected.isEmpty() && set(connected.first());
        }
        Long old = latencyNanos.get(home);
        long found = latencyNanos.getOrDefault(nearest, Long.MAX_VALUE);
        boolean clearlyNearer = old == null || (old - found >= MIN_GAIN_NANOS && found * 3 <= old * 2);
        return clearlyNearer && set(nearest);
    }

    private boolean set(int region) {
        boolean changed = region != home;
        home = region;
        return changed;
    }
}
