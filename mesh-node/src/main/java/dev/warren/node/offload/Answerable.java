package dev.warren.node.offload;

import java.lang.foreign.MemorySegment;

/**
 * Which packets an ICMP error may be sent for (RFC 1812 section 4.3.2.7, RFC 4443 section 2.4 e): never for another
 * error, a fragment behind the first, or anything to or from more than one host; else two machines could keep each other
 * busy, or one packet make many answer.
 */
final class Answerable {
    private static final int PROTOCOL_ICMP = 1;
    private static final int PROTOCOL_ICMPV6 = 58;
    /** Echo, router discovery, timestamp, information, address mask, each with its reply. */
    private static final int V4_QUERIES = 0x7e701;

    private static final int V4_FRAGMENT_OFFSET = 0x1fff;
    private static final int V4_LOOPBACK = 127;
    /** From here on: multicast, reserved, broadcast. */
    private static final int V4_FIRST_MULTICAST = 224;

    private static final int V6_MULTICAST = 0xff;
    /** All below are errors. */
    private static final int V6_FIRST_QUERY = 128;
    /** Not an error, but not to be answered either. */
    private static final int V6_REDIRECT = 137;

    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int AUTHENTICATION = 51;
    private static final int DESTINATION_OPTIONS = 60;
    private static final int V6_FRAGMENT_OFFSET = 0xfff8;
    /** A packet with more extension headers is none that wants an answer. */
    private static final int MAX_EXTENSIONS = 16;

    private Answerable() {}

    static boolean isV4(MemorySegment memory, long packet, int length) {
        int header = (Octets.u8(memory, packet) & 0xf) << 2;
        int stated = Octets.u16(memory, packet + Ip.V4_TOTAL_LENGTH);
        if (header < Ip.V4_HEADER
                || header > stated
                || stated > length
                || InternetChecksum.sum(memory, packet, header) != 0xffff
                || (Octets.u16(memory, packet + Ip.V4_FRAGMENT) & V4_FRAGMENT_OFFSET) != 0) {
            return false;
        }
        int source = Octets.u8(memory, packet + Ip.V4_SOURCE);
        if (source == 0
                || source == V4_LOOPBACK
                || source >= V4_FIRST_MULTICAST
                || Octets.u8(memory, packet + Ip.V4_DESTINATION) >= V4_FIRST_MULTICAST
                || Octets.i32(memory, packet + Ip.V4_DESTINATION) == 0) {
            return false;
        }
        return Octets.u8(memory, packet + Ip.V4_PROTOCOL) != PROTOCOL_ICMP
                || (stated > header && isV4Query(Octets.u8(memory, packet + header)));
    }

    private static boolean isV4Query(int type) {
        return type < Integer.SIZE && ((V4_QUERIES >>> type) & 1) != 0;
    }

    static boolean isV6(MemorySegment memory, long packet, int length) {
        if (length < Ip.V6_HEADER) {
            return false;
        }
        int stated = Ip.V6_HEADER + Octets.u16(memory, packet + Ip.V6_PAYLOAD_LENGTH);
        return stated <= length
                && isOneHost(memory, packet + Ip.V6_SOURCE)
                && isOneHost(memory, packet + Ip.V6_DESTINATION)
                && !isV6Error(memory, packet, stated);
    }

    /** Neither multicast nor unspecified nor this host itself. */
    private static boolean isOneHost(MemorySegment memory, long address) {
        long high = Octets.i64(memory, address);
        long low = Octets.i64(memory, address + 8);
        boolean unspecifiedOrLoopback = high == 0 && (low == 0 || low == 1);
        return !unspecifiedOrLoopback && high >>> 56 != V6_MULTICAST;
    }

    /** Whether it is an ICMP error, or can't be told: looks behind extension headers (RFC 8200 section 4). */
    private static boolean isV6Error(MemorySegment memory, long packet, int length) {
        int next = Octets.u8(memory, packet + Ip.V6_NEXT_HEADER);
        int at = Ip.V6_HEADER;
        for (int seen = 0; seen < MAX_EXTENSIONS; seen++) {
            if (next == PROTOCOL_ICMPV6) {
                int type = at < length ? Octets.u8(memory, packet + at) : 0;
                return type < V6_FIRST_QUERY || type == V6_REDIRECT;
            }
            if (!isExtension(next)) {
                return false;
            }
            if (at + 8 > length || (next == FRAGMENT && isLaterFragment(memory, packet + at))) {
                return true;
            }
            int size = extensionLength(next, Octets.u8(memory, packet + at + 1));
            next = Octets.u8(memory, packet + at);
            at += size;
        }
        return true;
    }

    private static boolean isExtension(int header) {
        return switch (header) {
            case HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION_OPTIONS -> true;
            default -> false;
        };
    }

    private static boolean isLaterFragment(MemorySegment memory, long header) {
        return (Octets.u16(memory, header + 2) & V6_FRAGMENT_OFFSET) != 0;
    }

    private static int extensionLength(int header, int stated) {
        return switch (header) {
            case FRAGMENT -> 8;
            case AUTHENTICATION -> (stated + 2) << 2;
            default -> (stated + 1) << 3;
        };
    }
}
