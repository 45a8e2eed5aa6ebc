package dev.warren.protocol.coordination;

import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.IdentityPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What a node says of itself and signs: its keys and where it can be found.
 *
 * @param mesh the mesh it says this in, so that a statement cannot be carried into another one
 * @param identity whose statement this is
 * @param sequence grows with each statement of this identity; an older one never replaces a newer one
 * @param keys node keys, the current one first
 * @param discoKey new with each start of the node's process
 * @param endpoints UDP addresses at which the node may be reached, most promising first
 * @param homeRegion the relay region in which the node listens; 0 = none yet
 */
public record NodeStatement(
        MeshId mesh,
        IdentityPublicKey identity,
        long sequence,
        List<DatedKey> keys,
        DiscoPublicKey discoKey,
        List<InetSocketAddress> endpoints,
        int homeRegion) {
    /** The most endpoints in one statement. */
    public static final int MAX_ENDPOINTS = 64;

    /** The most node keys in one statement. */
    public static final int MAX_KEYS = 8;

    /** Checks the bounds; throws {@link CoordinationFormatException}. */
    public NodeStatement {
        Checks.positive("sequence", sequence);
        Checks.notNegative("homeRegion", homeRegion);
        keys = Checks.atMost("keys", MAX_KEYS, keys);
        endpoints = Checks.atMost("endpoints", MAX_ENDPOINTS, endpoints);
        if (keys.isEmpty()) {
            throw new CoordinationFormatException("field \"keys\" is empty; a node has at least one key");
        }
    }

    /** A statement about one key that has no limits in time. */
    public static NodeStatement of(
            MeshId mesh,
            IdentityPublicKey identity,
            long sequence,
            NodePublicKey nodeKey,
            DiscoPublicKey discoKey,
            List<InetSocketAddress> endpoints,
            int homeRegion) {
        List<DatedKey> keys = List.of(DatedKey.unlimited(nodeKey));
        return new NodeStatement(mesh, identity, sequence, keys, discoKey, endpoints, homeRegion);
    }

    /** The current node key. */
    public NodePublicKey nodeKey() {
        return keys.getFirst().key();
    }
}
