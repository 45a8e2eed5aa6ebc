package dev.warren.protocol.wireguard;

import java.net.InetAddress;

/** Where a datagram arrived, as the owner of the socket knows it, so that the answer leaves from there. */
public interface SourceAddress {
    /** The address of this machine. */
    InetAddress address();

    /** The kernel's number of the interface; 0 leaves the way out to the routing table. */
    int interfaceIndex();
}
