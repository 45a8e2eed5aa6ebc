package dev.warren.coordinator.topology;

import dev.warren.protocol.coordination.DatedKey;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.coordination.NodeRecord;
import dev.warren.protocol.coordination.Presence;
import dev.warren.protocol.coordination.WatchFrame;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Collects changes of the mesh and publishes them as one new snapshot each time it is told to. The collecting methods
 * belong to one thread; {@link #snapshot} is for all.
 */
public final class Topology {
    /** Changes wait for others at most this long (nat-traversal.md section 10, point 10: 100 ms or less). */
    public static final long COALESCE_MILLIS = 50;

    /** A watcher that is further behind gets the whole mesh: past this many changes that is the smaller one. */
    static final int RECENT = 256;

    private final Map<IdentityPublicKey, KnownNode> nodes = new HashMap<>();
    private final Map<NodePublicKey, IdentityPublicKey> byKey = new HashMap<>();
    private final Set<IdentityPublicKey> changed = new LinkedHashSet<>();
    private final Set<IdentityPublicKey> removed = new LinkedHashSet<>();
    private final Set<IdentityPublicKey> presence = new LinkedHashSet<>();
    private DerpMap relays;
    private volatile TopologySnapshot snapshot;

    /** An empty mesh at {@code revision}. */
    public Topology(MeshId mesh, long revision, DerpMap relays) {
        this.relays = relays;
        this.snapshot = new TopologySnapshot(mesh, revision, Map.of(), Map.of(), relays, List.of());
    }

    /** What was published last. */
    public TopologySnapshot snapshot() {
        return snapshot;
    }

    /** A node is new, or its record is another one. */
    public void put(KnownNode node) {
        forgetKeys(node.identity());
        for (DatedKey key : node.statement().keys()) {
            byKey.put(key.key(), node.identity());
        }
        KnownNode old = nodes.put(node.identity(), node);
        if (!node.equals(old)) {
            boolean samePlace = old != null && old.record().equals(withPresenceOf(node.record(), old.record()));
            (samePlace ? presence : changed).add(node.identity());
            removed.remove(node.identity());
        }
    }

    /** A node left. */
    public void remove(IdentityPublicKey identity) {
        forgetKeys(identity);
        if (nodes.remove(identity) != null) {
            changed.remove(identity);
            presence.remove(identity);
            removed.add(identity);
        }
    }

    /** The relays are these now. */
    public void putRelays(DerpMap now) {
        relays = now;
    }

    /** Whether anything waits to be published. */
    public boolean hasChanges() {
        return !changed.isEmpty() || !removed.isEmpty() || !presence.isEmpty() || !relays.equals(snapshot.relays());
    }

    /** Publishes what was collected as the next snapshot, with the change that leads to it. */
    public TopologySnapshot publish() {
        if (!hasChanges()) {
            return snapshot;
        }
        TopologySnapshot old = snapshot;
        presence.removeAll(changed);
        WatchFrame.Delta delta = new WatchFrame.Delta(
                old.revision(),
                old.revision() + 1,
                changed.stream().map(identity -> node(identity).record()).toList(),
                List.copyOf(removed),
                presence.stream().map(this::presenceOf).toList(),
                relays.equals(old.relays()) ? null : relays);
        changed.clear();
        removed.clear();
        presence.clear();
        List<WatchFrame.Delta> recent = new ArrayList<>(old.recent());
        recent.add(delta);
        if (recent.size() > RECENT) {
            recent.removeFirst();
        }
        snapshot = new TopologySnapshot(old.mesh(), delta.revision(), nodes, byKey, relays, recent);
        return snapshot;
    }

    private void forgetKeys(IdentityPublicKey identity) {
        KnownNode old = nodes.get(identity);
        if (old != null) {
            for (DatedKey key : old.statement().keys()) {
                byKey.remove(key.key(), identity);
            }
        }
    }

    private KnownNode node(IdentityPublicKey identity) {
        KnownNode node = nodes.get(identity);
        if (node == null) {
            throw new IllegalStateException("a changed node is in the mesh");
        }
        return node;
    }

    private Presence presenceOf(IdentityPublicKey identity) {
        NodeRecord record = node(identity).record();
        return new Presence(identity, record.online(), record.lastSeenUnixMillis());
    }

    private static NodeRecord withPresenceOf(NodeRecord record, NodeRecord other) {
        return record.withPresence(other.online(), other.lastSeenUnixMillis());
    }
}
