package dev.warren.node.control;

import dev.warren.protocol.coordination.MeshId;
import dev.warren.protocol.coordination.NodeStatement;
import dev.warren.protocol.coordination.SignedNodeRecord;
import dev.warren.protocol.key.DiscoPublicKey;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What this node says of itself, signed anew with each change. For several threads. */
final class OwnRecord {
    private final NodeState state;
    private final MeshId mesh;
    private final DiscoPublicKey discoKey;
    private long sequence; // guarded by this, as all below
    private List<InetSocketAddress> endpoints = List.of();
    private int homeRegion;
    private @Nullable SignedNodeRecord signed;

    OwnRecord(NodeState state, MeshId mesh, DiscoPublicKey discoKey) {
        this.state = state;
        this.mesh = mesh;
        this.discoKey = discoKey;
    }

    /** Takes in where the node may be reached now; false when that is what it says already. */
    synchronized boolean change(List<InetSocketAddress> newEndpoints, int newHomeRegion) {
        List<InetSocketAddress> bounded =
                newEndpoints.stream().limit(NodeStatement.MAX_ENDPOINTS).toList();
        if (bounded.equals(endpoints) && newHomeRegion == homeRegion) {
            return false;
        }
        endpoints = bounded;
        homeRegion = newHomeRegion;
        signed = null;
        return true;
    }

    /** The coordinator holds a statement with {@code held}: the next one is newer. */
    synchronized void skipTo(long held) {
        sequence = Math.max(sequence, held);
        signed = null;
    }

    /** The statement with the newest content. Its sequence is the wall clock unless that went back. */
    synchronized SignedNodeRecord signed() {
        if (signed == null) {
            sequence = Math.max(sequence + 1, System.currentTimeMillis());
            NodeStatement statement = NodeStatement.of(
                    mesh,
                    state.identity().publicKey(),
                    sequence,
                    state.nodeKey().publicKey(),
                    discoKey,
                    endpoints,
                    homeRegion);
            signed = SignedNodeRecord.sign(statement, state.identity());
        }
        return signed;
    }

    /** Whether what the coordinator holds is not what the node says. */
    synchronized boolean isNewerThan(NodeStatement held) {
        return !held.endpoints().equals(endpoints)
                || held.homeRegion() != homeRegion
                || !held.discoKey().equals(discoKey);
    }
}
