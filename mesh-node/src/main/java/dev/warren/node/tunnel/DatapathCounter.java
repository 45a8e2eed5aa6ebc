package dev.warren.node.tunnel;

/** What a {@link Datapath} counts. Packets, where nothing else is said. */
public enum DatapathCounter {
    /** Pieces read from the TUN device, each of which may be cut into packets. */
    TUN_READ,
    /** Pieces of the TUN device that could not be cut: their header contradicts them. */
    TUN_MALFORMED,
    /** Written to it. */
    TUN_WRITTEN,
    /** Answers to packets that had nowhere to go, written to the device. */
    TUN_UNREACHABLE,
    /** Not taken by the kernel: interface down, or not an IP packet. */
    TUN_REFUSED,
    /** Joined packets that the kernel did not take as such: their parts were written singly, and so are all others since. */
    TUN_JOINED_REFUSED,
    /** Datagrams received. */
    UDP_RECEIVED,
    /** Datagrams longer than a slot, dropped. */
    UDP_TRUNCATED,
    /** Handshake messages that the kernel dropped before the socket, as more came than is read; counted once a second. */
    HANDSHAKES_TURNED_AWAY,
    /** Datagrams handed over for sending. */
    UDP_SENT,
    /** Datagrams that the kernel refused: no route, a firewall, too long. */
    UDP_REFUSED,
    /** Trains of datagrams that were too long for their way: they went singly, and shorter ones go there from then on. */
    UDP_TRAIN_REFUSED,
    /** How often the kernel took no trains of datagrams at all: all went singly from then on. */
    UDP_TRAINS_REFUSED,
    /** Messages that could not leave from the address that was asked for: they left from another. */
    UDP_SOURCE_REFUSED,
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
