package dev.warren.node.tunnel;

/**
 * Bounds of a {@link Datapath}.
 *
 * @param receiveSlots how many pieces one system call brings at most, each up to 64 KB of datagrams of one length
 * @param batchPackets how many pieces one system call sends at most
 * @param copiedBytes how much may wait for sending that does not lie in the packets' own slab: handshakes, disco
 * @param relayQueueBytes how much may wait that came from relays
 * @param relayQueuePackets how many packets that may be
 * @param commands how many commands may wait
 */
public record DatapathLimits(
        int receiveSlots, int batchPackets, int copiedBytes, int relayQueueBytes, int relayQueuePackets, int commands) {
    /**
     * Eight pieces a call, which is 512 KB and stays in the cache; 64 to send; 4 MiB from relays, which is 16 ms at
     * 2 Gbit/s, in packets of 1 KiB and up.
     */
    public static final DatapathLimits DEFAULT = new DatapathLimits(8, 64, 256 << 10, 4 << 20, 4096, 1024);
}
