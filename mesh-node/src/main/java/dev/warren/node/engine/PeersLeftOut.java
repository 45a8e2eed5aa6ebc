package dev.warren.node.engine;

import dev.warren.protocol.key.NodePublicKey;
import java.util.HashSet;
import java.util.Set;

/** The coordinator's peers for which the device has no room: each is counted once, and users are told when they change. */
final class PeersLeftOut {
    private final MeshEngine.Ports ports;
    private final EngineCounters counters;
    private Set<NodePublicKey> before = Set.of();
    private Set<NodePublicKey> found = new HashSet<>();

    PeersLeftOut(MeshEngine.Ports ports, EngineCounters counters) {
        this.ports = ports;
        this.counters = counters;
    }

    /** There was no room for this one. */
    void add(NodePublicKey key) {
        found.add(key);
        if (!before.contains(key)) {
            counters.add(EngineCounter.DROPPED_PEER_WITHOUT_ROOM);
        }
    }

    /** All peers have been looked at. */
    void end() {
        if (!found.equals(before)) {
            ports.peersLeftOut(found.size());
        }
        before = found;
        found = new HashSet<>();
    }
}
