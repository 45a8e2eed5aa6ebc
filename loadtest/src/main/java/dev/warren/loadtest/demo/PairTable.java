package dev.warren.loadtest.demo;

import dev.warren.node.control.NodeStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every pair of nodes with its path and latency, as both sides see it. */
final class PairTable {
    private PairTable() {}

    /** The table's lines, a heading first; {@code statuses} by node name. */
    static List<String> lines(Map<String, NodeStatus> statuses) {
        List<String> lines = new ArrayList<>();
        lines.add(row("PAIR", "FROM THE FIRST", "LATENCY", "FROM THE SECOND", "LATENCY"));
        for (int first = 0; first < Mesh.NAMES.size(); first++) {
            for (int second = first + 1; second < Mesh.NAMES.size(); second++) {
                String a = Mesh.NAMES.get(first);
                String b = Mesh.NAMES.get(second);
                NodeStatus.Peer there = peer(statuses.get(a), b);
                NodeStatus.Peer back = peer(statuses.get(b), a);
                lines.add(row(a + " - " + b, path(there), latency(there), path(back), latency(back)));
            }
        }
        return lines;
    }

    /** What a node says about the peer of this name; null when it does not know it. */
    static NodeStatus.@Nullable Peer peer(@Nullable NodeStatus status, String name) {
        return status == null
                ? null
                : status.peers().stream()
                        .filter(peer -> peer.name().equals(name))
                        .findFirst()
                        .orElse(null);
    }

    private static String row(String pair, String there, String latency, String back, String backLatency) {
        return String.format(Locale.ROOT, "  %-6s %-30s %-10s %-30s %s", pair, there, latency, back, backLatency)
                .stripTrailing();
    }

    private static String path(NodeStatus.@Nullable Peer peer) {
        if (peer == null) {
            return "?";
        }
        return switch (peer.path()) {
            case "direct" -> "direct " + peer.address();
            case "relay" -> "relay " + peer.relayRegion();
            case String other -> other;
        };
    }

    private static String latency(NodeStatus.@Nullable Peer peer) {
        Double millis = peer == null ? null : peer.latencyMillis();
        return millis == null ? "-" : String.format(Locale.ROOT, "%.2f ms", millis);
    }
}
