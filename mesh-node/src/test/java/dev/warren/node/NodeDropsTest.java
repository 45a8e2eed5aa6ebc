package dev.warren.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.node.engine.EngineCounter;
import dev.warren.node.engine.EngineSnapshot;
import dev.warren.node.tunnel.DatapathCounter;
import dev.warren.protocol.wireguard.DropReason;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class NodeDropsTest {
    @Test
    void shouldNameWhatEachPartDroppedAndNothingElse() {
        EngineSnapshot snapshot = new EngineSnapshot(
                List.of(),
                List.of(),
                0,
                null,
                Map.of(EngineCounter.SENT_DIRECT, 9L, EngineCounter.DROPPED_NO_PATH, 2L),
                Map.of(DropReason.REPLAYED, 3L));
        Map<DatapathCounter, Long> counters = Map.of(
                DatapathCounter.TUN_READ, 8L, DatapathCounter.RELAY_OVERFLOW, 4L, DatapathCounter.FAILED_TURN, 1L);
        assertEquals(
                Map.of(
                        "no_path",
                        2L,
                        "wireguard_replayed",
                        3L,
                        "relay_overflow",
                        4L,
                        "failed_turn",
                        1L,
                        "to_relay_held",
                        5L),
                NodeDrops.of(
                        snapshot, counter -> counters.getOrDefault(counter, 0L), new TreeMap<>(Map.of("held", 5L))));
    }
}
