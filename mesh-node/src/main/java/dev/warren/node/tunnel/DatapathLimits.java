package dev.warren.node.tunnel;

/**
 * Bounds of a {@link Datapath}.
 *
 * @param batchPackets how many datagrams one system call moves at most
 * @param datagramBytes the longest datagram; longer ones are dropped and counted
 * @param relayQueueBytes how much may wait that came from relays
 * @param relayQueuePackets how many packets that may be
 * @param commands how many commands may wait
 */
public record DatapathLimits(
        int batchPackets, int datagramBytes, int relayQueueBytes, int relayQueuePackets, int commands) {
    /**
     * 64 a call, where longer batches gain little; datagrams up to a jumbo frame; 2 MiB from relays, which is 16 ms at
     * 1 Gbit/s, in packets of 512 bytes and up.
     */
    public static final DatapathLimits DEFAULT = new DatapathLimits(64, 9216, 2 << 20, 4096, 1024);
}
