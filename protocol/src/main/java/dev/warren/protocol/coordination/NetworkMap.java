package dev.warren.protocol.coordination;

import dev.warren.protocol.derp.DerpMap;
import java.util.List;

/**
 * The mesh as one node sees it: every record verified. Immutable.
 *
 * @param mesh which mesh
 * @param revision of the coordinator's state that this is
 * @param self the node itself
 * @param peers all others whose records hold, by name
 * @param relays where the relays are
 */
public record NetworkMap(MeshId mesh, long revision, KnownNode self, List<KnownNode> peers, DerpMap relays) {
    /** Copies the list. */
    public NetworkMap {
        peers = List.copyOf(peers);
    }
}
