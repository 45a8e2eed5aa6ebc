package dev.warren.protocol.simulation;

/** What became of a datagram. Each one that was sent has exactly one fate in the end. */
public enum Fate {
    /** A host's socket got it. */
    DELIVERED,
    /** The link's loss took it. */
    LOST,
    /** Larger than a link's MTU; nothing is fragmented. */
    TOO_BIG,
    /** A link lets no UDP through. */
    UDP_BLOCKED,
    /** A cut link, or a pair of addresses that is cut from one another. */
    CUT,
    /** Nobody has the destination address. */
    NO_ROUTE,
    /** The NAT has no mapping for the port, or it has expired. */
    NO_MAPPING,
    /** The NAT has the mapping, and its filter refuses this sender. */
    FILTERED,
    /** From inside to the NAT's own address, and it does no hairpinning. */
    NO_HAIRPIN,
    /** The host's firewall knows of no such flow. */
    FIREWALLED,
    /** The host has no socket at that port. */
    NO_SOCKET
}
