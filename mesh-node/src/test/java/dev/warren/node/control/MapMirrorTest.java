package dev.warren.node.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.coordination.AddressText;
import dev.warren.protocol.coordination.CoordinationFormatException;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.coordination.NetworkMap;
import dev.warren.protocol.coordination.NodeRecord;
import dev.warren.protocol.coordination.NodeStatement;
import dev.warren.protocol.coordination.Presence;
import dev.warren.protocol.coordination.SignedNodeRecord;
import dev.warren.protocol.coordination.WatchFrame;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.IdentityPrivateKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Seeds;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MapMirrorTest {
    private final RandomGenerator random = Seeds.random(1);
    private final MeshId mesh = MeshId.generate(random);
    private final Machine me = new Machine("me", "100.64.0.1");
    private final Machine a = new Machine("a", "100.64.0.2");
    private final Machine b = new Machine("b", "100.64.0.3");
    private final List<String> told = new ArrayList<>();
    private final PeerPins pins = new PeerPins(PeerPins.Held.NONE);
    private final MapMirror mirror = mirror(pins);

    private final class Machine {
        final IdentityPrivateKey identity = IdentityPrivateKey.generate(random);
        NodePublicKey nodeKey = NodePrivateKey.generate(random).publicKey();
        MeshId statedMesh = mesh;
        final String name;
        String address;
        long sequence = 10;
        int homeRegion = 900;

        Machine(String name, String address) {
            this.name = name;
            this.address = address;
        }

        NodeRecord record() {
            NodeStatement statement = NodeStatement.of(
                    statedMesh,
                    identity.publicKey(),
                    sequence,
                    nodeKey,
                    DiscoPrivateKey.generate(random).publicKey(),
                    List.of(),
                    homeRegion);
            return record(SignedNodeRecord.sign(statement, identity));
        }

        NodeRecord record(SignedNodeRecord signed) {
            InetAddress ip = AddressText.parseIp(address);
            return new NodeRecord(name, signed, List.of(ip), List.of(IpPrefix.host(ip)), List.of(), 1, true, null);
        }
    }

    @Test
    void aFullFrameIsTheMap() {
        NetworkMap map = map(full(5, b.record(), a.record()));
        assertEquals("me", map.self().name());
        assertEquals(List.of("a", "b"), names(map));
        assertEquals(5, mirror.revision());
        assertTrue(mirror.takePinsChanged());
        assertFalse(mirror.takePinsChanged());
    }

    @Test
    void deltasChangeIt() {
        map(full(5, a.record()));
        assertEquals(List.of("a", "b"), names(map(delta(5, List.of(b.record())))));
        a.sequence++;
        a.homeRegion = 901;
        assertEquals(901, peer(map(delta(6, List.of(a.record()))), "a").homeRegion());
        NetworkMap left = map(new WatchFrame.Delta(7, 8, List.of(), List.of(a.identity.publicKey()), List.of(), null));
        assertEquals(List.of("b"), names(left));
    }

    @Test
    void presenceChangesAlone() {
        map(full(5, a.record()));
        Presence gone = new Presence(a.identity.publicKey(), false, 77L);
        NetworkMap map = map(new WatchFrame.Delta(5, 6, List.of(), List.of(), List.of(gone), null));
        assertFalse(peer(map, "a").online());
        assertEquals(77, peer(map, "a").record().lastSeenUnixMillis());
    }

    @Test
    void relaysStayUntilTheyChange() {
        DerpMap relays = DerpMap.of(List.of(RelaySpec.parse("900=192.0.2.1:443")));
        map(full(5));
        assertEquals(
                relays,
                map(new WatchFrame.Delta(5, 6, List.of(), List.of(), List.of(), relays))
                        .relays());
        assertEquals(
                relays,
                map(new WatchFrame.Delta(6, 7, List.of(), List.of(), List.of(), null))
                        .relays());
    }

    @Test
    void keepAlivesAndUnknownFramesChangeNothing() {
        map(full(5));
        assertNull(mirror.apply(new WatchFrame.KeepAlive(5)));
        assertNull(mirror.apply(new WatchFrame.Unknown()));
    }

    @Test
    void aGapAsksForEverything() {
        map(full(5));
        assertThrows(CoordinationFormatException.class, () -> mirror.apply(delta(6, List.of())));
        assertEquals(0, mirror.revision());
    }

    @Test
    void aRecordWithABrokenSignatureIsRefusedAndCountedAndToldOnce() {
        SignedNodeRecord genuine = a.record().signed();
        NodeRecord forged = a.record(new SignedNodeRecord(
                genuine.payload().replace("\"homeRegion\":900", "\"homeRegion\":901"), genuine.signature()));
        assertEquals(List.of("b"), names(map(full(5, forged, b.record()))));
        map(delta(5, List.of(forged)));
        assertEquals(2, mirror.refusedCount());
        assertEquals(1, told.size());
        assertTrue(told.getFirst().contains("not signed by that identity"), told::getFirst);
    }

    @Test
    void aGoodRecordStaysWhenABrokenOneComes() {
        map(full(5, a.record()));
        NodeRecord broken = a.record(new SignedNodeRecord(a.record().signed().payload(), "AAAA"));
        assertEquals(List.of("a"), names(map(delta(5, List.of(broken)))));
    }

    @Test
    void anotherMachineBehindAKnownAddressIsRefused() {
        map(full(5, a.record()));
        Machine impostor = new Machine("a", a.address);
        NetworkMap map = map(delta(5, List.of(impostor.record())));
        assertEquals(a.identity.publicKey(), peer(map, "a").identity());
        assertEquals(1, mirror.refusedCount());
        assertTrue(told.getFirst().contains("is not the one first seen"), told::getFirst);
    }

    @Test
    void thePinsOutliveTheProcess() {
        map(full(5, a.record()));
        Machine impostor = new Machine("a", a.address);
        MapMirror later = mirror(new PeerPins(mirror.pins()));
        NetworkMap map = later.apply(full(9, impostor.record()));
        assertEquals(List.of(), map == null ? null : names(map));
        assertEquals(1, later.refusedCount());
    }

    @Test
    void aNodeMayMoveToANewKeyButNotToAnothersKey() {
        map(full(5, a.record(), b.record()));
        a.nodeKey = NodePrivateKey.generate(random).publicKey();
        a.sequence++;
        assertEquals(a.nodeKey, peer(map(delta(5, List.of(a.record()))), "a").nodeKey());
        NodePublicKey own = b.nodeKey;
        b.nodeKey = a.nodeKey;
        b.sequence++;
        assertEquals(own, peer(map(delta(6, List.of(b.record()))), "b").nodeKey());
        assertEquals(1, mirror.refusedCount());
    }

    @Test
    void anOldRecordDoesNotComeBack() {
        NodeRecord old = a.record();
        a.sequence++;
        a.homeRegion = 901;
        map(full(5, a.record()));
        assertEquals(901, peer(map(delta(5, List.of(old))), "a").homeRegion());
        assertEquals(901, peer(map(full(7, old)), "a").homeRegion());
        assertEquals(2, mirror.refusedCount());
    }

    @Test
    void recordsOfAnotherMeshAreRefused() {
        a.statedMesh = MeshId.generate(random);
        assertEquals(List.of(), names(map(full(5, a.record()))));
        assertEquals(1, mirror.refusedCount());
    }

    @Test
    void theMapOfAnotherMeshIsRefused() {
        WatchFrame.Full other = new WatchFrame.Full(5, MeshId.generate(random), me.record(), List.of(), DerpMap.EMPTY);
        assertThrows(CoordinationFormatException.class, () -> mirror.apply(other));
    }

    @Test
    void aMapWithoutTheNodeItselfIsRefused() {
        WatchFrame.Full wrong = new WatchFrame.Full(5, mesh, a.record(), List.of(), DerpMap.EMPTY);
        assertThrows(CoordinationFormatException.class, () -> mirror.apply(wrong));
    }

    @Test
    void whatIsKeptIsWhatHolds() {
        map(full(5, a.record()));
        NetworkMap now = map(delta(5, List.of(b.record())));
        MapMirror later = mirror(new PeerPins(PeerPins.Held.NONE));
        WatchFrame.Full kept = mirror.toFrame();
        assertEquals(now, kept == null ? null : later.apply(kept));
        assertNull(mirror(pins).toFrame());
    }

    private MapMirror mirror(PeerPins from) {
        return new MapMirror(mesh, me.identity.publicKey(), from, told::add);
    }

    private WatchFrame.Full full(long revision, NodeRecord... peers) {
        return new WatchFrame.Full(revision, mesh, me.record(), List.of(peers), DerpMap.EMPTY);
    }

    private static WatchFrame.Delta delta(long from, List<NodeRecord> changed) {
        return new WatchFrame.Delta(from, from + 1, changed, List.of(), List.of(), null);
    }

    private NetworkMap map(WatchFrame frame) {
        NetworkMap map = mirror.apply(frame);
        if (map == null) {
            throw new AssertionError("the frame changed nothing");
        }
        return map;
    }

    private static List<String> names(NetworkMap map) {
        return map.peers().stream().map(KnownNode::name).toList();
    }

    private static KnownNode peer(NetworkMap map, String name) {
        return map.peers().stream()
                .filter(peer -> peer.name().equals(name))
                .findAny()
                .orElseThrow();
    }
}
