package dev.warren.protocol.wireguard;

import dev.warren.protocol.key.PresharedKey;
import org.jspecify.annotations.Nullable;

/**
 * The preshared key of one peer, and while it is being changed a second one that is as good. Only the second handshake
 * message depends on the key, which gives this rule for two ends that are not changed at the same moment:
 *
 * <ul>
 *   <li>An initiator opens the response with whichever of its keys fits.
 *   <li>A responder has to choose, and nothing in an initiation says what the other end has. It takes the configured key
 *       first, and from then on the one that worked last. When the next initiation comes and the last response was never
 *       followed by a message under its keys, the initiator could not open it, or it was lost: the other key is next.
 *       After a promotion the other key is the old one, and what worked last is forgotten each time: otherwise two ends
 *       that both have the new one would stay with the old.
 * </ul>
 *
 * <p>A wrong choice costs one retry, 5 s, of the 60 s for which a session outlives its renewal, so nothing is lost as
 * long as one key is known to both ends. Where both ends know both keys no choice is wrong.
 */
final class PresharedKeys {
    private PresharedKey configured = PresharedKey.none();
    private @Nullable PresharedKey pending;
    private boolean pendingIsOld;
    private boolean answersWithPending;
    private boolean usedPending;
    private boolean unconfirmed;
    private boolean pendingInUse;

    PresharedKey configured() {
        return configured;
    }

    @Nullable
    PresharedKey pending() {
        return pending;
    }

    /** Whether the last handshake that was completed used what is the pending key now. */
    boolean isPendingInUse() {
        return pendingInUse;
    }

    /** Uses a copy of {@code key}; the pending one stays. */
    void setConfigured(PresharedKey key) {
        PresharedKey before = configured;
        configured = copyOf(key);
        before.close();
        answerAnew();
    }

    /** Accepts a copy of {@code key} too, or nothing else any more. */
    void setPending(@Nullable PresharedKey key) {
        PresharedKey before = pending;
        pending = key == null ? null : copyOf(key);
        if (before != null) {
            before.close();
        }
        pendingInUse = false;
        pendingIsOld = false;
        answerAnew();
    }

    /** The pending key becomes the configured one, and the other way round; false when there is none. */
    boolean promotePending() {
        if (pending == null) {
            return false;
        }
        PresharedKey before = configured;
        configured = pending;
        pending = before;
        pendingInUse = !pendingInUse;
        pendingIsOld = true;
        boolean hadUsedPending = usedPending;
        answerAnew();
        usedPending = !hadUsedPending;
        return true;
    }

    /** The key for a response that is being made. */
    PresharedKey forResponse() {
        if (unconfirmed) {
            answersWithPending = !answersWithPending;
        }
        unconfirmed = true;
        answersWithPending &= pending != null;
        usedPending = answersWithPending;
        return answersWithPending && pending != null ? pending : configured;
    }

    /** A response was opened with one of the two, so the peer has that one. */
    void opened(boolean withPending) {
        usedPending = withPending;
        answersWithPending = withPending && !pendingIsOld;
        unconfirmed = false;
    }

    /** A session came into use: ours, or the one of the last response. */
    void confirmed() {
        unconfirmed = false;
        pendingInUse = usedPending;
        answersWithPending &= !pendingIsOld;
    }

    void wipe() {
        configured.close();
        if (pending != null) {
            pending.close();
        }
    }

    private void answerAnew() {
        answersWithPending = false;
        usedPending = false;
        unconfirmed = false;
    }

    private static PresharedKey copyOf(PresharedKey key) {
        return PresharedKey.taking(key.bytes());
    }
}
