package dev.warren.protocol.wireguard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Makes the answer to a packet from the TUN that can't be sent anywhere, so that the program which sent it fails at once
 * instead of waiting: ICMP "host unreachable" (RFC 792, type 3 code 1) or ICMPv6 "address unreachable" (RFC 4443 section
 * 3.1, type 1 code 3). It comes from the address that was not reached, since the tunnel has none of its own.
 *
 * <p>Not every packet may be answered (RFC 1122 section 3.2.2, RFC 4443 section 2.4), and not any number of them: a
 * flood to nowhere gets {@link #PER_SECOND} answers a second. Owned by the thread that owns the TUN.
 */
public final class IcmpUnreachable {
    /** Bytes that an answer may have: IPv6's smallest MTU. */
    public static final int MAX_LENGTH = 1280;
    /** How many answers there are in a second, and at once. */
    public static final int PER_SECOND = 100;

    private static final long COST_NANOS = 1_000_000_000L / PER_SECOND;
    private static final long BURST_NANOS = 1_000_000_000L;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int ICMP_HEADER = 8;
    /** RFC 1812 section 4.3.2.3. */
    private static final int IPV4_MAX_LENGTH = 576;

    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;
    private static final int HOP_LIMIT = 64;
    private static final int FRAGMENT_OFFSET = 0x1fff;
    private static final int FIRST_ICMPV6_QUESTION = 128;

    private long savedNanos = BURST_NANOS;
    private long lastNanos;

    /** No answer was made yet. */
    public IcmpUnreachable() {}

    /**
     * Writes the answer to the {@code length} bytes at {@code offset} to the start of {@code answer}, which has room for
     * {@link #MAX_LENGTH}; returns its length, or 0 when there is none. Anything may be in the packet.
     */
    public int answer(MemorySegment packet, long offset, int length, MemorySegment answer, long nowNanos) {
        int version = length == 0 ? 0 : (octet(packet, offset) >> 4);
        boolean answered =
                switch (version) {
                    case 4 -> mayAnswerIpv4(packet, offset, length);
                    case 6 -> mayAnswerIpv6(packet, offset, length);
                    default -> false;
                };
        if (!answered || !takeToken(nowNanos)) {
            return 0;
        }
        return version == 4 ? ipv4(packet, offset, length, answer) : ipv6(packet, offset, length, answer);
    }

    private boolean takeToken(long nowNanos) {
        savedNanos = Math.min(BURST_NANOS, savedNanos + Math.max(0, nowNanos - lastNanos));
        lastNanos = nowNanos;
        if (savedNanos < COST_NANOS) {
            return false;
        }
        savedNanos -= COST_NANOS;
        return true;
    }

    private static boolean mayAnswerIpv4(MemorySegment packet, long offset, int length) {
        if (length < IPV4_HEADER || (octet(packet, offset) & 0x0f) < 5) {
            return false;
        }
        int source = octet(packet, offset + 12);
        int destination = octet(packet, offset + 16);
        boolean toMany = destination >= 224 || (word(packet, offset + 16) & word(packet, offset + 18)) == 0xffff;
        boolean fromNobody = source == 0 || source == 127 || source >= 224;
        boolean laterFragment = (word(packet, offset + 6) & FRAGMENT_OFFSET) != 0;
        if (toMany || fromNobody || laterFragment) {
            return false;
        }
        int headerLength = (octet(packet, offset) & 0x0f) * 4;
        return octet(packet, offset + 9) != ICMP
                || (length > headerLength && isIcmpQuestion(octet(packet, offset + headerLength)));
    }

    /** Everything but the errors (RFC 792): unreachable, quench, redirect, time exceeded, parameter problem. */
    private static boolean isIcmpQuestion(int type) {
        return type != 3 && type != 4 && type != 5 && type != 11 && type != 12;
    }

    private static boolean mayAnswerIpv6(MemorySegment packet, long offset, int length) {
        if (length < IPV6_HEADER) {
            return false;
        }
        boolean fromNobody = octet(packet, offset + 8) == 0xff || isUnspecified(packet, offset + 8);
        if (fromNobody || octet(packet, offset + 24) == 0xff) {
            return false;
        }
        return octet(packet, offset + 6) != ICMPV6
                || (length > IPV6_HEADER && octet(packet, offset + IPV6_HEADER) >= FIRST_ICMPV6_QUESTION);
    }

    private static boolean isUnspecified(MemorySegment packet, long at) {
        int any = 0;
        for (int i = 0; i < 16; i += 2) {
            any |= word(packet, at + i);
        }
        return any == 0;
    }

    private static int ipv4(MemorySegment packet, long offset, int length, MemorySegment answer) {
        int quoted = Math.min(length, IPV4_MAX_LENGTH - IPV4_HEADER - ICMP_HEADER);
        int total = IPV4_HEADER + ICMP_HEADER + quoted;
        answer.asSlice(0, IPV4_HEADER + ICMP_HEADER).fill((byte) 0);
        answer.set(BYTE, 0, (byte) 0x45);
        answer.set(SHORT, 2, (short) total);
        answer.set(BYTE, 8, (byte) HOP_LIMIT);
        answer.set(BYTE, 9, (byte) ICMP);
        MemorySegment.copy(packet, offset + 16, answer, 12, 4);
        MemorySegment.copy(packet, offset + 12, answer, 16, 4);
        answer.set(SHORT, 10, (short) folded(sum(answer, 0, IPV4_HEADER)));
        answer.set(BYTE, IPV4_HEADER, (byte) 3);
        answer.set(BYTE, IPV4_HEADER + 1, (byte) 1);
        MemorySegment.copy(packet, offset, answer, IPV4_HEADER + ICMP_HEADER, quoted);
        answer.set(SHORT, IPV4_HEADER + 2, (short) folded(sum(answer, IPV4_HEADER, ICMP_HEADER + quoted)));
        return total;
    }

    private static int ipv6(MemorySegment packet, long offset, int length, MemorySegment answer) {
        int quoted = Math.min(length, MAX_LENGTH - IPV6_HEADER - ICMP_HEADER);
        int payload = ICMP_HEADER + quoted;
        answer.asSlice(0, IPV6_HEADER + ICMP_HEADER).fill((byte) 0);
        answer.set(BYTE, 0, (byte) 0x60);
        answer.set(SHORT, 4, (short) payload);
        answer.set(BYTE, 6, (byte) ICMPV6);
        answer.set(BYTE, 7, (byte) HOP_LIMIT);
        MemorySegment.copy(packet, offset + 24, answer, 8, 16);
        MemorySegment.copy(packet, offset + 8, answer, 24, 16);
        answer.set(BYTE, IPV6_HEADER, (byte) 1);
        answer.set(BYTE, IPV6_HEADER + 1, (byte) 3);
        MemorySegment.copy(packet, offset, answer, IPV6_HEADER + ICMP_HEADER, quoted);
        // The pseudo-header (RFC 8200 section 8.1): both addresses, length, next header.
        long sum = sum(answer, 8, 32) + payload + ICMPV6 + sum(answer, IPV6_HEADER, payload);
        answer.set(SHORT, IPV6_HEADER + 2, (short) folded(sum));
        return IPV6_HEADER + payload;
    }

    /** The sum of the 16-bit words (RFC 1071); an odd last byte is the high half of one. */
    private static long sum(MemorySegment memory, long offset, int length) {
        long sum = 0;
        for (int i = 0; i + 1 < length; i += 2) {
            sum += word(memory, offset + i);
        }
        return length % 2 == 0 ? sum : sum + ((long) octet(memory, offset + length - 1) << 8);
    }

    private static int folded(long sum) {
        long folded = sum;
        while (folded > 0xffff) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) ~folded & 0xffff;
    }

    private static int octet(MemorySegment memory, long at) {
        return memory.get(BYTE, at) & 0xff;
    }

    private static int word(MemorySegment memory, long at) {
        return memory.get(SHORT, at) & 0xffff;
    }
}
