package dev.warren.node.offload;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The Internet checksum (RFC 1071). A <em>sum</em> is a ones' complement sum of 16-bit words in network byte order, not
 * yet complemented; sums add up like numbers, as {@code long}, and {@link #fold} brings the carries back in. Of two
 * ranges that are added the first has to have an even length.
 */
public final class InternetChecksum {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    private static final long LOW = 0xffff_ffffL;

    private InternetChecksum() {}

    /**
     * The sum of {@code length} bytes, 0 to 0xffff. An odd last byte counts as if a zero followed.
     *
     * <p>Words are added in the machine's order, four bytes at a time: swapping the bytes of all summands swaps those of
     * the sum (RFC 1071 section 2 B), so one swap at the end is enough. The compiler turns this loop into one over
     * vectors, which eight bytes at a time and several sums by hand keep it from: that is three times slower.
     */
    public static int sum(MemorySegment memory, long offset, int length) {
        long sum = 0;
        int at = 0;
        for (; at <= length - Integer.BYTES; at += Integer.BYTES) {
            sum += memory.get(INT, offset + at) & LOW;
        }
        if ((length & 2) != 0) {
            sum += memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset + at) & 0xffff;
            at += Short.BYTES;
        }
        if ((length & 1) != 0) {
            int last = Octets.u8(memory, offset + at);
            sum += LITTLE_ENDIAN ? last : last << 8;
        }
        int folded = fold(sum);
        return LITTLE_ENDIAN ? Integer.reverseBytes(folded) >>> 16 : folded;
    }

    /** Brings carries back in: 0 to 0xffff, and 0 only for a sum of nothing but zeros. The sum is taken as unsigned. */
    public static int fold(long sum) {
        long folded = (sum & LOW) + (sum >>> 32);
        folded = (folded & 0xffff) + (folded >>> 16);
        folded = (folded & 0xffff) + (folded >>> 16);
        return (int) ((folded & 0xffff) + (folded >>> 16));
    }

    /** What belongs into a checksum field for {@code sum}, which was taken with zero in the field. */
    public static int complement(long sum) {
        return ~fold(sum) & 0xffff;
    }

    /** As {@link #complement}, for UDP, where zero would say that there is no checksum (RFC 768). */
    public static int complementNotZero(long sum) {
        int checksum = complement(sum);
        return checksum == 0 ? 0xffff : checksum;
    }

    /** What to add to a sum to take the 16 bits {@code word} out of it again (RFC 1624). */
    public static int without(int word) {
        return ~word & 0xffff;
    }

    /**
     * The checksum field after a 16-bit word of what it covers has changed (RFC 1624 equation 3).
     *
     * @param checksum the field before
     */
    public static int update(int checksum, int oldWord, int newWord) {
        return complement((long) without(checksum) + without(oldWord) + newWord);
    }

    /**
     * The sum of the pseudo-header that TCP and UDP checksums begin with (RFC 9293 section 3.1, RFC 8200 section 8.1).
     *
     * @param ipv4 or else IPv6
     * @param packet where the IP header begins
     * @param protocol 6 or 17
     * @param length of transport header and payload
     */
    public static int pseudoHeader(MemorySegment memory, long packet, boolean ipv4, int protocol, int length) {
        long addresses = ipv4 ? addresses4(memory, packet) : addresses6(memory, packet);
        return fold(addresses + protocol + length);
    }

    private static long addresses4(MemorySegment memory, long packet) {
        return halves(Octets.i64(memory, packet + Ip.V4_SOURCE));
    }

    private static long addresses6(MemorySegment memory, long packet) {
        long at = packet + Ip.V6_SOURCE;
        return halves(Octets.i64(memory, at))
                + halves(Octets.i64(memory, at + 8))
                + halves(Octets.i64(memory, at + 16))
                + halves(Octets.i64(memory, at + 24));
    }

    private static long halves(long word) {
        return (word & LOW) + (word >>> 32);
    }
}
