package dev.warren.protocol.wireguard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Explicit congestion notification through the tunnel (RFC 6040): the outer packet carries the inner one's codepoint
 * (section 4.1, normal mode: {@link InnerPacket#ecn} as it is), and what a router on the way marked on the outer packet comes out on the inner one. Otherwise a marking router between
 * the peers would have to drop instead. The rest of the traffic class, the DSCP, stays where it is: the outer one is
 * zero and tells nobody what is inside, the inner one is not touched.
 *
 * <p>Codepoints are the low two bits of the traffic class: 0 Not-ECT, 1 ECT(1), 2 ECT(0), 3 CE (RFC 3168 section 5). On
 * the path of every packet, so nothing here allocates.
 */
final class Ecn {
    /** The sender does not use ECN. */
    static final int NOT_ECT = 0;
    /** ECN-capable transport, the second codepoint. */
    static final int ECT_1 = 1;
    /** ECN-capable transport, the usual codepoint. */
    static final int ECT_0 = 2;
    /** Congestion was experienced. */
    static final int CE = 3;

    private static final int MASK = 3;
    private static final byte DROP = -1;

    /** RFC 6040 section 4.2, figure 4: a row for each inner codepoint, a column for each outer one. */
    private static final byte[] DECAPSULATED = {
        NOT_ECT, NOT_ECT, NOT_ECT, DROP, //
        ECT_1, ECT_1, ECT_1, CE, //
        ECT_0, ECT_1, ECT_0, CE, //
        CE, CE, CE, CE
    };

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** The byte of either header that holds the codepoint: the low bits of IPv4's, the middle ones of IPv6's. */
    private static final int ECN_BYTE_AT = 1;

    private static final int IPV6_SHIFT = 4;
    private static final int IPV4_CHECKSUM_AT = 10;
    private static final int ALL_ONES = 0xffff;

    private Ecn() {}

    /**
     * What comes out of the tunnel for these two codepoints, or -1 when the packet has to be dropped: it was marked, and
     * its sender would not understand the mark. Only the low two bits of {@code outer} count, so that it may be a whole
     * traffic class.
     */
    static int decapsulated(int inner, int outer) {
        return DECAPSULATED[((inner & MASK) << 2) | (outer & MASK)];
    }

    /**
     * Brings the mark of an outer packet into the inner packet at {@code offset}, and its header checksum up to date.
     * False when the inner packet has to be dropped; it is unchanged then.
     */
    static boolean decapsulate(int version, MemorySegment memory, long offset, int outer) {
        int inner = InnerPacket.ecn(memory, offset);
        int result = decapsulated(inner, outer);
        if (result != inner && result != DROP) {
            set(version, memory, offset, inner ^ result);
        }
        return result != DROP;
    }

    private static void set(int version, MemorySegment memory, long offset, int changedBits) {
        long at = offset + ECN_BYTE_AT;
        if (version != 4) {
            memory.set(BYTE, at, (byte) (memory.get(BYTE, at) ^ (changedBits << IPV6_SHIFT)));
            return;
        }
        int before = memory.get(SHORT, offset) & ALL_ONES;
        memory.set(BYTE, at, (byte) (memory.get(BYTE, at) ^ changedBits));
        int after = memory.get(SHORT, offset) & ALL_ONES;
        int checksum = memory.get(SHORT, offset + IPV4_CHECKSUM_AT) & ALL_ONES;
        memory.set(SHORT, offset + IPV4_CHECKSUM_AT, (short) updated(checksum, before, after));
    }

    /** The checksum after one word of what it covers has changed (RFC 1624 section 3, equation 3). */
    private static int updated(int checksum, int before, int after) {
        int sum = (~checksum & ALL_ONES) + (~before & ALL_ONES) + after;
        sum = (sum & ALL_ONES) + (sum >>> 16);
        sum = (sum & ALL_ONES) + (sum >>> 16);
        return ~sum & ALL_ONES;
    }
}
