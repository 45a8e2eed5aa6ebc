package dev.warren.loadtest.relay;

import dev.warren.loadtest.relay.wire.Connection;
import dev.warren.protocol.key.NodePublicKey;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Packets from one client to another. Both belong to the same thread, and so does this. */
final class Flow {
    private final int id;
    private final Connection sender;
    private final Connection receiver;
    private final MemorySegment destination;
    private final long source;
    private final boolean isSlow;
    private final Ledger ledger = new Ledger();

    /** When a packet of it came last, or it was started. */
    long heardNanos;
    /** In an open loop: the number of its next burst among those of all flows. */
    long nextBurst;
    /** Whether a packet of it was in the current read. */
    boolean touched;

    /**
     * A flow.
     *
     * @param id its number, unique among all threads
     * @param isSlow whether the receiver reads slowly on purpose
     */
    Flow(int id, Connection sender, Connection receiver, boolean isSlow) {
        this.id = id;
        this.sender = sender;
        this.receiver = receiver;
        this.isSlow = isSlow;
        destination = MemorySegment.ofArray(receiver.key().publicKey().bytes());
        source = firstBytes(sender.key().publicKey());
        nextBurst = id;
    }

    int id() {
        return id;
    }

    Connection sender() {
        return sender;
    }

    Connection receiver() {
        return receiver;
    }

    /** The receiver's key. */
    MemorySegment destination() {
        return destination;
    }

    /** The first eight bytes of the sender's key. */
    long source() {
        return source;
    }

    boolean isSlow() {
        return isSlow;
    }

    Ledger ledger() {
        return ledger;
    }

    boolean isAlive() {
        return sender.phase() == Connection.Phase.OPEN && receiver.phase() == Connection.Phase.OPEN;
    }

    private static long firstBytes(NodePublicKey key) {
        return ByteBuffer.wrap(key.bytes()).getLong();
    }
}
