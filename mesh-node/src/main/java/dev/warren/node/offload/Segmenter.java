package dev.warren.node.offload;

import java.lang.foreign.MemorySegment;

/**
 * Cuts what a TUN device with offloads gave into packets that fit the network, with complete checksums. After {@link
 * #start} said {@link Verdict#USABLE}, {@link #next} copies one packet after the other, as long as {@link #hasNext}.
 * What was read stays untouched and has to stay valid until the last packet was taken. Belongs to one thread.
 */
public final class Segmenter {
    /** What {@link #start} says of what was read; all but the first mean that it has to be dropped. */
    public enum Verdict {
        /** There is at least one packet. */
        USABLE,
        /** Shorter than a virtio header and one byte. */
        TOO_SHORT,
        /** The place of the checksum is not in the packet, or not where the protocol has it. */
        CHECKSUM_PLACE,
        /** A kind of super-packet that was not asked for: UFO, or one that is not known. */
        UNKNOWN_TYPE,
        /** Not the IP version and protocol that the type says, or headers longer than the packet. */
        HEADERS,
        /** No segment size, or one that no packet can have. */
        SEGMENT_SIZE
    }

    private static final int NOT_THERE = -1;

    private MemorySegment memory = MemorySegment.NULL;
    /** Where the IP header begins. */
    private long packet;

    private int length;
    private int packets;
    private int taken;

    private boolean ipv4;
    private boolean tcp;
    /** A single packet's: where its sum begins and its checksum is, or {@link #NOT_THERE}. A train's: its TCP header. */
    private int transportAt;

    private int checksumAt;

    // Of a train: what all packets of it have.

    /** IP and transport header. */
    private int headerLength;
    /** Payload of all but the last. */
    private int segmentSize;
    /** The sum of an IPv4 header without total length, id and checksum. */
    private int ipSum;
    /** The sum of pseudo-header and transport header without what differs: length, sequence, flags, checksum. */
    private int transportSum;

    private int firstId;
    private int firstSequence;
    private int firstFlags;

    /** Nothing is read yet. */
    public Segmenter() {}

    /**
     * Takes what one read brought: a virtio header, then a packet.
     *
     * @param length of both
     */
    public Verdict start(MemorySegment memory, long offset, int length) {
        packets = 0;
        taken = 0;
        if (length <= VirtioHeader.BYTES) {
            return Verdict.TOO_SHORT;
        }
        this.memory = memory;
        this.packet = offset + VirtioHeader.BYTES;
        this.length = length - VirtioHeader.BYTES;
        Verdict verdict =
                switch (VirtioHeader.gsoType(memory, offset) & ~VirtioHeader.GSO_ECN) {
                    case VirtioHeader.GSO_NONE -> startSingle(offset);
                    case VirtioHeader.GSO_TCPV4 -> startTrain(offset, 4, Ip.TCP);
                    case VirtioHeader.GSO_TCPV6 -> startTrain(offset, 6, Ip.TCP);
                    case VirtioHeader.GSO_UDP -> startTrain(offset, Octets.u8(memory, packet) >> 4, Ip.UDP);
                    default -> Verdict.UNKNOWN_TYPE;
                };
        if (verdict != Verdict.USABLE) {
            packets = 0;
        }
        return verdict;
    }

    /** How many packets {@link #start} found in all; 0 if what was read is not usable. */
    public int packets() {
        return packets;
    }

    /** Whether there is one more packet to take. */
    public boolean hasNext() {
        return taken < packets;
    }

    /** The length of the longest packet, which all but the last have. */
    public int packetLength() {
        return packets == 1 ? length : headerLength + segmentSize;
    }

    /**
     * Copies the next packet to {@code at}. All packets of one {@link #start} have the same length, only the last may be
     * shorter.
     *
     * @param to not the memory that was read
     * @return the packet's length
     * @throws IllegalStateException if there is none
     */
    public int next(MemorySegment to, long at) {
        if (taken >= packets) {
            throw new IllegalStateException("all packets are taken");
        }
        int index = taken++;
        return headerLength == 0 ? takeSingle(to, at) : takeOfTrain(index, to, at);
    }

