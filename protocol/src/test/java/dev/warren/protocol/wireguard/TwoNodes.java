package dev.warren.protocol.wireguard;

import static dev.warren.protocol.wireguard.VirtualLink.SECOND;

/** What tests of one session begin with: two nodes that are each other's peers, on a link, and a packet each way. */
abstract class TwoNodes {
    static final long DELAY = 20_000_000L;

    final TestNode a = new TestNode(1);
    final TestNode b = new TestNode(2);
    final Peer bAtA = a.add(b, "10.0.0.2/32");
    final Peer aAtB = b.add(a, "10.0.0.1/32");
    final VirtualLink link = new VirtualLink(a, b, DELAY, SECOND);
    final byte[] toB = Packets.ipv4("10.0.0.1", "10.0.0.2", 84);
    final byte[] toA = Packets.ipv4("10.0.0.2", "10.0.0.1", 84);
}
