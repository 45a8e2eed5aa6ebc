package dev.warren.loadtest.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.warren.node.control.NodeStatus;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class PairTableTest {
    @Test
    void shouldShowEachPairAsBothSidesSeeIt() {
        Map<String, NodeStatus> statuses = Map.of(
                "a", status("a", peer("b", "direct", "198.51.100.6:41641", 0.618), peer("c", "relay", null, null)),
                "b", status("b", peer("a", "relay", null, 2.0)),
                "c", status("c", peer("a", "none", null, null)));

        List<String> lines = PairTable.lines(statuses);

        assertEquals(7, lines.size());
        assertEquals(
                "  a - b  direct 198.51.100.6:41641      0.62 ms    relay 900                      2.00 ms",
                lines.get(1));
        assertEquals(
                "  a - c  relay 900                      -          none                           -", lines.get(2));
        assertEquals(
                "  a - d  ?                              -          ?                              -", lines.get(3));
    }

    @Test
    void shouldNotFindAPeerOfANodeThatDoesNotAnswer() {
        assertNull(PairTable.peer(null, "b"));
    }

    static NodeStatus status(String name, NodeStatus.Peer... peers) {
        return new NodeStatus(
                new NodeStatus.Self(
                        name,
                        "nodekey:00",
                        List.of(),
                        "warren0",
                        41_641,
                        900,
                        List.of(),
                        "connected",
                        "jdk",
                        null,
                        new TreeMap<>()),
                List.of(peers));
    }

    private static NodeStatus.Peer peer(
            String name, String path, @Nullable String address, @Nullable Double latencyMillis) {
        return new NodeStatus.Peer(
                name, "nodekey:01", List.of(), true, path, address, Mesh.REGION, latencyMillis, null, 0, 0);
    }
}
