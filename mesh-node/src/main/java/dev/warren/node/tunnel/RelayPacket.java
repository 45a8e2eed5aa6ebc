package dev.warren.node.tunnel;

import dev.warren.protocol.key.NodePublicKey;
import org.jspecify.annotations.Nullable;

/** What {@link RelayQueue#take} gives: one packet, in a buffer that is used again for the next. */
final class RelayPacket {
    final byte[] buffer;
    final int offset;
    int region;
    int length;

    @Nullable
    NodePublicKey source;

    RelayPacket(byte[] buffer, int offset) {
        this.buffer = buffer;
        this.offset = offset;
    }
}
