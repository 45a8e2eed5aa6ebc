package dev.warren.node.offload;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Joins received packets of one flow to super-packets, as the kernel's GRO does for those of a network card: TCP
 * segments that follow each other with equal headers, and UDP datagrams of equal size. Cut again, a super-packet gives
 * exactly the packets that were joined, but for the identification of IPv4 packets that may not be fragmented, which
 * means nothing (RFC 6864). Everything else passes unchanged.
 *
 * <p>Packets of one flow leave in the order in which they came; those of different flows may overtake each other until
 * {@link #flush}. Only packets with right checksums are joined, so that no broken one is made to look sound. Fragments
 * and packets with IPv4 options or IPv6 extension headers are never joined.
 *
 * <p>Belongs to one thread.
 */
public final class Coalescer {
    /** So many segments the kernel took of a UDP super-packet from the beginning on (UDP_MAX_SEGMENTS). */
    public static final int SAFE_SEGMENTS = 64;
    /** What one {@code writev} takes (IOV_MAX), one less for the headers. */
    public static final int MAX_SEGMENTS = 1_023;

    /** So many flows are open at a time; one more, and one of them has to give way. */
    static final int MAX_FLOWS = 16;

    /** The scratch memory: a virtio header of zeros; another one, and the longest headers (IPv6 and TCP) behind it. */
    private static final int NONE_AT = 0;

    private static final int SUPER_AT = 22;
    private static final int SCRATCH_BYTES = SUPER_AT + VirtioHeader.BYTES + Ip.V6_HEADER + Ip.TCP_MAX_HEADER;

    private final MemorySegment scratch;
    private final PacketSink sink;
    private final int maxSegments;
    private final PacketView added = new PacketView();
    /** The first {@link #open} are in use. */
    private final Run[] runs = new Run[MAX_FLOWS];

    private final long[] tags = new long[MAX_FLOWS];
    private int open;
    /** Which run gives way next. */
    private int victim;

    private boolean joinTcp = true;
    private boolean joinUdp = true;

    /**
     * Joins both TCP and UDP.
     *
     * @param allocator for the few bytes of headers that this writes; as long-lived as the coalescer
     * @param maxSegments at most so many packets are joined to one, 1 to {@link #MAX_SEGMENTS}
     * @param sink takes the packets, from within {@link #add} and {@link #flush}
     */
    public Coalescer(SegmentAllocator allocator, int maxSegments, PacketSink sink) {
        if (maxSegments < 1 || maxSegments > MAX_SEGMENTS) {
            throw new IllegalArgumentException(
                    "1 to " + MAX_SEGMENTS + " packets can be joined to one, not " + maxSegments);
        }
        this.maxSegments = maxSegments;
        this.sink = sink;
        scratch = allocator.allocate(SCRATCH_BYTES, 32);
        VirtioHeader.writeNone(scratch, NONE_AT);
        for (int i = 0; i < MAX_FLOWS; i++) {
            runs[i] = new Run(maxSegments);
        }
    }

    /** The most pieces that one packet or super-packet comes in. */
    public int maxSlices() {
        return 1 + maxSegments;
    }

    /** From now on no TCP segments leave joined: the kernel does not take them. */
    public void switchOffTcp() {
        joinTcp = false;
    }

    /** From now on no UDP datagrams leave joined. */
    public void switchOffUdp() {
        joinUdp = false;
    }

    /** Whether TCP segments are joined. */
    public boolean joinsTcp() {
        return joinTcp;
    }

    /** Whether UDP datagrams are joined. */
    public boolean joinsUdp() {
        return joinUdp;
    }

    /**
     * Takes one IP packet, which has to stay as it is until {@link #flush}. Only packets in the same {@code memory} are
     * joined.
     *
     * @param length at least 1, without padding: a packet that is not as long as its header says is not joined
     */
    public void add(MemorySegment memory, long offset, int length) {
        PacketView.Kind kind = added.read(memory, offset, length);
        boolean joinable = kind == PacketView.Kind.JOINABLE && (added.tcp ? joinTcp : joinUdp);
        if (open > 0 && joinedToOpenRun(kind, joinable)) {
            return;
        }
        if (joinable && !added.pushed) {
            begin();
        } else {
            plain(memory, offset, length);
        }
    }

    /** Hands on what waits for more of its flow. */
    public void flush() {
        for (int i = 0; i < open; i++) {
            emit(runs[i]);
            runs[i].clear();
        }
        open = 0;
    }

    /** Lets the packet join its flow's run, or ends whatever it must not overtake. */
    private boolean joinedToOpenRun(PacketView.Kind kind, boolean joinable) {
        switch (kind) {
            case FOREIGN -> {}
            case ADDRESSED -> closeBetween();
            case SINGLE, JOINABLE -> {
                int index = find();
                if (index >= 0) {
                    boolean joined = joinable && runs[index].append(added);
                    if (!joined || runs[index].isComplete()) {
                        close(index);
                    }
                    return joined;
                }
            }
        }
        return false;
    }

    private int find() {
        for (int i = 0; i < open; i++) {
            if (tags[i] == added.tag && runs[i].isFlowOf(added)) {
                return i;
            }
        }
        return -1;
    }

    private void closeBetween() {
        for (int i = open - 1; i >= 0; i--) {
            if (runs[i].isBetween(added)) {
                close(i);
            }
        }
    }

    private void begin() {
        if (open == MAX_FLOWS) {
            victim = (victim + 1) % MAX_FLOWS;
            close(victim);
        }
        runs[open].begin(added);
        tags[open] = added.tag;
        open++;
    }

    /** Hands the run on; the last open one takes its place. */
    private void close(int index) {
        Run run = runs[index];
        emit(run);
        run.clear();
        open--;
        runs[index] = runs[open];
        tags[index] = tags[open];
        runs[open] = run;
    }

    private void emit(Run run) {
        if (run.packets() > 1 && (run.tcp() ? joinTcp : joinUdp)) {
            if (joined(run)) {
                return;
            }
            if (run.tcp()) {
                switchOffTcp();
            } else {
                switchOffUdp();
            }
        }
        for (int i = 0; i < run.packets(); i++) {
            plain(run.memory(), run.packetAt(i), run.headerLength() + run.payload(i));
        }
    }

    /** Hands the run on as one; false when that is not taken. */
    private boolean joined(Run run) {
        sink.begin();
        sink.slice(scratch, SUPER_AT, run.writeHeaders(scratch, SUPER_AT));
        for (int i = 0; i < run.packets(); i++) {
            sink.slice(run.memory(), run.packetAt(i) + run.headerLength(), run.payload(i));
        }
        return sink.end(run.packets());
    }

    private void plain(MemorySegment memory, long offset, int length) {
        sink.begin();
        sink.slice(scratch, NONE_AT, VirtioHeader.BYTES);
        sink.slice(memory, offset, length);
        boolean _ = sink.end(1);
    }
}
