package dev.warren.node.offload;

import java.lang.foreign.MemorySegment;

/**
 * What a {@link Coalescer} wants to know of the packet just added, each field read once. Whatever is in the packet:
 * nothing outside of it is read.
 */
final class PacketView {
    /** How much is known of it, and whether it may be joined. */
    enum Kind {
        /** Not IP, or too short for its header. */
        FOREIGN,
        /** Two addresses; ports are not known, or not sure: fragments, options, extension headers, other protocols. */
        ADDRESSED,
        /** TCP or UDP with ports, but not to be joined. */
        SINGLE,
        /** A segment or datagram that may be joined with its neighbours if its checksums are right. */
        JOINABLE
    }

    private static final int V4_WITHOUT_OPTIONS = 0x45;
    /** Version, header length and type of service; flags and fragment offset. */
    private static final long V4_ALIKE = 0xffff_0000_0000_ffffL;
    /** Version, traffic class and flow label; next header and hop limit. */
    private static final long V6_ALIKE = 0xffff_ffff_0000_ffffL;
    /** Header length, flags but PSH, window; not the checksum; urgent pointer. */
    private static final long TCP_ALIKE = 0xffff_ffff_0000_ffffL & ~((long) Ip.PSH << 48);
    /** Flags and the reserved bits. */
    private static final int TCP_FLAG_BITS = 0xfff;

    private static final long MIX = 0x9e37_79b9_7f4a_7c15L;

    MemorySegment memory = MemorySegment.NULL;
    long packet;
    int length;

    boolean ipv4;
    boolean tcp;
    /** The addresses' bytes in order; the last three are 0 in IPv4. */
    long addresses0;

    long addresses1;
    long addresses2;
    long addresses3;
    /** Source port, then destination port. */
    int ports;
    /** Equal for packets of one flow, and mostly different for others. */
    long tag;

    /** What has to be equal in the IP headers of joined packets, addresses and protocol aside. */
    long ipAlike;
    /** The same for TCP, ports and options aside. */
    long tcpAlike;

    /** The identification of an IPv4 packet that may be fragmented, which has to count up in a run; else 0. */
    int id;

    boolean idMatters;
    int sequence;
    int acknowledged;
    boolean pushed;
    /** Where the transport header begins, counted from the packet. */
    int transportAt;
    /** Where the payload begins. */
    int headerLength;

    int payload;

    /** Reads the packet. */
    Kind read(MemorySegment memory, long packet, int length) {
        this.memory = memory;
        this.packet = packet;
        this.length = length;
        if (length < Ip.V4_HEADER) {
            return Kind.FOREIGN;
        }
        long first = Octets.i64(memory, packet);
        int version = (int) (first >>> 60);
        if (version == 4) {
            return readV4(first);
        }
        return version == 6 && length >= Ip.V6_HEADER ? readV6(first) : Kind.FOREIGN;
    }

    private Kind readV4(long first) {
        long second = Octets.i64(memory, packet + 8);
        ipv4 = true;
        addresses0 = (second << 32) | (Octets.i32(memory, packet + Ip.V4_DESTINATION) & 0xffff_ffffL);
        addresses1 = 0;
        addresses2 = 0;
        addresses3 = 0;
        int fragment = (int) first & 0xffff;
        boolean plain = first >>> 56 == V4_WITHOUT_OPTIONS && (fragment & ~Ip.V4_DONT_FRAGMENT) == 0;
        if (!plain || ((int) (first >>> 32) & 0xffff) != length) {
            return Kind.ADDRESSED;
        }
        idMatters = fragment == 0;
        id = (int) (first >>> 16) & 0xffff;
        ipAlike = (first & V4_ALIKE) | ((second >>> 56) << 16);
        return readTransport(Ip.V4_HEADER, (int) (second >>> 48) & 0xff);
    }

