package dev.warren.loadtest.compare;

import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;

/**
 * What a spec file says.
 *
 * @param settings of the workload, common to both subjects and all cells
 */
record ComparisonSpec(
        Source source,
        Subject a,
        Subject b,
        CorePlan cores,
        SequencedMap<String, String> settings,
        List<Cell> cells,
        Plan plan) {

    /** Which file this is, what it is about, and what it drives. */
    record Source(String file, String title, Load load) {}

    /** What the load is. */
    enum Load {
        RELAY,
        STUN,
        TUNNEL,
        STREAM;

        /** Whether each server gets a network of its own, in which the load connects to it. */
        boolean wantsOwnNetwork() {
            return this == STREAM;
        }

        /** As the spec and the sub-commands call it. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    ComparisonSpec with(List<Cell> fewer, Plan other) {
        return new ComparisonSpec(source, a, b, cores, settings, fewer, other);
    }
}