    private Verdict startSingle(long virtio) {
        packets = 1;
        headerLength = 0;
        transportAt = NOT_THERE;
        if ((VirtioHeader.flags(memory, virtio) & VirtioHeader.NEEDS_CHECKSUM) == 0) {
            return Verdict.USABLE;
        }
        transportAt = VirtioHeader.checksumStart(memory, virtio);
        checksumAt = transportAt + VirtioHeader.checksumOffset(memory, virtio);
        return checksumAt + Short.BYTES <= length ? Verdict.USABLE : Verdict.CHECKSUM_PLACE;
    }

    private int takeSingle(MemorySegment to, long at) {
        MemorySegment.copy(memory, packet, to, at, length);
        if (transportAt != NOT_THERE) {
            // The field holds the pseudo-header's sum, so that the sum over everything is the one wanted.
            int sum = InternetChecksum.sum(to, at + transportAt, length - transportAt);
            Octets.set16(to, at + checksumAt, InternetChecksum.complementNotZero(sum));
        }
        return length;
    }

    private Verdict startTrain(long virtio, int version, int protocol) {
        ipv4 = version == 4;
        tcp = protocol == Ip.TCP;
        Verdict verdict = findTransport(virtio, version, protocol);
        if (verdict != Verdict.USABLE) {
            return verdict;
        }
        segmentSize = VirtioHeader.segmentSize(memory, virtio);
        int payload = length - headerLength;
        int longest = headerLength + Math.min(segmentSize, payload) - (ipv4 ? 0 : Ip.V6_HEADER);
        if (segmentSize == 0 || longest > Ip.MAX_LENGTH) {
            return Verdict.SEGMENT_SIZE;
        }
        packets = Math.max(1, (payload + segmentSize - 1) / segmentSize);
        readTemplate(protocol);
        return Verdict.USABLE;
    }

    /** Sets {@link #transportAt}, {@link #checksumAt} and {@link #headerLength}. */
    private Verdict findTransport(long virtio, int version, int protocol) {
        int ipHeader = ipHeader(version);
        if (ipHeader == NOT_THERE) {
            return Verdict.HEADERS;
        }
        checksumAt = tcp ? Ip.TCP_CHECKSUM : Ip.UDP_CHECKSUM;
        if ((VirtioHeader.flags(memory, virtio) & VirtioHeader.NEEDS_CHECKSUM) != 0) {
            transportAt = VirtioHeader.checksumStart(memory, virtio);
            // Only in IPv6 anything may lie between the two headers.
            boolean placed = ipv4 ? transportAt == ipHeader : transportAt >= ipHeader;
            if (!placed || VirtioHeader.checksumOffset(memory, virtio) != checksumAt) {
                return Verdict.CHECKSUM_PLACE;
            }
        } else {
            transportAt = ipHeader;
        }
        checksumAt += transportAt;
        // Behind extension headers only the kernel knows what the transport is: it is believed.
        boolean direct = transportAt == ipHeader;
        if (direct && protocol != Octets.u8(memory, packet + (ipv4 ? Ip.V4_PROTOCOL : Ip.V6_NEXT_HEADER))) {
            return Verdict.HEADERS;
        }
        int smallest = tcp ? Ip.TCP_HEADER : Ip.UDP_HEADER;
        if (transportAt + smallest > length) {
            return Verdict.HEADERS;
        }
        int transportHeader = tcp ? (Octets.u8(memory, packet + transportAt + Ip.TCP_FLAGS) >> 4) << 2 : smallest;
        headerLength = transportAt + transportHeader;
        return transportHeader >= smallest && headerLength <= length ? Verdict.USABLE : Verdict.HEADERS;
    }

    /** The length of the IP header without IPv6 extensions, or {@link #NOT_THERE}. */
    private int ipHeader(int version) {
        int first = Octets.u8(memory, packet);
        int smallest = ipv4 ? Ip.V4_HEADER : Ip.V6_HEADER;
        if (first >> 4 != version || (version != 4 && version != 6) || length < smallest) {
            return NOT_THERE;
        }
        int header = ipv4 ? (first & 0xf) << 2 : Ip.V6_HEADER;
        return header >= smallest && header <= length ? header : NOT_THERE;
    }

