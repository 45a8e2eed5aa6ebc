package dev.warren.coordinator.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.coordinator.topology.PathTable;
import dev.warren.coordinator.topology.Topology;
import dev.warren.protocol.coordination.AddressText;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.coordination.NodeRecord;
import dev.warren.protocol.coordination.NodeStatement;
import dev.warren.protocol.coordination.PathKind;
import dev.warren.protocol.coordination.PathReport;
import dev.warren.protocol.coordination.SignedNodeRecord;
import dev.warren.protocol.coordination.StatusView;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StatusBuilderTest {
    private final RandomGenerator random = Seeds.random(5);
    private final MeshId mesh = MeshId.generate(random);
    private final DerpMap relays = DerpMap.of(List.of(RelaySpec.parse("900:lo=192.0.2.9:443,stun=192.0.2.8:3478")));
    private final Topology topology = new Topology(mesh, 1, relays);
    private final PathTable paths = new PathTable();

    @Test
    void anEmptyMeshIsEmpty() {
        StatusView view = build();
        assertEquals(List.of(), view.nodes());
        assertEquals(List.of(), view.pairs());
        assertEquals(List.of(new StatusView.Relay(900, "lo", List.of("192.0.2.9:443"))), view.relays());
    }

    @Test
    void nodesStandByNameAndPairsOnce() {
        node("c", true);
        node("a", true);
        node("b", true);
        node("off", false);
        StatusView view = build();
        assertEquals(
                List.of("a", "b", "c", "off"),
                view.nodes().stream().map(StatusView.Node::name).toList());
        assertEquals(
                List.of("a-b", "a-c", "b-c"),
                view.pairs().stream().map(pair -> pair.a() + "-" + pair.b()).toList());
        assertEquals(PathKind.NONE, view.pairs().getFirst().kind());
    }

    @Test
    void bothSidesOfAPairAreShown() {
        KnownNode a = node("a", true);
        KnownNode b = node("b", true);
        report(a, new PathReport(b.nodeKey(), PathKind.DIRECT, AddressText.parseEndpoint("192.0.2.1:5"), 0, 2000L));
        report(b, new PathReport(a.nodeKey(), PathKind.RELAY, null, 900, 9000L));
        StatusView.Pair pair = build().pairs().getFirst();
        assertEquals(new StatusView.Side(PathKind.DIRECT, "192.0.2.1:5", 2000L, 50), pair.aToB());
        assertEquals(new StatusView.Side(PathKind.RELAY, "relay lo", 9000L, 50), pair.bToA());
        assertEquals(PathKind.RELAY, pair.kind());
        assertEquals(2000, pair.latencyMicros());
    }

    @Test
    void aPairIsWhatItsWorseSideUses() {
        for (PathKind kind : PathKind.values()) {
            assertEquals(kind, StatusBuilder.kind(side(kind), null));
            assertEquals(kind, StatusBuilder.kind(null, side(kind)));
            assertEquals(kind, StatusBuilder.kind(side(kind), side(kind)));
            assertEquals(kind, StatusBuilder.kind(side(kind), side(PathKind.NONE)));
        }
        assertEquals(PathKind.RELAY, StatusBuilder.kind(side(PathKind.DIRECT), side(PathKind.RELAY)));
        assertEquals(PathKind.NONE, StatusBuilder.kind(null, null));
    }

    @Test
    void reportsAboutStrangersAndOneselfAreLeftOut() {
        KnownNode a = node("a", true);
        report(
                a,
                new PathReport(NodePrivateKey.generate(random).publicKey(), PathKind.RELAY, null, 900, 1L),
                new PathReport(a.nodeKey(), PathKind.RELAY, null, 900, 1L));
        assertEquals(List.of(), build().pairs());
    }

    @Test
    void inALargeMeshOnlyReportedPairsAreListed() {
        List<KnownNode> nodes = new ArrayList<>();
        for (int i = 0; i <= StatusBuilder.ALL_PAIRS_NODES; i++) {
            nodes.add(node("n" + (100 + i), true));
        }
        report(nodes.get(9), new PathReport(nodes.get(3).nodeKey(), PathKind.RELAY, null, 7, null));
        List<StatusView.Pair> pairs = build().pairs();
        assertEquals(1, pairs.size());
        assertEquals("n103", pairs.getFirst().a());
        StatusView.Side back = pairs.getFirst().bToA();
        assertEquals("relay 7", back == null ? "" : back.via());
    }

    private static StatusView.Side side(PathKind kind) {
        return new StatusView.Side(kind, "", null, 0);
    }

    private void report(KnownNode from, PathReport... reports) {
        paths.put(from.identity(), new PathTable.Reports(50, List.of(reports)));
    }

    private StatusView build() {
        return new StatusBuilder(topology.publish(), paths, Map.of()).build(99);
    }

    private KnownNode node(String name, boolean online) {
        IdentityPrivateKey key = IdentityPrivateKey.generate(random);
        NodeStatement statement = NodeStatement.of(
                mesh,
                key.publicKey(),
                1,
                NodePrivateKey.generate(random).publicKey(),
                DiscoPrivateKey.generate(random).publicKey(),
                List.of(),
                900);
        @Nullable Long lastSeen = null;
        NodeRecord record = new NodeRecord(
                name, SignedNodeRecord.sign(statement, key), List.of(), List.of(), List.of(), 1, online, lastSeen);
        KnownNode node = new KnownNode(record, statement);
        topology.put(node);
        return node;
    }
}
