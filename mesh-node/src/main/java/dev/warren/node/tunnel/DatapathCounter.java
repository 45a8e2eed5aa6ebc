package dev.warren.node.tunnel;

/** What a {@link Datapath} counts. Packets, where nothing else is said. */
public enum DatapathCounter {
    /** Read from the TUN device. */
    TUN_READ,
    /** Written to it. */
    TUN_WRITTEN,
    /** Not taken by the kernel: interface down, or not an IP packet. */
    TUN_REFUSED,
    /** Datagrams received. */
    UDP_RECEIVED,
    /** Datagrams longer than a slot, dropped. */
    UDP_TRUNCATED,
    /** Datagrams handed over for sending. */
    UDP_SENT,
    /** Datagrams that the kernel refused: no route, a firewall, too long. */
    UDP_REFUSED,
    /** Datagrams dropped because the socket's buffer and the slab were full. */
    UDP_OVERFLOW,
    /** Taken from the relay queue. */
    RELAY_RECEIVED,
    /** Dropped because the relay queue was full. */
    RELAY_OVERFLOW,
    /** Commands refused because the command queue was full or the datapath had ended. */
    COMMAND_REFUSED,
    /** Turns of the loop that ended with an unexpected exception. */
    FAILED_TURN
}
