package dev.warren.relay.client;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.client.RelayMetrics.Drop;
import java.util.Map;

/**
 * One connection that is logged in, as an operator sees it.
 *
 * @param address where it comes from, {@code IP:PORT}
 * @param sinceUnixMillis when it logged in
 * @param queuedBytes what waits for it, in its queues and in its channel
 * @param drops of packets from it and for it, by reason
 */
public record ConnectionStatus(
        NodePublicKey key,
        String address,
        long sinceUnixMillis,
        Flags flags,
        Traffic received,
        Traffic sent,
        long queuedBytes,
        Map<Drop, Long> drops) {
    /**
     * What is special about it.
     *
     * @param home whether the relay is its home
     * @param duplicate whether others have its key
     * @param overRate whether it is not read from at the moment, as it is over its rate
     */
    public record Flags(boolean home, boolean duplicate, boolean overRate) {}

    /** Packets, and their bytes without keys and headers. */
    public record Traffic(long packets, long bytes) {}
}
