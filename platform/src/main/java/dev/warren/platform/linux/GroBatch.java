package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.IPPROTO_IP;
import static dev.warren.platform.linux.Constants.IPPROTO_IPV6;
import static dev.warren.platform.linux.Constants.IPPROTO_UDP;
import static dev.warren.platform.linux.Constants.IPV6_PKTINFO;
import static dev.warren.platform.linux.Constants.IPV6_TCLASS;
import static dev.warren.platform.linux.Constants.IP_PKTINFO;
import static dev.warren.platform.linux.Constants.IP_TOS;
import static dev.warren.platform.linux.Constants.UDP_GRO;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Room for what one {@link UdpSocket#receive(GroBatch)} brings: messages that are one datagram each, or a train of
 * datagrams from one sender that the kernel has joined, in the order of their sending. With each comes what the socket
 * was {@linkplain UdpSocket#enable enabled} to tell. Belongs to one thread; what it holds is valid until the next
 * receive into it.
 */
public final class GroBatch {
    /** What a train has at most. */
    private static final int MAX_MESSAGE_BYTES = 65535;

    private static final int SLOT_BYTES = MAX_MESSAGE_BYTES + 1;
    private static final int NO_LOCAL = -1;
    private static final long GRO = ControlMessages.kind(IPPROTO_UDP, UDP_GRO);
    private static final long IPV4_CLASS = ControlMessages.kind(IPPROTO_IP, IP_TOS);
    private static final long IPV6_CLASS = ControlMessages.kind(IPPROTO_IPV6, IPV6_TCLASS);
    private static final long IPV4_LOCAL = ControlMessages.kind(IPPROTO_IP, IP_PKTINFO);
    private static final long IPV6_LOCAL = ControlMessages.kind(IPPROTO_IPV6, IPV6_PKTINFO);

    private final MessageVector vector;
    private final SocketAddresses addresses = new SocketAddresses();
    private final LocalSources locals = new LocalSources();
    private final int[] segmentBytes;
    private final int[] trafficClass;
    private final int[] localOffset;
    private final boolean[] localIsIpv6;
    private long truncated;

    /** With {@code slots} messages of up to 64 KB, which one call may bring. */
    public GroBatch(int slots) {
        this(slots, SLOT_BYTES);
    }

    /** With room for {@code slots} messages of up to {@code slotBytes}, for a socket without joined trains. */
    public GroBatch(int slots, int slotBytes) {
        vector = new MessageVector(slots, slotBytes, ControlMessages.BYTES);
        segmentBytes = new int[slots];
        trafficClass = new int[slots];
        localOffset = new int[slots];
        localIsIpv6 = new boolean[slots];
    }

    /** How many messages one call may bring. */
    public int slots() {
        return vector.slots();
    }

    /** The native memory in which all messages lie. */
    public MemorySegment memory() {
        return vector.slab();
    }

    /** Where in {@link #memory} message {@code index} begins. */
    public long offset(int index) {
        return vector.slotOffset(index);
    }

    /** The bytes of message {@code index}, or -1 when it has to be skipped (cut off, or of no known family). */
    public int length(int index) {
        return source(index) == null || isTruncated(index) ? -1 : vector.received(index);
    }

    /**
     * The bytes of each datagram in message {@code index}, of which the last may be shorter; {@link #length} when it is
     * one datagram only.
     */
    public int segmentBytes(int index) {
        return segmentBytes[index];
    }

    /** Where message {@code index} came from; the same object for the same address as far as memory goes. */
    public @Nullable InetSocketAddress source(int index) {
        return addresses.read(vector.names(), vector.nameOffset(index));
    }

    /** The congestion mark of message {@code index} (RFC 3168): 0 none, 1 and 2 capable, 3 congestion met. */
    public int ecn(int index) {
        return trafficClass[index] & 3;
    }

    /** The whole traffic class of message {@code index}, 0 to 255. */
    public int trafficClass(int index) {
        return trafficClass[index];
    }

    /**
     * To which of this machine's addresses message {@code index} came, and by which interface; null when the socket was
     * not enabled to tell. The same object for the same address as far as memory goes.
     */
    public @Nullable LocalSource localAddress(int index) {
        int at = localOffset[index];
        return at == NO_LOCAL ? null : locals.read(vector.controls(), at, localIsIpv6[index]);
    }

    /** How many messages were longer than a slot so far. */
    public long truncated() {
        return truncated;
    }

    /** All slots are free: the address of the messages, for recvmmsg. */
    long prepare() {
        for (int i = 0; i < vector.slots(); i++) {
            vector.setNameLength(i, SocketAddresses.BYTES);
            vector.freeControl(i);
        }
        return vector.address();
    }

    void received(int count) {
        for (int i = 0; i < count; i++) {
            segmentBytes[i] = vector.received(i);
            trafficClass[i] = 0;
            localOffset[i] = NO_LOCAL;
            readControl(i);
            if (isTruncated(i)) {
                truncated++;
            }
        }
    }

    private void readControl(int index) {
        MemorySegment controls = vector.controls();
        long at = vector.controlOffset(index);
        long left = vector.controlLength(index);
        for (long step = ControlMessages.step(controls, at, left);
                step > 0;
                step = ControlMessages.step(controls, at, left)) {
            readMessage(index, controls, at);
            at += step;
            left -= step;
        }
    }

    private void readMessage(int index, MemorySegment controls, long at) {
        long data = at + ControlMessages.HEADER_BYTES;
        long kind = ControlMessages.kind(controls, at);
        if (kind == GRO) {
            int size = controls.get(ValueLayout.JAVA_INT_UNALIGNED, data);
            segmentBytes[index] = size > 0 ? Math.min(size, vector.received(index)) : vector.received(index);
        } else if (kind == IPV4_CLASS || kind == IPV6_CLASS) {
            // IPv4 gives one byte, IPv6 an int.
            trafficClass[index] = kind == IPV4_CLASS
                    ? Byte.toUnsignedInt(controls.get(ValueLayout.JAVA_BYTE, data))
                    : controls.get(ValueLayout.JAVA_INT_UNALIGNED, data);
        } else if (kind == IPV4_LOCAL || kind == IPV6_LOCAL) {
            localOffset[index] = (int) data;
            localIsIpv6[index] = kind == IPV6_LOCAL;
        }
    }

    private boolean isTruncated(int index) {
        return (vector.flags(index) & Constants.MSG_TRUNC) != 0;
    }
}
