package dev.warren.node.offload;

/** Where things are in the headers (RFC 791, 8200, 9293, 768), in bytes from the beginning of each. */
final class Ip {
    static final int V4_HEADER = 20;
    static final int V4_MAX_HEADER = 60;
    static final int V4_TOTAL_LENGTH = 2;
    static final int V4_ID = 4;
    static final int V4_FRAGMENT = 6;
    static final int V4_TTL = 8;
    static final int V4_PROTOCOL = 9;
    static final int V4_CHECKSUM = 10;
    static final int V4_SOURCE = 12;
    static final int V4_DESTINATION = 16;
    /** "May be fragmented no further". */
    static final int V4_DONT_FRAGMENT = 0x4000;
    /** "More fragments", and where this one belongs. */
    static final int V4_IS_FRAGMENT = 0x3fff;

    static final int V6_HEADER = 40;
    static final int V6_PAYLOAD_LENGTH = 4;
    static final int V6_NEXT_HEADER = 6;
    static final int V6_SOURCE = 8;
    static final int V6_DESTINATION = 24;
    static final int V6_ADDRESS = 16;

    static final int TCP = 6;
    static final int TCP_HEADER = 20;
    static final int TCP_MAX_HEADER = 60;
    static final int TCP_SEQUENCE = 4;
    static final int TCP_ACKNOWLEDGED = 8;
    /** Four bits of header length in words, three reserved, nine flags. */
    static final int TCP_FLAGS = 12;

    static final int TCP_CHECKSUM = 16;

    static final int FIN = 0x01;
    static final int PSH = 0x08;
    static final int ACK = 0x10;
    /** "Congestion window reduced" (RFC 3168). */
    static final int CWR = 0x80;

    static final int UDP = 17;
    static final int UDP_HEADER = 8;
    static final int UDP_LENGTH = 4;
    static final int UDP_CHECKSUM = 6;

    /** What the length fields can say. */
    static final int MAX_LENGTH = 65_535;

    private Ip() {}
}
