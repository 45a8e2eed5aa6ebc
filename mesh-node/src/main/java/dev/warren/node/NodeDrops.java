package dev.warren.node;

import dev.warren.node.engine.EngineCounter;
import dev.warren.node.engine.EngineSnapshot;
import dev.warren.node.tunnel.DatapathCounter;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** All that an agent dropped, by reason, in one place: the datapath's, the engine's, WireGuard's and the relays' clients'. */
final class NodeDrops {
    private static final List<DatapathCounter> OF_THE_DATAPATH = List.of(
            DatapathCounter.TUN_MALFORMED,
            DatapathCounter.TUN_REFUSED,
            DatapathCounter.UDP_TRUNCATED,
            DatapathCounter.HANDSHAKES_TURNED_AWAY,
            DatapathCounter.UDP_REFUSED,
            DatapathCounter.UDP_OVERFLOW,
            DatapathCounter.RELAY_OVERFLOW,
            DatapathCounter.COMMAND_REFUSED,
            DatapathCounter.FAILED_TURN);
    private static final String ENGINES = "dropped_";

    private NodeDrops() {}

    /** Lower-case names with what they count; zeros left out. */
    static SortedMap<String, Long> of(
            EngineSnapshot snapshot, ToLongFunction<DatapathCounter> datapath, SortedMap<String, Long> relays) {
        SortedMap<String, Long> drops = new TreeMap<>();
        for (DatapathCounter counter : OF_THE_DATAPATH) {
            drops.put(name(counter), datapath.applyAsLong(counter));
        }
        for (EngineCounter counter : EngineCounter.values()) {
            if (name(counter).startsWith(ENGINES)) {
                drops.put(
                        name(counter).substring(ENGINES.length()),
                        snapshot.counters().getOrDefault(counter, 0L));
            }
        }
        snapshot.drops().forEach((reason, count) -> drops.put("wireguard_" + name(reason), count));
        relays.forEach((reason, count) -> drops.put("to_relay_" + reason, count));
        drops.values().removeIf(count -> count == 0);
        return drops;
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
