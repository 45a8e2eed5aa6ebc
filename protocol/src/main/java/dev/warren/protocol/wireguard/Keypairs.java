package dev.warren.protocol.wireguard;

import org.jspecify.annotations.Nullable;

/**
 * A peer's sessions: one that is being replaced, one in use, one that waits for its confirmation. A responder may not
 * send with a session before the initiator has, because only that proves that the response arrived (paper section 5.4.5
 * and 6.3). A session that falls out of the three slots is wiped and its index freed.
 *
 * <p>Where handshakes follow each other closely, since both ends started one or keys are being changed, a session can
 * fall out while messages under it are still on their way. That one is kept for reading as the late one.
 */
final class Keypairs {
    private final IndexTable<Indexed> indices;
    private @Nullable Session previous;
    private @Nullable Session current;
    private @Nullable Session next;
    private @Nullable Session late;

    Keypairs(IndexTable<Indexed> indices) {
        this.indices = indices;
    }

    @Nullable
    Session current() {
        return current;
    }

    @Nullable
    Session previous() {
        return previous;
    }

    @Nullable
    Session next() {
        return next;
    }

    /** Whether that is the peer's index of one of the sessions. */
    boolean hasRemoteIndex(int index) {
        return isRemoteIndex(current, index)
                || isRemoteIndex(previous, index)
                || isRemoteIndex(next, index)
                || isRemoteIndex(late, index);
    }

    private static boolean isRemoteIndex(@Nullable Session session, int index) {
        return session != null && session.remoteIndex() == index;
    }

    /**
     * We initiated: the response proves the peer has the keys, so they are in use at once.
     *
     * <p>When both ends initiate at the same time, two sessions come of it, and both must settle on the same one or
     * they take each other's keys away at the next renewal. So the end whose handshake counts less leaves the peer's
     * session in its place to be confirmed: the one with the greater index of the initiator's. (The paper has one
     * handshake state for both directions, which makes both handshakes fail; the next try is 5 s later.)
     */
    void startAsInitiator(Session session, long nowNanos) {
        Session stepsBack = current;
        Session replaced = null;
        if (next != null && !yields(session, next, nowNanos)) {
            // An unconfirmed session of the peer's making is newer than the current one and may still be used by it.
            stepsBack = next;
            replaced = current;
            next = null;
        }
        stepBack(replaced, nowNanos);
        retire(previous, nowNanos);
        retire(replaced, nowNanos);
        stepBack(stepsBack, nowNanos);
        previous = stepsBack;
        current = session;
    }

    /** We responded: the keys wait for the first message under them. */
    void startAsResponder(Session session, long nowNanos) {
        retire(previous, nowNanos);
        retire(next, nowNanos);
        previous = null;
        next = session;
    }

    /** A message came in under {@code session}; true when that confirmed it, so that it is in use now. */
    boolean confirm(Session session, long nowNanos) {
        if (session != next) {
            return false;
        }
        retire(previous, nowNanos);
        stepBack(current, nowNanos);
        previous = current;
        current = next;
        next = null;
        return true;
    }

    /** The device's key has changed: what is open may still be read, but nothing be sent. */
    void forbidSending() {
        if (current != null) {
            current.forbidSending();
        }
        if (next != null) {
            next.forbidSending();
        }
    }

    void wipe() {
        discard(previous);
        discard(current);
        discard(next);
        discard(late);
        previous = null;
        current = null;
        next = null;
        late = null;
    }

    /** The static keys are being changed: the session in use goes on, but is to be renewed at the next packet. */
    void wantRenewal() {
        if (current != null) {
            current.wantRenewal();
        }
    }

    /** Of two handshakes at the same time the one with the smaller index counts; any rule does that both ends share. */
    private static boolean yields(Session own, Session peers, long nowNanos) {
        return peers.ageNanos(nowNanos) < Constants.REKEY_TIMEOUT_NANOS
                && Integer.compareUnsigned(own.initiatorIndex(), peers.initiatorIndex()) > 0;
    }

    private static void stepBack(@Nullable Session session, long nowNanos) {
        if (session != null) {
            session.superseded(nowNanos);
        }
    }

    /** Ends a session that fell out, at once or when the next one does. */
    private void retire(@Nullable Session session, long nowNanos) {
        if (late != null && late.idleNanos(nowNanos) >= Constants.REKEY_TIMEOUT_NANOS) {
            discard(late);
            late = null;
        }
        if (session == null) {
            return;
        }
        if (session.idleNanos(nowNanos) >= Constants.REKEY_TIMEOUT_NANOS) {
            discard(session);
        } else {
            discard(late);
            late = session;
        }
    }

    private void discard(@Nullable Session session) {
        if (session != null) {
            indices.remove(session.localIndex());
            session.wipe();
        }
    }
}
