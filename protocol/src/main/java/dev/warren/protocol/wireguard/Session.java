package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.PacketCipher;
import java.lang.foreign.MemorySegment;

/** One pair of transport keys (paper section 5.4.5), with its counters. */
final class Session {
    private final Peer peer;
    private final boolean initiator;
    private final int localIndex;
    private final int remoteIndex;
    private final PacketCipher sealing;
    private final PacketCipher opening;
    private final long createdNanos;
    private final ReplayWindow window = new ReplayWindow();
    private long nextCounter;
    private boolean sendingAllowed = true;
    private boolean renewalWanted;
    private long supersededNanos;

    Session(Peer peer, SessionKeys keys, long createdNanos) {
        this.peer = peer;
        this.initiator = keys.initiator();
        this.localIndex = keys.localIndex();
        this.remoteIndex = keys.remoteIndex();
        this.sealing = keys.sealing();
        this.opening = keys.opening();
        this.createdNanos = createdNanos;
        this.supersededNanos = createdNanos;
    }

    Peer peer() {
        return peer;
    }

    boolean isInitiator() {
        return initiator;
    }

    /** The index that the initiator chose, which both ends know. */
    int initiatorIndex() {
        return initiator ? localIndex : remoteIndex;
    }

    int localIndex() {
        return localIndex;
    }

    /** The index that the peer chose. */
    int remoteIndex() {
        return remoteIndex;
    }

    long ageNanos(long nowNanos) {
        return nowNanos - createdNanos;
    }

    boolean isExpired(long nowNanos) {
        return ageNanos(nowNanos) >= Constants.REJECT_AFTER_TIME_NANOS;
    }

    /**
     * Whether it may still seal: young enough, counters left, and the device's key is still the one it was made with.
     */
    boolean maySend(long nowNanos) {
        return sendingAllowed
                && !isExpired(nowNanos)
                && Long.compareUnsigned(nextCounter, Constants.REJECT_AFTER_MESSAGES) < 0;
    }

    /** Whether the sender should ask for a new session (paper section 6.2). */
    boolean isDueOnSend(long nowNanos) {
        return renewalWanted
                || Long.compareUnsigned(nextCounter, Constants.REKEY_AFTER_MESSAGES) > 0
                || (initiator && ageNanos(nowNanos) >= Constants.REKEY_AFTER_TIME_NANOS);
    }

    /** Whether the receiver should ask for a new session, in case that it never sends (paper section 6.2). */
    boolean isDueOnReceive(long nowNanos) {
        return renewalWanted || (initiator && ageNanos(nowNanos) >= Constants.REKEY_ON_RECEIVE_NANOS);
    }

    /** Static keys are being changed: the next packet either way asks for a new session, and this one goes on. */
    void wantRenewal() {
        renewalWanted = true;
    }

    /** Another session is used from now on; messages under this one may still be on their way. */
    void superseded(long nowNanos) {
        supersededNanos = nowNanos;
    }

    /** Since when nobody begins to send under it: since it was superseded, or made and never used. */
    long idleNanos(long nowNanos) {
        return nowNanos - supersededNanos;
    }

    void forbidSending() {
        sendingAllowed = false;
    }

    /** As if that many messages had been sent; for tests of the limits, which can't send 2^60. */
    void skipCounters(long count) {
        nextCounter += count;
    }

    /**
     * Seals the {@code paddedLength} bytes behind the header at {@code offset} and writes the header: a whole message
     * of the returned length starts at {@code offset}.
     */
    int seal(MemorySegment memory, long offset, int paddedLength) {
        long counter = nextCounter++;
        DataMessage.encodeHeader(remoteIndex, counter, memory, offset);
        sealing.seal(counter, memory, offset + DataMessage.HEADER_LENGTH, paddedLength);
        return DataMessage.encodedLength(paddedLength);
    }

    /** Opens the whole message at {@code offset} in place; the packet is behind the header. */
    boolean open(MemorySegment memory, long offset, int length) {
        long counter = DataMessage.counter(memory, offset);
        long packetAt = offset + DataMessage.HEADER_LENGTH;
        return Long.compareUnsigned(counter, Constants.REJECT_AFTER_MESSAGES) < 0
                && opening.open(counter, memory, packetAt, length - DataMessage.HEADER_LENGTH);
    }

    /** Whether this counter of an opened message is new. */
    boolean accept(long counter) {
        return window.accept(counter);
    }

    void wipe() {
        sendingAllowed = false;
        sealing.close();
        opening.close();
    }
}
