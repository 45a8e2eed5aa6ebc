package dev.warren.node.tunnel;

import dev.warren.node.engine.MeshEngine;
import java.util.Set;

/** What an engine has to do with handshake messages, which are read and worked on in their own part of the time. */
public interface HandshakeWork {
    /** Of an engine that has none. */
    HandshakeWork NONE = new HandshakeWork() {};

    /** Whether messages wait that {@link PacketEngine#onUdp} or {@link PacketEngine#onRelay} brought. */
    default boolean isWaiting() {
        return false;
    }

    /** Works on one of them; false when none waits. */
    default boolean workOnOne(long nowNanos) {
        return false;
    }

    /** A view of the sources from which peers are expected, as {@code wireguard.KnownSources} numbers them. */
    default Set<Long> expectedSources() {
        return Set.of();
    }

    /** The kernel has turned some away, as they were too many. */
    default void turnedAway(long nowNanos) {}

    /** The mesh's. */
    record OfMesh(MeshEngine engine) implements HandshakeWork {
        @Override
        public boolean isWaiting() {
            return engine.device().waitingHandshakes() > 0;
        }

        @Override
        public boolean workOnOne(long nowNanos) {
            return engine.workOnHandshake(nowNanos);
        }

        @Override
        public Set<Long> expectedSources() {
            return engine.device().knownSources().numbers();
        }

        @Override
        public void turnedAway(long nowNanos) {
            engine.device().handshakesTurnedAway(nowNanos);
        }
    }
}
