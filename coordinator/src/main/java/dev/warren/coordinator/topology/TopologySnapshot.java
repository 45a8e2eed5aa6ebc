package dev.warren.coordinator.topology;

import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.coordination.NodeRecord;
import dev.warren.protocol.coordination.WatchFrame;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The mesh at one revision. Immutable.
 *
 * @param mesh which mesh
 * @param revision grows by each change, over restarts too
 * @param nodes by identity
 * @param byKey whose node key it is
 * @param relays where the relays are
 * @param recent the last changes that led here, oldest first, each building on the one before
 */
public record TopologySnapshot(
        MeshId mesh,
        long revision,
        Map<IdentityPublicKey, KnownNode> nodes,
        Map<NodePublicKey, IdentityPublicKey> byKey,
        DerpMap relays,
        List<WatchFrame.Delta> recent) {
    /** Copies the collections. */
    public TopologySnapshot {
        nodes = Map.copyOf(nodes);
        byKey = Map.copyOf(byKey);
        recent = List.copyOf(recent);
    }

    /** Whether a relay may serve the holder of {@code key}: it is a member's, and valid at {@code unixMillis}. */
    public boolean admits(NodePublicKey key, long unixMillis) {
        IdentityPublicKey owner = byKey.get(key);
        KnownNode node = owner == null ? null : nodes.get(owner);
        return node != null
                && node.statement().keys().stream()
                        .anyMatch(dated -> dated.key().equals(key) && dated.validAt(unixMillis));
    }

    /** The whole mesh as {@code viewer} sees it; null when it is no member. */
    public WatchFrame.@Nullable Full full(IdentityPublicKey viewer) {
        KnownNode self = nodes.get(viewer);
        if (self == null) {
            return null;
        }
        List<NodeRecord> peers = new ArrayList<>(nodes.size());
        nodes.forEach((identity, node) -> {
            if (!identity.equals(viewer)) {
                peers.add(node.record());
            }
        });
        return new WatchFrame.Full(revision, mesh, self.record(), peers, relays);
    }

    /** The change that builds on {@code from}, or null when it is not among the recent ones. */
    public WatchFrame.@Nullable Delta after(long from) {
        int low = 0;
        int high = recent.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            WatchFrame.Delta delta = recent.get(middle);
            if (delta.from() == from) {
                return delta;
            }
            if (delta.from() < from) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }
}
