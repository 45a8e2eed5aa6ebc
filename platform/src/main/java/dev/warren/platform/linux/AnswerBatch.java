package dev.warren.platform.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/**
 * Requests of one {@link AnsweringSocket#receive} and their answers: an answer takes its request's place, with the
 * sender's address as the kernel wrote it, and leaves from the address that the request came to. So nothing is decoded
 * and no object is made for a datagram. Belongs to one thread; what it holds is valid until the next receive.
 */
public final class AnswerBatch {
    /** {@code struct cmsghdr} (socket.h, LP64): length u64, level i32, type i32; then in_pktinfo or in6_pktinfo. */
    private static final int CONTROL_HEADER_BYTES = 16;
    /** in_pktinfo (12 bytes): interface i32, own address. in6_pktinfo (20 bytes): own address, interface i32 at 16. */
    private static final int CONTROL_BYTES = CONTROL_HEADER_BYTES + 24;

    private static final int IPV6_INTERFACE = 16;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfShort U16 = SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    /** The last four bytes of the first twelve of an IPv4 address that is mapped into IPv6. */
    private static final int MAPPED = 0xffff;

    private static final int PORT = 2;
    private static final int IPV4_ADDRESS = 4;
    private static final int IPV6_ADDRESS = 8;

    private final MessageVector vector;
    private final boolean[] answered;
    private final byte[] four = new byte[4];
    private final byte[] sixteen = new byte[16];
    private int count;

    /**
     * @param slots how many datagrams one call may bring
     * @param slotBytes the longest datagram, either way; one that is longer is cut off
     */
    public AnswerBatch(int slots, int slotBytes) {
        vector = new MessageVector(slots, slotBytes, CONTROL_BYTES);
        answered = new boolean[slots];
        count = slots;
        free();
    }

    /** Bytes of datagram {@code index}, at most a slot's; see {@link #isTruncated}. */
    public int length(int index) {
        return vector.received(index);
    }

    /** Whether datagram {@code index} was longer than a slot. */
    public boolean isTruncated(int index) {
        return (vector.flags(index) & Constants.MSG_TRUNC) != 0;
    }

    /** Copies datagram {@code index}, {@link #length} bytes of it, to the beginning of {@code target}. */
    public void copy(int index, byte[] target) {
        MemorySegment.copy(
                vector.slab(), ValueLayout.JAVA_BYTE, vector.slotOffset(index), target, 0, vector.received(index));
    }

    /**
     * The IP address that datagram {@code index} came from, 4 or 16 bytes; a mapped IPv4 address has 4. The array is
     * used again by the next call.
     */
    public byte[] address(int index) {
        MemorySegment names = vector.names();
        long at = vector.nameOffset(index);
        if (isIpv6(names, at)) {
            if (!isMapped(names, at + IPV6_ADDRESS)) {
                MemorySegment.copy(names, ValueLayout.JAVA_BYTE, at + IPV6_ADDRESS, sixteen, 0, sixteen.length);
                return sixteen;
            }
            at += IPV6_ADDRESS + 12 - IPV4_ADDRESS;
        }
        MemorySegment.copy(names, ValueLayout.JAVA_BYTE, at + IPV4_ADDRESS, four, 0, four.length);
        return four;
    }

    /** The port that datagram {@code index} came from. */
    public int port(int index) {
        return Short.toUnsignedInt(vector.names().get(U16, vector.nameOffset(index) + PORT));
    }

    /** Where datagram {@code index} came from, as an object of its own. */
    public InetSocketAddress source(int index) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address(index)), port(index));
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** The answer to datagram {@code index}: {@code length} bytes of {@code source}, no more than a slot holds. */
    public void answer(int index, byte[] source, int length) {
        MemorySegment.copy(source, 0, vector.slab(), ValueLayout.JAVA_BYTE, vector.slotOffset(index), length);
        vector.setSlotLength(index, length);
        forgetInterface(index);
        answered[index] = true;
    }

    MessageVector vector() {
        return vector;
    }

    void received(int datagrams) {
        count = datagrams;
    }

    /** The first answered one from {@code index} on; -1 when there is none. */
    int nextAnswered(int index) {
        for (int i = index; i < count; i++) {
            if (answered[i]) {
                return i;
            }
        }
        return -1;
    }

    /** How many answered ones follow one another from {@code index} on. */
    int answeredFrom(int index) {
        int end = index;
        while (end < count && answered[end]) {
            end++;
        }
        return end - index;
    }

    /** The slots are free for the next receive. */
    void free() {
        for (int i = 0; i < count; i++) {
            vector.setNameLength(i, SocketAddresses.BYTES);
            vector.setSlotLength(i, vector.slotBytes());
            vector.freeControl(i);
            answered[i] = false;
        }
        count = 0;
    }

    /**
     * The way back is the routing table's choice, which may be another than the way here; a link-local address is
     * nothing without its interface.
     */
    private void forgetInterface(int index) {
        if (vector.controlLength(index) < CONTROL_HEADER_BYTES + Integer.BYTES) {
            return;
        }
        MemorySegment controls = vector.controls();
        long at = vector.controlOffset(index) + CONTROL_HEADER_BYTES;
        if (!isIpv6(vector.names(), vector.nameOffset(index))) {
            controls.set(I32, at, 0);
        } else if ((controls.get(U16, at) & 0xffc0) != 0xfe80) {
            controls.set(I32, at + IPV6_INTERFACE, 0);
        }
    }

    private static boolean isIpv6(MemorySegment names, long at) {
        return names.get(SHORT, at) == Constants.AF_INET6;
    }

    private static boolean isMapped(MemorySegment names, long address) {
        return names.get(I64, address) == 0 && names.get(I32, address + 8) == MAPPED;
    }
}
