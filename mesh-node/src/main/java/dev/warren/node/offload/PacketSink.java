package dev.warren.node.offload;

import java.lang.foreign.MemorySegment;

/**
 * Takes what a {@link Coalescer} gives: for each packet or super-packet one {@link #begin}, its pieces in order, and one
 * {@link #end}. The pieces are what one {@code writev} to a TUN device with virtio headers takes.
 */
public interface PacketSink {
    /** What follows belongs together. */
    void begin();

    /**
     * One piece, at most {@link Coalescer#maxSlices} of them; never empty. The first is or begins with the virtio header.
     * The first piece's memory is good until {@link #end} returns, the others' until {@link Coalescer#flush} does.
     */
    void slice(MemorySegment memory, long offset, int length);

    /**
     * That was the last piece.
     *
     * @param packets how many received packets are in it
     * @return false when these were several, and such are not taken: they come again one by one, and none of their kind
     *     is joined any more
     */
    boolean end(int packets);
}
