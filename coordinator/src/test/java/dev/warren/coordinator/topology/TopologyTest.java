package dev.warren.coordinator.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.coordination.AddressText;
import dev.warren.protocol.coordination.DatedKey;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.coordination.NodeRecord;
import dev.warren.protocol.coordination.NodeStatement;
import dev.warren.protocol.coordination.Presence;
import dev.warren.protocol.coordination.SignedNodeRecord;
import dev.warren.protocol.coordination.WatchFrame;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Seeds;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TopologyTest {
    private final RandomGenerator random = Seeds.random(3);
    private final MeshId mesh = MeshId.generate(random);
    private final Topology topology = new Topology(mesh, 100, DerpMap.EMPTY);
    private final IdentityPrivateKey alice = IdentityPrivateKey.generate(random);
    private final IdentityPrivateKey bob = IdentityPrivateKey.generate(random);

    @Test
    void nothingIsSeenBeforeItIsPublished() {
        topology.put(node(alice, 1, false));
        assertEquals(Map.of(), topology.snapshot().nodes());
        assertTrue(topology.hasChanges());
        assertEquals(1, topology.publish().nodes().size());
        assertFalse(topology.hasChanges());
    }

    @Test
    void publishingNothingIsNoRevision() {
        assertSame(topology.snapshot(), topology.publish());
        KnownNode same = node(alice, 1, false);
        topology.put(same);
        long revision = topology.publish().revision();
        topology.put(same);
        assertEquals(revision, topology.publish().revision());
    }

    @Test
    void changesOfOneNodeAreOneChange() {
        for (int sequence = 1; sequence <= 5; sequence++) {
            topology.put(node(alice, sequence, false));
        }
        WatchFrame.Delta delta = published();
        assertEquals(1, delta.changed().size());
        assertEquals(100, delta.from());
        assertEquals(101, delta.revision());
    }

    @Test
    void presenceAloneIsToldAsSuch() {
        KnownNode node = node(alice, 1, false);
        topology.put(node);
        topology.publish();
        topology.put(new KnownNode(node.record().withPresence(true, 5L), node.statement()));
        WatchFrame.Delta delta = published();
        assertEquals(List.of(), delta.changed());
        assertEquals(List.of(new Presence(alice.publicKey(), true, 5L)), delta.presence());
    }

    @Test
    void presenceWithAnotherChangeIsOneRecord() {
        KnownNode node = node(alice, 1, false);
        topology.put(node);
        topology.publish();
        topology.put(new KnownNode(node.record().withPresence(true, 5L), node.statement()));
        topology.put(node(alice, 2, true));
        WatchFrame.Delta delta = published();
        assertEquals(1, delta.changed().size());
        assertEquals(List.of(), delta.presence());
    }

    @Test
    void aNodeThatLeftIsRemovedAndMayComeBack() {
        topology.put(node(alice, 1, false));
        topology.publish();
        topology.remove(alice.publicKey());
        assertEquals(List.of(alice.publicKey()), published().removed());
        topology.put(node(alice, 2, false));
        assertEquals(1, published().changed().size());
    }

    @Test
    void onlyMembersValidKeysAreAdmitted() {
        NodePublicKey key = NodePrivateKey.generate(random).publicKey();
        NodePublicKey other = NodePrivateKey.generate(random).publicKey();
        topology.put(node(alice, 1, false, List.of(new DatedKey(key, 10L, 20L))));
        TopologySnapshot snapshot = topology.publish();
        assertFalse(snapshot.admits(key, 9));
        assertTrue(snapshot.admits(key, 10));
        assertTrue(snapshot.admits(key, 19));
        assertFalse(snapshot.admits(key, 20));
        assertFalse(snapshot.admits(other, 15));
        topology.put(node(alice, 2, false, List.of(new DatedKey(other, null, null))));
        assertFalse(topology.publish().admits(key, 15));
        assertTrue(topology.snapshot().admits(other, 15));
    }

    @Test
    void theFullFrameIsTheMeshWithoutTheViewer() {
        topology.put(node(alice, 1, true));
        topology.put(node(bob, 1, false));
        WatchFrame.Full full = topology.publish().full(alice.publicKey());
        assertNotNull(full);
        assertTrue(full.self().online());
        assertEquals(1, full.peers().size());
        assertNull(topology.snapshot().full(IdentityPrivateKey.generate(random).publicKey()));
    }

    @Test
    void oldChangesAreForgotten() {
        for (int i = 1; i <= Topology.RECENT + 10; i++) {
            topology.put(node(alice, i, false));
            topology.publish();
        }
        assertNull(topology.snapshot().after(100));
        assertNull(topology.snapshot().after(109));
        assertNotNull(topology.snapshot().after(110));
        assertNull(topology.snapshot().after(topology.snapshot().revision()));
    }

    @Test
    void fromAnyRevisionTheChangesLeadToTheSameMesh() {
        Seeds.forEach(20, seeded -> {
            Topology subject = new Topology(mesh, 0, DerpMap.EMPTY);
            List<IdentityPrivateKey> keys = java.util.stream.Stream.generate(() -> IdentityPrivateKey.generate(seeded))
                    .limit(4)
                    .toList();
            Map<Long, Map<IdentityPublicKey, NodeRecord>> states = new HashMap<>();
            states.put(0L, Map.of());
            for (int step = 1; step < 40; step++) {
                for (int i = seeded.nextInt(4); i >= 0; i--) {
                    IdentityPrivateKey key = keys.get(seeded.nextInt(4));
                    if (seeded.nextInt(5) == 0) {
                        subject.remove(key.publicKey());
                    } else {
                        subject.put(node(key, 1 + seeded.nextInt(3), seeded.nextBoolean()));
                    }
                }
                TopologySnapshot snapshot = subject.publish();
                states.put(snapshot.revision(), records(snapshot));
            }
            long from = seeded.nextLong(subject.snapshot().revision() + 1);
            Map<IdentityPublicKey, NodeRecord> rebuilt = new HashMap<>(states.getOrDefault(from, Map.of()));
            for (WatchFrame.Delta delta = subject.snapshot().after(from);
                    delta != null;
                    delta = subject.snapshot().after(delta.revision())) {
                apply(delta, rebuilt);
            }
            assertEquals(records(subject.snapshot()), rebuilt);
        });
    }

    private static void apply(WatchFrame.Delta delta, Map<IdentityPublicKey, NodeRecord> nodes) {
        delta.changed().forEach(record -> nodes.put(KnownNode.verify(record).identity(), record));
        delta.removed().forEach(nodes::remove);
        delta.presence()
                .forEach(presence -> nodes.computeIfPresent(
                        presence.node(),
                        (_, record) -> record.withPresence(presence.online(), presence.lastSeenUnixMillis())));
    }

    private static Map<IdentityPublicKey, NodeRecord> records(TopologySnapshot snapshot) {
        Map<IdentityPublicKey, NodeRecord> records = new HashMap<>();
        snapshot.nodes().forEach((identity, node) -> records.put(identity, node.record()));
        return records;
    }

    private WatchFrame.Delta published() {
        return topology.publish().recent().getLast();
    }

    private KnownNode node(IdentityPrivateKey key, long sequence, boolean online) {
        byte[] keyBytes = key.publicKey().bytes();
        return node(key, sequence, online, List.of(DatedKey.unlimited(NodePublicKey.of(keyBytes))));
    }

    private KnownNode node(IdentityPrivateKey key, long sequence, boolean online, List<DatedKey> keys) {
        NodeStatement statement = new NodeStatement(
                mesh,
                key.publicKey(),
                sequence,
                keys,
                DiscoPrivateKey.generate(Seeds.random(1)).publicKey(),
                List.of(),
                0);
        @Nullable Long lastSeen = online ? 1L : null;
        NodeRecord record = new NodeRecord(
                "n",
                SignedNodeRecord.sign(statement, key),
                List.of(AddressText.parseIp("100.64.0.1")),
                List.of(),
                List.of(),
                1,
                online,
                lastSeen);
        return new KnownNode(record, statement);
    }
}
