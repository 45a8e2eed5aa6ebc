package dev.warren.coordinator.web;

import dev.warren.coordinator.topology.PathTable;
import dev.warren.coordinator.topology.TopologySnapshot;
import dev.warren.protocol.coordination.AddressText;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.PathKind;
import dev.warren.protocol.coordination.PathReport;
import dev.warren.protocol.coordination.StatusView;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Puts together what the status page shows. Pure. */
final class StatusBuilder {
    /** Up to so many online nodes every pair is listed; beyond, only those of which a node said something. */
    static final int ALL_PAIRS_NODES = 64;

    private final TopologySnapshot snapshot;
    private final Map<IdentityPublicKey, String> software;
    private final Map<IdentityPublicKey, Map<IdentityPublicKey, StatusView.Side>> sides = new HashMap<>();

    StatusBuilder(TopologySnapshot snapshot, PathTable paths, Map<IdentityPublicKey, String> software) {
        this.snapshot = snapshot;
        this.software = software;
        for (IdentityPublicKey identity : snapshot.nodes().keySet()) {
            PathTable.Reports reports = paths.of(identity);
            if (reports != null) {
                sides.put(identity, sides(identity, reports));
            }
        }
    }

    StatusView build(long nowUnixMillis) {
        List<KnownNode> byName = snapshot.nodes().values().stream()
                .sorted(Comparator.comparing(KnownNode::name))
                .toList();
        return new StatusView(
                snapshot.mesh(),
                snapshot.revision(),
                nowUnixMillis,
                byName.stream().map(this::node).toList(),
                pairs(byName),
                snapshot.relays().regions().values().stream()
                        .map(StatusBuilder::relay)
                        .toList());
    }

    private StatusView.Node node(KnownNode node) {
        return new StatusView.Node(
                node.name(),
                node.identity(),
                node.addresses(),
                node.record().tags(),
                software.getOrDefault(node.identity(), ""),
                node.online(),
                node.record().lastSeenUnixMillis(),
                node.homeRegion(),
                node.endpoints().stream().map(AddressText::format).toList());
    }

    private List<StatusView.Pair> pairs(List<KnownNode> byName) {
        List<KnownNode> online = byName.stream().filter(KnownNode::online).toList();
        Set<Integer> wanted = new TreeSet<>();
        Map<IdentityPublicKey, Integer> place = new HashMap<>();
        for (int i = 0; i < online.size(); i++) {
            place.put(online.get(i).identity(), i);
        }
        for (int i = 0; i < online.size(); i++) {
            int row = i;
            if (online.size() <= ALL_PAIRS_NODES) {
                for (int j = i + 1; j < online.size(); j++) {
                    wanted.add(i * online.size() + j);
                }
            } else {
                sides.getOrDefault(online.get(i).identity(), Map.of()).keySet().stream()
                        .map(peer -> place.getOrDefault(peer, row))
                        .filter(column -> column != row)
                        .forEach(column -> wanted.add(Math.min(row, column) * online.size() + Math.max(row, column)));
            }
        }
        return wanted.stream()
                .map(cell -> pair(online.get(cell / online.size()), online.get(cell % online.size())))
                .toList();
    }

    private StatusView.Pair pair(KnownNode a, KnownNode b) {
        StatusView.Side aToB = side(a, b);
        StatusView.Side bToA = side(b, a);
        return new StatusView.Pair(a.name(), b.name(), kind(aToB, bToA), latency(aToB, bToA), aToB, bToA);
    }

    private StatusView.@Nullable Side side(KnownNode from, KnownNode to) {
        return sides.getOrDefault(from.identity(), Map.of()).get(to.identity());
    }

    static PathKind kind(StatusView.@Nullable Side one, StatusView.@Nullable Side other) {
        PathKind first = one == null ? PathKind.NONE : one.kind();
        PathKind second = other == null ? PathKind.NONE : other.kind();
        if (first == PathKind.RELAY || second == PathKind.RELAY) {
            return PathKind.RELAY;
        }
        return first == PathKind.DIRECT ? first : second;
    }

    private static @Nullable Long latency(StatusView.@Nullable Side one, StatusView.@Nullable Side other) {
        Long first = one == null ? null : one.latencyMicros();
        Long second = other == null ? null : other.latencyMicros();
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        return Math.min(first, second);
    }

    private Map<IdentityPublicKey, StatusView.Side> sides(IdentityPublicKey from, PathTable.Reports reports) {
        Map<IdentityPublicKey, StatusView.Side> byPeer = new HashMap<>();
        for (PathReport report : reports.paths()) {
            IdentityPublicKey peer = owner(report.peer());
            if (peer != null && !peer.equals(from)) {
                byPeer.put(
                        peer,
                        new StatusView.Side(
                                report.kind(), via(report), report.latencyMicros(), reports.atUnixMillis()));
            }
        }
        return byPeer;
    }

    private @Nullable IdentityPublicKey owner(NodePublicKey key) {
        return snapshot.byKey().get(key);
    }

    private String via(PathReport report) {
        return switch (report.kind()) {
            case DIRECT -> report.address() == null ? "" : AddressText.format(report.address());
            case RELAY -> "relay " + code(report.relayRegion());
            case NONE -> "";
        };
    }

    private String code(int region) {
        DerpRegion known = snapshot.relays().region(region);
        return known == null ? Integer.toString(region) : known.code();
    }

    private static StatusView.Relay relay(DerpRegion region) {
        List<String> hosts = new ArrayList<>();
        region.relays().forEach(node -> hosts.add(node.hostName() + ":" + node.derpPort()));
        return new StatusView.Relay(region.id(), region.code(), hosts);
    }
}