    private Kind readV6(long first) {
        ipv4 = false;
        addresses0 = Octets.i64(memory, packet + Ip.V6_SOURCE);
        addresses1 = Octets.i64(memory, packet + Ip.V6_SOURCE + 8);
        addresses2 = Octets.i64(memory, packet + Ip.V6_SOURCE + 16);
        addresses3 = Octets.i64(memory, packet + Ip.V6_SOURCE + 24);
        if (((int) (first >>> 16) & 0xffff) + Ip.V6_HEADER != length) {
            return Kind.ADDRESSED;
        }
        idMatters = false;
        id = 0;
        ipAlike = first & V6_ALIKE;
        return readTransport(Ip.V6_HEADER, (int) (first >>> 8) & 0xff);
    }

    private Kind readTransport(int at, int protocol) {
        transportAt = at;
        if (protocol == Ip.TCP && length >= at + Ip.TCP_HEADER) {
            return readTcp(packet + at);
        }
        return protocol == Ip.UDP && length >= at + Ip.UDP_HEADER ? readUdp(packet + at) : Kind.ADDRESSED;
    }

    private Kind readTcp(long transport) {
        long first = Octets.i64(memory, transport);
        long second = Octets.i64(memory, transport + Ip.TCP_FLAGS);
        tcp = true;
        nameFlow((int) (first >>> 32));
        sequence = (int) first;
        acknowledged = Octets.i32(memory, transport + Ip.TCP_ACKNOWLEDGED);
        tcpAlike = second & TCP_ALIKE;
        int flags = (int) (second >>> 48) & TCP_FLAG_BITS;
        pushed = (flags & Ip.PSH) != 0;
        int header = (int) (second >>> 60) << 2;
        headerLength = transportAt + header;
        payload = length - headerLength;
        boolean joinable = header >= Ip.TCP_HEADER && payload > 0 && (flags & ~Ip.PSH) == Ip.ACK;
        return joinable ? Kind.JOINABLE : Kind.SINGLE;
    }

    private Kind readUdp(long transport) {
        long header = Octets.i64(memory, transport);
        tcp = false;
        nameFlow((int) (header >>> 32));
        sequence = 0;
        acknowledged = 0;
        tcpAlike = 0;
        pushed = false;
        headerLength = transportAt + Ip.UDP_HEADER;
        payload = length - headerLength;
        // Without a checksum (RFC 768) the joined datagram could not tell that there was none.
        boolean joinable =
                ((int) (header >>> 16) & 0xffff) == length - transportAt && payload > 0 && (header & 0xffff) != 0;
        return joinable ? Kind.JOINABLE : Kind.SINGLE;
    }

    private void nameFlow(int ports) {
        this.ports = ports;
        long addresses = addresses0
                ^ Long.rotateLeft(addresses1, 17)
                ^ Long.rotateLeft(addresses2, 31)
                ^ Long.rotateLeft(addresses3, 47);
        tag = (((addresses * MIX) ^ (ports & 0xffff_ffffL)) << 2) | (ipv4 ? 2 : 0) | (tcp ? 1 : 0);
    }

    /** Whether the checksums of a joinable packet are right. */
    boolean isSound() {
        return isSound(memory, packet, length, ipv4, tcp);
    }

    /** The same for any packet of which {@link #read} said that it is joinable. */
    static boolean isSound(MemorySegment memory, long packet, int length, boolean ipv4, boolean tcp) {
        if (ipv4 && InternetChecksum.sum(memory, packet, Ip.V4_HEADER) != 0xffff) {
            return false;
        }
        int transportAt = ipv4 ? Ip.V4_HEADER : Ip.V6_HEADER;
        int covered = length - transportAt;
        long sum = InternetChecksum.pseudoHeader(memory, packet, ipv4, tcp ? Ip.TCP : Ip.UDP, covered);
        return InternetChecksum.fold(sum + InternetChecksum.sum(memory, packet + transportAt, covered)) == 0xffff;
    }
}
