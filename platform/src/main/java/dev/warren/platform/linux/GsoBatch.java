package dev.warren.platform.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams that wait for one {@link UdpSocket#send(GsoBatch, UdpSocket.Refused)}. They stay where they are in native
 * memory, which has to be left as it is until they are gone; {@link #addCopy} is for those that can't stay. All of them
 * must be of the socket's family. Belongs to one thread.
 *
 * <p>Datagrams that follow one another to the same destination, from the same source, with the same traffic class and
 * of the same length (the last may be shorter) become a train: one message for the kernel, which takes it through its
 * stack once (UDP_SEGMENT, kernel 4.18 or newer). Where they lie does not matter; back to back they cost least.
 */
public final class GsoBatch {
    /** The most datagrams in a train: UDP_MAX_SEGMENTS of kernels before 6.9. */
    public static final int MAX_SEGMENTS = 64;

    /** What 65,535 bytes of IP leave to UDP: IPv4 counts its header of 20 bytes, IPv6 does not. */
    private static final int MAX_IPV4_BYTES = 65507;

    private static final int MAX_IPV6_BYTES = 65527;

    /** Trains from pieces that lie apart need more iovecs than messages, but seldom many. */
    private static final int PARTS_PER_MESSAGE = 4;

    private static final ValueLayout.OfLong HEADER = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final TrainVector vector;
    private final WrittenAddresses addresses = new WrittenAddresses();
    private final TrainLimits limits = new TrainLimits();
    private final MemorySegment copies;
    /** So that nothing is collected whose address the vector holds. */
    private final @Nullable MemorySegment[] memories;

    private final @Nullable InetSocketAddress[] destinations;
    private final @Nullable LocalSource[] sources;
    private final int[] trafficClasses;
    private final int[] firstPart;
    private final int[] segments;
    private final int[] segmentBytes;
    private final GsoFlush flush = new GsoFlush(this);

    private boolean isGso;
    private boolean isOpen;
    private int head;
    private int tail;
    private int partTail;
    private int copyTail;
    private int trainBytes;

    /**
     * @param messages how many messages can wait: trains, or single datagrams
     * @param copyBytes room for {@link #addCopy}
     * @param isGso whether to build trains; without, each datagram is a message
     */
    public GsoBatch(int messages, int copyBytes, boolean isGso) {
        this.isGso = isGso;
        vector = new TrainVector(messages, messages * PARTS_PER_MESSAGE);
        copies = Arena.ofAuto().allocate(copyBytes, 64);
        memories = new MemorySegment[vector.maxParts()];
        destinations = new InetSocketAddress[messages];
        sources = new LocalSource[messages];
        trafficClasses = new int[messages];
        firstPart = new int[messages];
        segments = new int[messages];
        segmentBytes = new int[messages];
    }

    /** How many messages wait. */
    public int size() {
        return tail - head;
    }

    /** How many datagrams wait, those of a train that is on its way singly included. */
    public int datagrams() {
        int count = 0;
        for (int i = head; i < tail; i++) {
            count += segments[i];
        }
        return count;
    }

    /** Whether it builds trains: as asked for, until the kernel refuses trains as such. */
    public boolean isGso() {
        return isGso;
    }

    /**
     * Takes a datagram that lies in native memory and stays there until it is gone.
     *
     * @param source where it leaves from; null leaves that to the routing table
     * @param trafficClass 0 to 255, congestion mark included; 0 is the socket's own
     * @return false, with nothing taken, when there is no room for one more
     */
    public boolean add(
            InetSocketAddress destination,
            @Nullable LocalSource source,
            int trafficClass,
            MemorySegment memory,
            long offset,
            int length) {
        long address = NativeAddress.of(memory, offset, length);
        if (joins(destination, source, trafficClass, length)) {
            return extend(memory, address, length);
        }
        return begin(destination, source, trafficClass, memory, address, length);
    }

    /** Takes a copy of a datagram; false, with nothing taken, when there is no room. */
    public boolean addCopy(
            InetSocketAddress destination,
            @Nullable LocalSource source,
            int trafficClass,
            byte[] bytes,
            int offset,
            int length) {
        if (length > copies.byteSize() - copyTail) {
            return false;
        }
        MemorySegment.copy(bytes, offset, copies, ValueLayout.JAVA_BYTE, copyTail, length);
        return addCopied(destination, source, trafficClass, length);
    }

    /** The same for a datagram in memory of any kind. */
    public boolean addCopy(
            InetSocketAddress destination,
            @Nullable LocalSource source,
            int trafficClass,
            MemorySegment memory,
            long offset,
            int length) {
        if (length > copies.byteSize() - copyTail) {
            return false;
        }
        MemorySegment.copy(memory, offset, copies, copyTail, length);
        return addCopied(destination, source, trafficClass, length);
    }

    /** The same behind eight bytes more, which are {@code header}, big-endian. */
    public boolean addCopy(
            InetSocketAddress destination,
            @Nullable LocalSource source,
            int trafficClass,
            long header,
            MemorySegment memory,
            long offset,
            int length) {
        if (length > copies.byteSize() - copyTail - Long.BYTES) {
            return false;
        }
        copies.set(HEADER, copyTail, header);
        MemorySegment.copy(memory, offset, copies, copyTail + (long) Long.BYTES, length);
        return addCopied(destination, source, trafficClass, Long.BYTES + length);
    }

    /** Forgets everything that waits. */
    public void clear() {
        remove(size());
        flush.reset();
    }

    /**
     * Allows long trains again to all destinations: to be called when ways may have changed. Otherwise, a destination
     * whose train was refused as too long gets none with segments so long any more.
     *
     * @param mayGso whether to build trains at all from now on, also where the kernel has refused them as such
     */
    public void forgetLimits(boolean mayGso) {
        limits.clear();
        isGso = mayGso;
        isOpen &= mayGso;
    }

    private boolean addCopied(
            InetSocketAddress destination, @Nullable LocalSource source, int trafficClass, int length) {
        boolean isTaken = add(destination, source, trafficClass, copies, copyTail, length);
        if (isTaken) {
            copyTail += length;
        }
        return isTaken;
    }

    @SuppressWarnings("ReferenceEquality") // as in WrittenAddresses
    private boolean joins(InetSocketAddress destination, @Nullable LocalSource source, int trafficClass, int length) {
        if (!isOpen || length == 0) {
            return false;
        }
        int last = tail - 1;
        int segment = segmentBytes[last];
        return destinations[last] == destination
                && length <= segment
                && trafficClasses[last] == trafficClass
                && segments[last] < MAX_SEGMENTS
                && trainBytes + length <= (isIpv6(last) ? MAX_IPV6_BYTES : MAX_IPV4_BYTES)
                && Objects.equals(sources[last], source)
                && limits.allow(destination, segment);
    }

    /** Puts one more datagram to the last message. */
    private boolean extend(MemorySegment memory, long address, int length) {
        int last = tail - 1;
        int part = partTail - 1;
        if (memory.equals(memories[part]) && vector.partAddress(part) + vector.partBytes(part) == address) {
            vector.setPart(part, vector.partAddress(part), vector.partBytes(part) + length);
        } else if (partTail == vector.maxParts()) {
            return false;
        } else {
            putPart(memory, address, length);
            vector.setParts(last, firstPart[last], partTail - firstPart[last]);
        }
        if (segments[last] == 1) {
            vector.addSegment(last, segmentBytes[last]);
        }
        segments[last]++;
        trainBytes += length;
        isOpen = length == segmentBytes[last];
        return true;
    }

    private boolean begin(
            InetSocketAddress destination,
            @Nullable LocalSource source,
            int trafficClass,
            MemorySegment memory,
            long address,
            int length) {
        if (tail == vector.messages() || partTail == vector.maxParts()) {
            return false;
        }
        int index = tail++;
        destinations[index] = destination;
        sources[index] = source;
        trafficClasses[index] = trafficClass;
        firstPart[index] = partTail;
        segments[index] = 1;
        segmentBytes[index] = length;
        trainBytes = length;
        isOpen = isGso && length > 0;
        vector.setParts(index, partTail, 1);
        putPart(memory, address, length);
        vector.setName(index, addresses, destination);
        vector.setControl(index, isIpv6(index), source, trafficClass, 0);
        return true;
    }

    private void putPart(MemorySegment memory, long address, int length) {
        memories[partTail] = memory;
        vector.setPart(partTail++, address, length);
    }

    GsoFlush flush() {
        return flush;
    }

    TrainLimits limits() {
        return limits;
    }

    TrainVector vector() {
        return vector;
    }

    /** The kernel takes no trains: whatever else waits or comes goes out singly. */
    void refuseGso() {
        isGso = false;
        isOpen = false;
    }

    /** Nothing more joins what waits: its sending has begun. */
    void close() {
        isOpen = false;
    }

    /** The first message that waits. */
    int head() {
        return head;
    }

    InetSocketAddress destination(int index) {
        return Objects.requireNonNull(destinations[index]);
    }

    @Nullable
    LocalSource source(int index) {
        return sources[index];
    }

    int segments(int index) {
        return segments[index];
    }

    int segmentBytes(int index) {
        return segmentBytes[index];
    }

    int firstPart(int index) {
        return firstPart[index];
    }

    boolean isIpv6(int index) {
        return destination(index).getAddress() instanceof Inet6Address;
    }

    /** Message {@code index} leaves from where the routing table says. */
    void dropSource(int index) {
        sources[index] = null;
        int size = segments[index] > 1 ? segmentBytes[index] : 0;
        vector.setControl(index, isIpv6(index), null, trafficClasses[index], size);
    }

    /** The first {@code count} are gone: sent, or given up. */
    void remove(int count) {
        Arrays.fill(destinations, head, head + count, null);
        Arrays.fill(sources, head, head + count, null);
        head += count;
        if (head == tail) {
            Arrays.fill(memories, 0, partTail, null);
            head = 0;
            tail = 0;
            partTail = 0;
            copyTail = 0;
            isOpen = false;
        }
    }
}
