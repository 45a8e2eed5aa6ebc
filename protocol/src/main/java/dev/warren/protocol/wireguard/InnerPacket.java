package dev.warren.protocol.wireguard;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** What the tunnel reads of the IP packets it carries: version, length, addresses (RFC 791 and RFC 8200, section 3). */
final class InnerPacket {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int IPV4_LENGTH_AT = 2;
    private static final int IPV6_LENGTH_AT = 4;
    private static final int IPV4_SOURCE_AT = 12;
    private static final int IPV4_DESTINATION_AT = 16;
    private static final int IPV6_SOURCE_AT = 8;
    private static final int IPV6_DESTINATION_AT = 24;

    private static final int IPV4_FRAGMENT_AT = 6;
    private static final int IPV4_FRAGMENT_OFFSET = 0x1fff;
    private static final int IPV4_PROTOCOL_AT = 9;
    private static final int IPV6_NEXT_HEADER_AT = 6;
    private static final int UDP = 17;
    private static final int UDP_HEADER = 8;

    private InnerPacket() {}

    /** 4 or 6, or 0 when the bytes can't be the header of either. */
    static int version(MemorySegment memory, long offset, int length) {
        int version = length == 0 ? 0 : (memory.get(JAVA_BYTE, offset) & 0xf0) >> 4;
        return switch (version) {
            case 4 -> length >= IPV4_HEADER ? version : 0;
            case 6 -> length >= IPV6_HEADER ? version : 0;
            default -> 0;
        };
    }

    /** The length in the header, without the tunnel's padding; -1 when it is not within what was received. */
    static int trimmedLength(int version, MemorySegment memory, long offset, int length) {
        int stated = version == 4
                ? readShort(memory, offset + IPV4_LENGTH_AT)
                : IPV6_HEADER + readShort(memory, offset + IPV6_LENGTH_AT);
        int smallest = version == 4 ? IPV4_HEADER : IPV6_HEADER;
        return stated < smallest || stated > length ? -1 : stated;
    }

    static int sourceAt(int version) {
        return version == 4 ? IPV4_SOURCE_AT : IPV6_SOURCE_AT;
    }

    static int destinationAt(int version) {
        return version == 4 ? IPV4_DESTINATION_AT : IPV6_DESTINATION_AT;
    }

    static int addressLength(int version) {
        return version == 4 ? 4 : 16;
    }

    /** Where the payload of the UDP datagram in the packet begins, seen from its start; -1 when it holds no such. */
    static int udpPayloadAt(int version, MemorySegment memory, long offset, int length) {
        int headerLength;
        if (version == 4) {
            // The first fragment has the UDP header too; the others have nothing that could be recognized.
            boolean isBehind = (readShort(memory, offset + IPV4_FRAGMENT_AT) & IPV4_FRAGMENT_OFFSET) != 0;
            if (memory.get(JAVA_BYTE, offset + IPV4_PROTOCOL_AT) != UDP || isBehind) {
                return -1;
            }
            headerLength = (memory.get(JAVA_BYTE, offset) & 0x0f) * Integer.BYTES;
        } else if (memory.get(JAVA_BYTE, offset + IPV6_NEXT_HEADER_AT) == UDP) {
            headerLength = IPV6_HEADER;
        } else {
            return -1;
        }
        return headerLength + UDP_HEADER <= length ? headerLength + UDP_HEADER : -1;
    }

    /** The ECN field (RFC 3168 section 5), 0 to 3. */
    static int ecn(MemorySegment memory, long offset) {
        int second = memory.get(JAVA_BYTE, offset + 1);
        return ((memory.get(JAVA_BYTE, offset) & 0xf0) == 0x40 ? second : second >> 4) & 3;
    }

    private static int readShort(MemorySegment memory, long offset) {
        return Short.toUnsignedInt(memory.get(SHORT, offset));
    }
}
