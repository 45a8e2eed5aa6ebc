package dev.warren.node.tunnel;

import dev.warren.protocol.key.NodePublicKey;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** What {@link RelayQueue#take} gives: one packet, in memory that is used again. */
final class RelayPacket {
    final MemorySegment buffer;
    long offset;
    int region;
    int length;

    @Nullable
    NodePublicKey source;

    RelayPacket(MemorySegment buffer) {
        this.buffer = buffer;
    }
}