    /** Reads once what {@link #takeOfTrain} needs for each packet. */
    private void readTemplate(int protocol) {
        if (ipv4) {
            firstId = Octets.u16(memory, packet + Ip.V4_ID);
            int ipHeader = (Octets.u8(memory, packet) & 0xf) << 2;
            ipSum = InternetChecksum.fold((long) InternetChecksum.sum(memory, packet, ipHeader)
                    + InternetChecksum.without(Octets.u16(memory, packet + Ip.V4_TOTAL_LENGTH))
                    + InternetChecksum.without(firstId)
                    + InternetChecksum.without(Octets.u16(memory, packet + Ip.V4_CHECKSUM)));
        }
        long transport = packet + transportAt;
        long sum = InternetChecksum.pseudoHeader(memory, packet, ipv4, protocol, 0);
        sum += InternetChecksum.sum(memory, transport, headerLength - transportAt);
        sum += InternetChecksum.without(Octets.u16(memory, packet + checksumAt));
        if (tcp) {
            firstSequence = Octets.i32(memory, transport + Ip.TCP_SEQUENCE);
            firstFlags = Octets.u16(memory, transport + Ip.TCP_FLAGS);
            sum += InternetChecksum.without(firstSequence >>> 16)
                    + InternetChecksum.without(firstSequence)
                    + InternetChecksum.without(firstFlags);
        } else {
            sum += InternetChecksum.without(Octets.u16(memory, transport + Ip.UDP_LENGTH));
        }
        transportSum = InternetChecksum.fold(sum);
    }

    private int takeOfTrain(int index, MemorySegment to, long at) {
        int from = headerLength + index * segmentSize;
        int payload = Math.min(segmentSize, length - from);
        MemorySegment.copy(memory, packet, to, at, headerLength);
        MemorySegment.copy(memory, packet + from, to, at + headerLength, payload);
        writeIpHeader(index, payload, to, at);
        long sum = (long) transportSum + InternetChecksum.sum(to, at + headerLength, payload);
        sum += headerLength - transportAt + payload;
        if (tcp) {
            sum += writeTcpHeader(index, to, at + transportAt);
            Octets.set16(to, at + checksumAt, InternetChecksum.complement(sum));
        } else {
            int datagram = Ip.UDP_HEADER + payload;
            Octets.set16(to, at + transportAt + Ip.UDP_LENGTH, datagram);
            Octets.set16(to, at + checksumAt, InternetChecksum.complementNotZero(sum + datagram));
        }
        return headerLength + payload;
    }

    private void writeIpHeader(int index, int payload, MemorySegment to, long at) {
        if (!ipv4) {
            Octets.set16(to, at + Ip.V6_PAYLOAD_LENGTH, headerLength - Ip.V6_HEADER + payload);
            return;
        }
        int total = headerLength + payload;
        int id = (firstId + index) & 0xffff;
        Octets.set16(to, at + Ip.V4_TOTAL_LENGTH, total);
        Octets.set16(to, at + Ip.V4_ID, id);
        Octets.set16(to, at + Ip.V4_CHECKSUM, InternetChecksum.complement((long) ipSum + total + id));
    }

    /** Returns the sum of what it has written. */
    private int writeTcpHeader(int index, MemorySegment to, long transport) {
        int sequence = firstSequence + index * segmentSize;
        int flags = firstFlags;
        if (index > 0) {
            flags &= ~Ip.CWR;
        }
        if (index < packets - 1) {
            flags &= ~(Ip.FIN | Ip.PSH);
        }
        Octets.set32(to, transport + Ip.TCP_SEQUENCE, sequence);
        Octets.set16(to, transport + Ip.TCP_FLAGS, flags);
        return (sequence >>> 16) + (sequence & 0xffff) + flags;
    }
}
