package dev.warren.protocol.simulation;

import java.net.InetSocketAddress;

/**
 * A UDP datagram under way. Whoever receives it owns the payload.
 *
 * @param source as it stands in the header now: NATs rewrite it
 * @param destination as it stands in the header now
 * @param payload the content
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; the array is handed on, not shared
public record Datagram(InetSocketAddress source, InetSocketAddress destination, byte[] payload) {
    private static final int UDP_HEADER = 8;
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;

    /** The same content from elsewhere. */
    Datagram from(InetSocketAddress other) {
        return new Datagram(other, destination, payload);
    }

    /** The same content to elsewhere. */
    Datagram to(InetSocketAddress other) {
        return new Datagram(source, other, payload);
    }

    /** Bytes with the headers of IP and UDP: what an MTU is compared with. */
    int packetBytes() {
        int ip = destination.getAddress().getAddress().length == 4 ? IPV4_HEADER : IPV6_HEADER;
        return ip + UDP_HEADER + payload.length;
    }
}
