package dev.warren.node.control;

import dev.warren.protocol.coordination.CoordinationFormatException;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.coordination.NetworkMap;
import dev.warren.protocol.coordination.NodeRecord;
import dev.warren.protocol.coordination.Presence;
import dev.warren.protocol.coordination.WatchFrame;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The mesh as the watch's frames build it up. Takes a record only when its signature is its identity's, it speaks of
 * this mesh, its identity is the one first seen behind its addresses, and it is not older than the one held. What is
 * refused is counted and told once per reason. Pure; not thread-safe.
 */
final class MapMirror {
    private static final long NO_REVISION = 0;

    private final MeshId mesh;
    private final IdentityPublicKey self;
    private final PeerPins pins;
    private final Refusals refusals;
    private final Set<String> told = new HashSet<>();
    private final Map<IdentityPublicKey, KnownNode> nodes = new HashMap<>();
    private final Map<NodePublicKey, IdentityPublicKey> keyOwners = new HashMap<>();
    private long revision = NO_REVISION;
    private DerpMap relays = DerpMap.EMPTY;
    private long refused;
    private boolean pinsChanged;

    /** Hears of records that were refused, once each. */
    interface Refusals {
        /** {@code sentence} says whose record and why. */
        void refused(String sentence);
    }

    MapMirror(MeshId mesh, IdentityPublicKey self, PeerPins pins, Refusals refusals) {
        this.mesh = mesh;
        this.self = self;
        this.pins = pins;
        this.refusals = refusals;
    }

    /** The revision to ask the next watch for; 0 = everything. */
    long revision() {
        return revision;
    }

    /** Records that were refused so far. */
    long refusedCount() {
        return refused;
    }

    /** Whether pins were added since this was asked last. */
    boolean takePinsChanged() {
        boolean was = pinsChanged;
        pinsChanged = false;
        return was;
    }

    /** Who was seen behind which address, for the state folder. */
    PeerPins.Held pins() {
        return pins.held();
    }

    /** What holds after {@code frame}, or null when it changed nothing; throws when it cannot follow the one before. */
    @Nullable
    NetworkMap apply(WatchFrame frame) {
        return switch (frame) {
            case WatchFrame.Full full -> applyFull(full);
            case WatchFrame.Delta delta -> applyDelta(delta);
            case WatchFrame.KeepAlive _, WatchFrame.Unknown _ -> null;
        };
    }

    /** The whole state as one frame, for the state folder; null before there is any. */
    WatchFrame.@Nullable Full toFrame() {
        KnownNode me = nodes.get(self);
        return me == null
                ? null
                : new WatchFrame.Full(
                        revision,
                        mesh,
                        me.record(),
                        peers().map(KnownNode::record).toList(),
                        relays);
    }

    private @Nullable NetworkMap applyFull(WatchFrame.Full full) {
        if (!full.mesh().equals(mesh)) {
            throw new CoordinationFormatException("the coordinator sent the map of another mesh");
        }
        Map<IdentityPublicKey, KnownNode> old = Map.copyOf(nodes);
        nodes.clear();
        keyOwners.clear();
        take(full.self(), old);
        full.peers().forEach(record -> take(record, old));
        revision = full.revision();
        relays = full.relays();
        return map();
    }

    private @Nullable NetworkMap applyDelta(WatchFrame.Delta delta) {
        if (delta.from() != revision) {
            revision = NO_REVISION;
            throw new CoordinationFormatException(
                    "the coordinator sent a change that does not follow what was there; asking for everything");
        }
        delta.changed().forEach(record -> take(record, nodes));
        delta.removed().forEach(this::remove);
        delta.presence().forEach(this::applyPresence);
        relays = delta.relays() == null ? relays : delta.relays();
        revision = delta.revision();
        return map();
    }

    private void applyPresence(Presence presence) {
        nodes.computeIfPresent(
                presence.node(),
                (_, node) -> new KnownNode(
                        node.record().withPresence(presence.online(), presence.lastSeenUnixMillis()),
                        node.statement()));
    }

    /** Takes {@code record}, or keeps what {@code old} has of its identity. */
    private void take(NodeRecord record, Map<IdentityPublicKey, KnownNode> old) {
        KnownNode node;
        try {
            node = KnownNode.verify(record);
        } catch (CoordinationFormatException bad) {
            refuse("the record of " + record.name() + " was refused: " + bad.getMessage());
            return;
        }
        KnownNode held = old.get(node.identity());
        if (!node.statement().mesh().equals(mesh)) {
            refuse("the record of " + record.name() + " was refused: it was signed for another mesh");
        } else if (!pins.accepts(node)) {
            refuse("the record of " + record.name() + " was refused: its identity "
                    + node.identity().shortText()
                    + " is not the one first seen behind "
                    + node.addresses().getFirst().getHostAddress()
                    + "; if that machine was really replaced, remove peers.json from the state folder");
        } else if (held != null
                && node.statement().sequence() < held.statement().sequence()) {
            refuse("an old record of " + record.name() + " was refused: the coordinator sent a newer one before");
            put(held);
        } else if (!keyOwners.getOrDefault(node.nodeKey(), node.identity()).equals(node.identity())) {
            refuse("the record of " + record.name() + " was refused: it has another node's key");
        } else {
            pinsChanged |= pins.pin(node);
            put(node);
        }
    }

    private void put(KnownNode node) {
        remove(node.identity());
        nodes.put(node.identity(), node);
        keyOwners.put(node.nodeKey(), node.identity());
    }

    private void remove(IdentityPublicKey identity) {
        KnownNode old = nodes.remove(identity);
        if (old != null) {
            keyOwners.remove(old.nodeKey(), identity);
        }
    }

    private void refuse(String sentence) {
        refused++;
        if (told.add(sentence)) {
            refusals.refused(sentence);
        }
    }

    private @Nullable NetworkMap map() {
        KnownNode me = nodes.get(self);
        if (me == null) {
            throw new CoordinationFormatException("the coordinator's map does not have this node itself in it");
        }
        List<KnownNode> peers = peers().toList();
        return new NetworkMap(mesh, revision, me, peers, relays);
    }

    private Stream<KnownNode> peers() {
        return nodes.values().stream()
                .filter(node -> !node.identity().equals(self))
                .sorted(Comparator.comparing(KnownNode::name));
    }
}
