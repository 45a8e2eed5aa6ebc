package dev.warren.protocol.derp;

import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where the relays are ({@code tailcfg.DERPMap}). Immutable.
 *
 * @param regions by id, in the order of ids
 */
public record DerpMap(SortedMap<Integer, DerpRegion> regions) {
    /** No relays at all. */
    public static final DerpMap EMPTY = new DerpMap(new TreeMap<>());

    /** Throws {@link DerpMapFormatException} when a key is not its region's id or two nodes share a name. */
    public DerpMap {
        regions = Collections.unmodifiableSortedMap(new TreeMap<>(regions));
        Set<String> names = new HashSet<>();
        for (Map.Entry<Integer, DerpRegion> entry : regions.entrySet()) {
            DerpRegion region = entry.getValue();
            if (region.id() != entry.getKey()) {
                throw new DerpMapFormatException(
                        "region " + entry.getKey() + " says RegionID " + region.id() + "; both must be the same");
            }
            for (DerpNode node : region.nodes()) {
                if (!names.add(node.name())) {
                    throw new DerpMapFormatException("two nodes have the name \"" + node.name() + "\"");
                }
            }
        }
    }

    /** The map of {@code regions}; the nodes of regions with one id are joined, in order, and named anew. */
    public static DerpMap of(Collection<DerpRegion> regions) {
        SortedMap<Integer, DerpRegion> byId = new TreeMap<>();
        for (DerpRegion region : regions) {
            byId.merge(region.id(), region, DerpRegion::with);
        }
        return new DerpMap(byId);
    }

    /** The region with this id, or null. */
    public @Nullable DerpRegion region(int id) {
        return regions.get(id);
    }

    /** The ids of the regions that have a relay; a region may have nothing but STUN servers. */
    public SortedSet<Integer> relayed() {
        return regions.values().stream()
                .filter(region -> !region.relays().isEmpty())
                .map(DerpRegion::id)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
