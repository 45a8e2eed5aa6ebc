package dev.warren.protocol.wireguard;

import org.jspecify.annotations.Nullable;

/** What a device remembers of the handshakes with one peer, both ways. */
final class PeerHandshakes {
    /** Long before any time there is, and still safe to subtract. */
    private static final long LONG_AGO_NANOS = Long.MIN_VALUE / 2;

    /** Only who sees our packets knows to what to forge an answer, and could simply keep the right one back. */
    private static final int MAX_ANSWERS = 8;

    private final IndexTable<Indexed> indices;
    private @Nullable InitiatorHandshake inFlight;
    private byte[] lastTimestamp = new byte[Tai64n.LENGTH];
    private long lastReceivedNanos = LONG_AGO_NANOS;
    private long lastSentNanos = LONG_AGO_NANOS;
    private long mayInitiateAtNanos = LONG_AGO_NANOS;
    private int unanswered;
    private boolean hurried;
    private boolean renewedOnReceive;
    private int answers;

    PeerHandshakes(IndexTable<Indexed> indices) {
        this.indices = indices;
    }

    /** Our own handshake that waits for its response. */
    @Nullable
    InitiatorHandshake inFlight() {
        return inFlight;
    }

    void start(InitiatorHandshake handshake) {
        inFlight = handshake;
        unanswered++;
        answers = 0;
        hurried = false;
        mayInitiateAtNanos = lastSentNanos + Constants.REKEY_TIMEOUT_NANOS;
    }

    /** Whether one more answer to the last handshake is of interest: the right one, or a few forged before it. */
    boolean takesOneMoreAnswer() {
        return answers++ < MAX_ANSWERS;
    }

    /** The handshake became a session, which has taken over its index. */
    void finish() {
        inFlight = null;
    }

    /** Wipes the handshake in flight and frees its index. */
    void abandon() {
        if (inFlight != null) {
            indices.remove(inFlight.localIndex());
            inFlight.wipe();
            inFlight = null;
        }
    }

    /** The same, if it is under that key of ours. */
    void abandon(LocalIdentity me) {
        if (inFlight != null && inFlight.me().equals(me)) {
            abandon();
        }
    }

    /** When the next initiation may go out: one handshake message per peer and REKEY_TIMEOUT (paper section 6.1). */
    long mayInitiateAtNanos() {
        return mayInitiateAtNanos;
    }

    /** Initiations since the last session, which nobody has answered. */
    int unanswered() {
        return unanswered;
    }

    /** An initiation or a response is being sent. */
    void sent(long nowNanos) {
        lastSentNanos = nowNanos;
        mayInitiateAtNanos = nowNanos + (hurried ? Constants.KEY_CHANGE_INTERVAL_NANOS : Constants.REKEY_TIMEOUT_NANOS);
    }

    /** The next initiation may go out at once: the device has another key, or is up again. */
    void forgetSent() {
        mayInitiateAtNanos = LONG_AGO_NANOS;
    }

    /** The network has changed: the next initiation may go out soon. */
    void hasten() {
        mayInitiateAtNanos = Math.min(mayInitiateAtNanos, lastSentNanos + Constants.HASTEN_AFTER_NANOS);
    }

    /** Keys have changed: the next initiation is the first under them, and may go out sooner than one that is repeated. */
    void hurry() {
        unanswered = 0;
        renewedOnReceive = false;
        hurried = true;
        mayInitiateAtNanos = Math.min(mayInitiateAtNanos, lastSentNanos + Constants.KEY_CHANGE_INTERVAL_NANOS);
    }

    /** Whether {@code timestamp} is later than all that were accepted. */
    boolean isNewer(byte[] timestamp) {
        return Tai64n.isAfter(timestamp, lastTimestamp);
    }

    /** Whether the peer's last initiation is so fresh that one more is ignored. */
    boolean isFlooding(long nowNanos) {
        return nowNanos - lastReceivedNanos < Constants.INITIATION_INTERVAL_NANOS;
    }

    /** An initiation of the peer's is accepted. */
    void received(byte[] timestamp, long nowNanos) {
        lastTimestamp = timestamp;
        lastReceivedNanos = nowNanos;
    }

    /** Whether the receiving side may ask to renew the session: once for each. */
    boolean askToRenewOnReceive() {
        boolean first = !renewedOnReceive;
        renewedOnReceive = true;
        return first;
    }

    /** A new session is in use. */
    void complete() {
        renewedOnReceive = false;
        unanswered = 0;
    }
}
