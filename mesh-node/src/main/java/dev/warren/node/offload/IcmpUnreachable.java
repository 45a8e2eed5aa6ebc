package dev.warren.node.offload;

import java.lang.foreign.MemorySegment;

/**
 * Writes the answer to a packet that came out of the TUN device and has nowhere to go, as no peer has its destination or
 * the peer has no endpoint: "host unreachable" (RFC 792: type 3, code 1) or "address unreachable" (RFC 4443 section 3.1:
 * type 1, code 3). So the program that sent it hears at once instead of waiting for nothing.
 *
 * <p>The answer comes from the packet's own destination: the tunnel does not know which address of the machine a router
 * would use here, and one that the machine has itself would be dropped as forged.
 *
 * <p>Belongs to one thread.
 */
public final class IcmpUnreachable {
    /** The longest answer (RFC 4443 section 3.1: the smallest MTU of IPv6). */
    public static final int MAX_BYTES = 1_280;

    /** No answer: the packet must not have one, or there were too many. */
    public static final int NONE = 0;

    /** The longest of IPv4 (RFC 1812 section 4.3.2.3). */
    private static final int V4_MAX_BYTES = 576;

    /** Type, code, checksum, four unused bytes. */
    private static final int ICMP_HEADER = 8;

    private static final int ICMP_CHECKSUM = 2;
    private static final int V4_UNREACHABLE_HOST = (3 << 8) | 1;
    private static final int V6_UNREACHABLE_ADDRESS = (1 << 8) | 3;
    /** Version and header length; precedence of internetwork control (RFC 1812 section 4.3.2.5). */
    private static final int V4_FIRST = 0x45c0;

    private static final int TTL = 64;
    private static final int PROTOCOL_ICMP = 1;
    private static final int PROTOCOL_ICMPV6 = 58;

    // As Linux limits its own: icmp_msgs_burst and icmp_msgs_per_sec.

    static final int BURST = 50;
    static final long NANOS_PER_ANSWER = 1_000_000;

    /** Time paid in advance: an answer costs {@link #NANOS_PER_ANSWER} of it. */
    private long credit = BURST * NANOS_PER_ANSWER;

    private long lastNanos;

    /**
     * May answer {@link #BURST} times at once.
     *
     * @param nowNanos of a clock that does not go back
     */
    public IcmpUnreachable(long nowNanos) {
        lastNanos = nowNanos;
    }

    /**
     * Writes the answer to one IP packet, if it is to have one.
     *
     * @param to other memory, with room for {@link #MAX_BYTES} from {@code at} on
     * @return the answer's length, or {@link #NONE}
     */
    public int answer(MemorySegment memory, long packet, int length, MemorySegment to, long at, long nowNanos) {
        if (length < Ip.V4_HEADER) {
            return NONE;
        }
        int version = Octets.u8(memory, packet) >> 4;
        if (version == 4 && Answerable.isV4(memory, packet, length)) {
            return pays(nowNanos) ? writeV4(memory, packet, to, at) : NONE;
        }
        if (version == 6 && Answerable.isV6(memory, packet, length)) {
            return pays(nowNanos) ? writeV6(memory, packet, to, at) : NONE;
        }
        return NONE;
    }

    private boolean pays(long nowNanos) {
        long elapsed = Math.max(0, nowNanos - lastNanos);
        lastNanos += elapsed;
        // The pause may be longer than a sum could hold.
        credit = Math.min(BURST * NANOS_PER_ANSWER, credit + Math.min(BURST * NANOS_PER_ANSWER, elapsed));
        if (credit < NANOS_PER_ANSWER) {
            return false;
        }
        credit -= NANOS_PER_ANSWER;
        return true;
    }

    private static int writeV4(MemorySegment memory, long packet, MemorySegment to, long at) {
        int stated = Octets.u16(memory, packet + Ip.V4_TOTAL_LENGTH);
        int length = Math.min(V4_MAX_BYTES, Ip.V4_HEADER + ICMP_HEADER + stated);
        Octets.set16(to, at, V4_FIRST);
        Octets.set16(to, at + Ip.V4_TOTAL_LENGTH, length);
        Octets.set16(to, at + Ip.V4_ID, 0); // of no meaning, as it is not to be fragmented (RFC 6864)
        Octets.set16(to, at + Ip.V4_FRAGMENT, Ip.V4_DONT_FRAGMENT);
        Octets.set16(to, at + Ip.V4_TTL, (TTL << 8) | PROTOCOL_ICMP);
        Octets.set16(to, at + Ip.V4_CHECKSUM, 0);
        Octets.set32(to, at + Ip.V4_SOURCE, Octets.i32(memory, packet + Ip.V4_DESTINATION));
        Octets.set32(to, at + Ip.V4_DESTINATION, Octets.i32(memory, packet + Ip.V4_SOURCE));
        int checksum = InternetChecksum.complement(InternetChecksum.sum(to, at, Ip.V4_HEADER));
        Octets.set16(to, at + Ip.V4_CHECKSUM, checksum);
        writeIcmp(V4_UNREACHABLE_HOST, 0, memory, packet, to, at + Ip.V4_HEADER, length - Ip.V4_HEADER);
        return length;
    }

    private static int writeV6(MemorySegment memory, long packet, MemorySegment to, long at) {
        int stated = Ip.V6_HEADER + Octets.u16(memory, packet + Ip.V6_PAYLOAD_LENGTH);
        int length = Math.min(MAX_BYTES, Ip.V6_HEADER + ICMP_HEADER + stated);
        int message = length - Ip.V6_HEADER;
        Octets.set32(to, at, 6 << 28);
        Octets.set16(to, at + Ip.V6_PAYLOAD_LENGTH, message);
        Octets.set16(to, at + Ip.V6_NEXT_HEADER, (PROTOCOL_ICMPV6 << 8) | TTL);
        MemorySegment.copy(memory, packet + Ip.V6_DESTINATION, to, at + Ip.V6_SOURCE, Ip.V6_ADDRESS);
        MemorySegment.copy(memory, packet + Ip.V6_SOURCE, to, at + Ip.V6_DESTINATION, Ip.V6_ADDRESS);
        int pseudoHeader = InternetChecksum.pseudoHeader(to, at, false, PROTOCOL_ICMPV6, message);
        writeIcmp(V6_UNREACHABLE_ADDRESS, pseudoHeader, memory, packet, to, at + Ip.V6_HEADER, message);
        return length;
    }

    /** The message, with as much of the packet as {@code length} has room for. */
    private static void writeIcmp(
            int kind, int pseudoHeader, MemorySegment memory, long packet, MemorySegment to, long at, int length) {
        Octets.set32(to, at, kind << 16);
        Octets.set32(to, at + 4, 0);
        MemorySegment.copy(memory, packet, to, at + ICMP_HEADER, length - ICMP_HEADER);
        long sum = (long) pseudoHeader + InternetChecksum.sum(to, at, length);
        Octets.set16(to, at + ICMP_CHECKSUM, InternetChecksum.complement(sum));
    }
}
