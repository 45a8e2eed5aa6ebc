package dev.warren.node.control;

import dev.warren.protocol.coordination.NetworkMap;

/** Hears from the coordinator. Both methods are called on the client's own thread, one call at a time. */
public interface CoordinatorListener {
    /** The mesh as it is now, every record verified; the first call may be what was kept from the last run. */
    void networkMap(NetworkMap map);

    /** Whether the coordinator is there; {@code detail} is a sentence for people. */
    void state(boolean connected, String detail);
}
