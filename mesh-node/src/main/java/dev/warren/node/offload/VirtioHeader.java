package dev.warren.node.offload;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code struct virtio_net_hdr} (linux/virtio_net.h): what stands in front of each packet on a TUN device with {@code
 * IFF_VNET_HDR}. Ten bytes, numbers in the machine's order: flags u8, gso_type u8, hdr_len u16, gso_size u16,
 * csum_start u16, csum_offset u16.
 */
public final class VirtioHeader {
    /** Its length. */
    public static final int BYTES = 10;

    /** Flag: the checksum field holds the pseudo-header's sum only; what lies from csum_start on is to be added. */
    public static final int NEEDS_CHECKSUM = 1;
    /** Flag: the checksum has been verified. */
    public static final int DATA_VALID = 2;

    /** Type: one packet. */
    public static final int GSO_NONE = 0;
    /** Type: TCP over IPv4. */
    public static final int GSO_TCPV4 = 1;
    /** Type: a UDP datagram to be cut into IP fragments (UFO), which we never ask for. */
    public static final int GSO_UDP_FRAGMENTS = 3;
    /** Type: TCP over IPv6. */
    public static final int GSO_TCPV6 = 4;
    /** Type: UDP datagrams of equal size (USO). */
    public static final int GSO_UDP = 5;
    /** Added to a TCP type: the first segment has CWR set, the others must not. */
    public static final int GSO_ECN = 0x80;

    private static final int FLAGS_AT = 0;
    private static final int GSO_TYPE_AT = 1;
    private static final int HEADER_LENGTH_AT = 2;
    private static final int SEGMENT_SIZE_AT = 4;
    private static final int CHECKSUM_START_AT = 6;
    private static final int CHECKSUM_OFFSET_AT = 8;

    private VirtioHeader() {}

    /** Bits: {@link #NEEDS_CHECKSUM}, {@link #DATA_VALID}. */
    public static int flags(MemorySegment memory, long offset) {
        return Octets.u8(memory, offset + FLAGS_AT);
    }

    /** One of the types, maybe with {@link #GSO_ECN}. */
    public static int gsoType(MemorySegment memory, long offset) {
        return Octets.u8(memory, offset + GSO_TYPE_AT);
    }

    /** Bytes of IP and transport header. The kernel may state more than there are. */
    public static int headerLength(MemorySegment memory, long offset) {
        return u16(memory, offset + HEADER_LENGTH_AT);
    }

    /** Payload bytes of each packet but the last. */
    public static int segmentSize(MemorySegment memory, long offset) {
        return u16(memory, offset + SEGMENT_SIZE_AT);
    }

    /** Where the transport header begins, counted from the IP header. */
    public static int checksumStart(MemorySegment memory, long offset) {
        return u16(memory, offset + CHECKSUM_START_AT);
    }

    /** Where the checksum is, counted from {@link #checksumStart}. */
    public static int checksumOffset(MemorySegment memory, long offset) {
        return u16(memory, offset + CHECKSUM_OFFSET_AT);
    }

    /** Writes the header of a packet that needs nothing. */
    public static void writeNone(MemorySegment memory, long offset) {
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, 0);
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + Long.BYTES, (short) 0);
    }

    /** Writes the header of a super-packet whose checksum is to be completed. */
    public static void writeSuper(
            MemorySegment memory,
            long offset,
            int gsoType,
            int headerLength,
            int segmentSize,
            int checksumStart,
            int checksumOffset) {
        Octets.set8(memory, offset + FLAGS_AT, NEEDS_CHECKSUM);
        Octets.set8(memory, offset + GSO_TYPE_AT, gsoType);
        set16(memory, offset + HEADER_LENGTH_AT, headerLength);
        set16(memory, offset + SEGMENT_SIZE_AT, segmentSize);
        set16(memory, offset + CHECKSUM_START_AT, checksumStart);
        set16(memory, offset + CHECKSUM_OFFSET_AT, checksumOffset);
    }

    private static int u16(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at) & 0xffff;
    }

    private static void set16(MemorySegment memory, long at, int value) {
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) value);
    }
}
