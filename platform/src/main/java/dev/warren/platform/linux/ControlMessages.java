package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.IPPROTO_IP;
import static dev.warren.platform.linux.Constants.IPPROTO_IPV6;
import static dev.warren.platform.linux.Constants.IPPROTO_UDP;
import static dev.warren.platform.linux.Constants.IPV6_PKTINFO;
import static dev.warren.platform.linux.Constants.IPV6_TCLASS;
import static dev.warren.platform.linux.Constants.IP_PKTINFO;
import static dev.warren.platform.linux.Constants.IP_TOS;
import static dev.warren.platform.linux.Constants.UDP_SEGMENT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The control messages of a datagram (socket.h, LP64): {@code struct cmsghdr} with length u64, level i32, type i32; then
 * the data; each begins at a multiple of eight bytes. The length leaves out what fills up to that.
 */
final class ControlMessages {
    static final int HEADER_BYTES = 16;

    /** Room for in6_pktinfo, a traffic class, and a segment's size either way; and something to spare. */
    static final int BYTES = 128;

    /** What the segment's size takes. */
    static final int SEGMENT_BYTES = HEADER_BYTES + 8;

    private static final int IN_PKTINFO_BYTES = 12;
    private static final int IN6_PKTINFO_BYTES = 20;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private ControlMessages() {}

    /**
     * Writes where a datagram is to leave from, and its traffic class when that is not 0.
     *
     * @return how many bytes that takes, at most {@link #BYTES} less {@link #SEGMENT_BYTES}
     */
    static int write(MemorySegment target, long offset, boolean six, @Nullable LocalSource source, int trafficClass) {
        long at = offset;
        if (source != null) {
            at += six ? writeIpv6(target, at, source) : writeIpv4(target, at, source);
        }
        if (trafficClass != 0) {
            header(target, at, Integer.BYTES, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_TCLASS : IP_TOS);
            target.set(INT, at + HEADER_BYTES, trafficClass);
            at += aligned(HEADER_BYTES + Integer.BYTES);
        }
        return (int) (at - offset);
    }

    /** Writes that the datagram is a train with segments of {@code segmentBytes}; takes {@link #SEGMENT_BYTES}. */
    static void writeSegment(MemorySegment target, long offset, int segmentBytes) {
        header(target, offset, Short.BYTES, IPPROTO_UDP, UDP_SEGMENT);
        target.set(SHORT, offset + HEADER_BYTES, (short) segmentBytes);
    }

    /** Both numbers of the message at {@code offset} in one: see {@link #kind(int, int)}. */
    static long kind(MemorySegment source, long offset) {
        return kind(source.get(INT, offset + 8), source.get(INT, offset + 12));
    }

    /** Level and type in one number. */
    static long kind(int level, int type) {
        return ((long) level << 32) | type;
    }

    /** How far the next message is from the one at {@code offset}; 0 when that is none of at most {@code left} bytes. */
    static long step(MemorySegment source, long offset, long left) {
        if (left < HEADER_BYTES) {
            return 0;
        }
        long length = source.get(LONG, offset);
        return length < HEADER_BYTES || length > left ? 0 : aligned(length);
    }

    private static int writeIpv4(MemorySegment target, long at, LocalSource source) {
        header(target, at, IN_PKTINFO_BYTES, IPPROTO_IP, IP_PKTINFO);
        target.set(INT, at + HEADER_BYTES, source.interfaceIndex());
        target.set(INT, at + HEADER_BYTES + 4, (int) source.low());
        target.set(INT, at + HEADER_BYTES + 8, 0);
        return aligned(HEADER_BYTES + IN_PKTINFO_BYTES);
    }

    private static int writeIpv6(MemorySegment target, long at, LocalSource source) {
        header(target, at, IN6_PKTINFO_BYTES, IPPROTO_IPV6, IPV6_PKTINFO);
        target.set(LONG, at + HEADER_BYTES, source.high());
        target.set(LONG, at + HEADER_BYTES + 8, source.low());
        target.set(INT, at + HEADER_BYTES + 16, source.interfaceIndex());
        return aligned(HEADER_BYTES + IN6_PKTINFO_BYTES);
    }

    private static void header(MemorySegment target, long at, int dataBytes, int level, int type) {
        target.set(LONG, at, HEADER_BYTES + dataBytes);
        target.set(INT, at + 8, level);
        target.set(INT, at + 12, type);
    }

    private static int aligned(int bytes) {
        return (int) aligned((long) bytes);
    }

    private static long aligned(long bytes) {
        return (bytes + 7) & ~7L;
    }
}
