package dev.warren.node.offload;

import java.lang.foreign.MemorySegment;

/** Packets of one flow that follow each other and can be handed on as one. Reused for flow after flow. */
final class Run {
    /** Where each packet begins; the first {@link #packets} count. */
    private final long[] packetAt;

    private MemorySegment memory = MemorySegment.NULL;
    private int packets;
    private int segmentSize;
    private int lastPayload;
    /** Whether the first packet's checksums are known to be right; looked at only when a second one wants to join. */
    private boolean verified;

    private boolean pushed;

    private boolean ipv4;
    private boolean tcp;
    private long addresses0;
    private long addresses1;
    private long addresses2;
    private long addresses3;
    private int ports;
    private long ipAlike;
    private long tcpAlike;
    private int acknowledged;
    private int headerLength;
    private int firstId;
    private int firstSequence;

    Run(int maxPackets) {
        packetAt = new long[maxPackets];
    }

    /** Begins with a joinable packet. */
    void begin(PacketView first) {
        memory = first.memory;
        packetAt[0] = first.packet;
        packets = 1;
        segmentSize = first.payload;
        lastPayload = first.payload;
        verified = false;
        pushed = false;
        ipv4 = first.ipv4;
        tcp = first.tcp;
        addresses0 = first.addresses0;
        addresses1 = first.addresses1;
        addresses2 = first.addresses2;
        addresses3 = first.addresses3;
        ports = first.ports;
        ipAlike = first.ipAlike;
        tcpAlike = first.tcpAlike;
        acknowledged = first.acknowledged;
        headerLength = first.headerLength;
        firstId = first.id;
        firstSequence = first.sequence;
    }

    /** Lets go of the memory. */
    void clear() {
        memory = MemorySegment.NULL;
        packets = 0;
    }

    boolean isBetween(PacketView packet) {
        return addresses0 == packet.addresses0
                && addresses1 == packet.addresses1
                && addresses2 == packet.addresses2
                && addresses3 == packet.addresses3
                && ipv4 == packet.ipv4;
    }

    boolean isFlowOf(PacketView packet) {
        return ports == packet.ports && tcp == packet.tcp && isBetween(packet);
    }

    /** Takes a joinable packet of this flow as the next, if it is that; false leaves the run as it was. */
    boolean append(PacketView next) {
        if (!follows(next) || !isFirstSound() || !next.isSound()) {
            return false;
        }
        packetAt[packets++] = next.packet;
        lastPayload = next.payload;
        pushed = next.pushed;
        return true;
    }

    private boolean follows(PacketView next) {
        int before = packets * segmentSize;
        return packets < packetAt.length
                && memory.equals(next.memory)
                && next.payload <= segmentSize
                && next.sequence == (tcp ? firstSequence + before : 0)
                && next.acknowledged == acknowledged
                && next.ipAlike == ipAlike
                && next.tcpAlike == tcpAlike
                && headerLength + before + next.payload <= Ip.MAX_LENGTH
                && (!next.idMatters || next.id == ((firstId + packets) & 0xffff))
                && hasSameOptions(next);
    }

    /** The headers' lengths are equal already. */
    private boolean hasSameOptions(PacketView next) {
        if (!tcp) {
            return true;
        }
        long mine = packetAt[0];
        for (int at = next.transportAt + Ip.TCP_HEADER; at < headerLength; at += Integer.BYTES) {
            if (Octets.i32(memory, mine + at) != Octets.i32(memory, next.packet + at)) {
                return false;
            }
        }
        return true;
    }

    private boolean isFirstSound() {
        if (!verified) {
            verified = PacketView.isSound(memory, packetAt[0], headerLength + segmentSize, ipv4, tcp);
        }
        return verified;
    }

    /** Whether nothing can join any more: a short or pushed packet ends a run, or there is no room. */
    boolean isComplete() {
        return lastPayload < segmentSize
                || pushed
                || packets == packetAt.length
                || headerLength + (packets + 1) * segmentSize > Ip.MAX_LENGTH;
    }

    int packets() {
        return packets;
    }

    boolean tcp() {
        return tcp;
    }

    MemorySegment memory() {
        return memory;
    }

    long packetAt(int index) {
        return packetAt[index];
    }

    int headerLength() {
        return headerLength;
    }

    int payload(int index) {
        return index == packets - 1 ? lastPayload : segmentSize;
    }

    /**
     * Writes the super-packet's virtio header and headers.
     *
     * @return how many bytes that are
     */
    int writeHeaders(MemorySegment to, long at) {
        int transportAt = ipv4 ? Ip.V4_HEADER : Ip.V6_HEADER;
        int total = headerLength + (packets - 1) * segmentSize + lastPayload;
        long packet = at + VirtioHeader.BYTES;
        MemorySegment.copy(memory, packetAt[0], to, packet, headerLength);
        writeLength(to, packet, total);
        long transport = packet + transportAt;
        int covered = total - transportAt;
        int sum = InternetChecksum.pseudoHeader(to, packet, ipv4, tcp ? Ip.TCP : Ip.UDP, covered);
        int checksumOffset = tcp ? Ip.TCP_CHECKSUM : Ip.UDP_CHECKSUM;
        Octets.set16(to, transport + checksumOffset, sum);
        if (!tcp) {
            Octets.set16(to, transport + Ip.UDP_LENGTH, covered);
        } else if (pushed) {
            int flags = Octets.u16(to, transport + Ip.TCP_FLAGS);
            Octets.set16(to, transport + Ip.TCP_FLAGS, flags | Ip.PSH);
        }
        VirtioHeader.writeSuper(to, at, gsoType(), headerLength, segmentSize, transportAt, checksumOffset);
        return VirtioHeader.BYTES + headerLength;
    }

    private void writeLength(MemorySegment to, long packet, int total) {
        if (!ipv4) {
            Octets.set16(to, packet + Ip.V6_PAYLOAD_LENGTH, total - Ip.V6_HEADER);
            return;
        }
        int checksum = Octets.u16(to, packet + Ip.V4_CHECKSUM);
        int before = headerLength + segmentSize;
        Octets.set16(to, packet + Ip.V4_TOTAL_LENGTH, total);
        Octets.set16(to, packet + Ip.V4_CHECKSUM, InternetChecksum.update(checksum, before, total));
    }

    private int gsoType() {
        if (!tcp) {
            return VirtioHeader.GSO_UDP;
        }
        return ipv4 ? VirtioHeader.GSO_TCPV4 : VirtioHeader.GSO_TCPV6;
    }
}
