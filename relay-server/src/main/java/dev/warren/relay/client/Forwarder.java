package dev.warren.relay.client;

import dev.warren.relay.client.RelayMetrics.Kind;
import io.netty.buffer.ByteBuf;

/** A way to clients of another relay of the region. */
public interface Forwarder {
    /**
     * Takes over {@code payload}, which is a SEND_PACKET's: the destination's key and the packet. Never waits. Any
     * thread.
     *
     * @param source the 32 bytes of the sender's key
     */
    void forward(byte[] source, ByteBuf payload, Kind kind);
}
