package dev.warren.node.engine;

import java.util.Collections;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Chooses the relay region to listen in: the nearest by STUN that has a relay, with enough hysteresis not to wander;
 * without any STUN answer (UDP is blocked) the first one that is connected.
 */
public final class HomeRegion {
    /** A region must be nearer by this much, and under two thirds of the old latency, to become home (netcheck). */
    private static final long MIN_GAIN_NANOS = 10_000_000L;

    private final SortedSet<Integer> connected = new TreeSet<>();
    private SortedSet<Integer> relayed = Collections.emptySortedSet();
    private int home;

    /** None yet. */
    HomeRegion() {}

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

    /** The regions that have a relay; true when the home is no longer among them and another, or none, took its place. */
    boolean onRegions(SortedSet<Integer> regions) {
        relayed = new TreeSet<>(regions);
        connected.retainAll(regions);
        return home != 0 && !regions.contains(home) && set(connected.isEmpty() ? 0 : connected.first());
    }

    /** A probe of all regions is over; true when the home changes. */
    boolean onLatencies(Map<Integer, Long> latencyNanos) {
        Map<Integer, Long> possible = new TreeMap<>(latencyNanos);
        possible.keySet().retainAll(relayed);
        if (possible.isEmpty()) {
            return home == 0 && !connected.isEmpty() && set(connected.first());
        }
        return set(nearest(home, possible));
    }

    /**
     * The region to be home after a probe of all: the nearest one, or {@code old} (0 for none) when that is not clearly
     * farther.
     *
     * @param latencyNanos of the regions that answered
     */
    public static int nearest(int old, Map<Integer, Long> latencyNanos) {
        int nearest = 0;
        long found = Long.MAX_VALUE;
        for (Map.Entry<Integer, Long> entry : latencyNanos.entrySet()) {
            if (nearest == 0 || entry.getValue() < found) {
                nearest = entry.getKey();
                found = entry.getValue();
            }
        }
        if (nearest == 0) {
            return old;
        }
        Long before = latencyNanos.get(old);
        boolean clearlyNearer = before == null || (before - found >= MIN_GAIN_NANOS && found * 3 <= before * 2);
        return clearlyNearer ? nearest : old;
    }

    private boolean set(int region) {
        boolean changed = region != home;
        home = region;
        return changed;
    }
}
