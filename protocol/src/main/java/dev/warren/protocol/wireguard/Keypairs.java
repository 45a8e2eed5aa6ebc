package dev.warren.protocol.wireguard;

import org.jspecify.annotations.Nullable;

/**
 * A peer's sessions: one that is being replaced, one in use, one that waits for its confirmation. A responder may not
 * send with a session before the initiator has, because only that proves that the response arrived (paper section 5.4.5
 * and 6.3). A session that falls out of the three slots is wiped and its index freed.
 */
final class Keypairs {
    private final IndexTable<Indexed> indices;
    private @Nullable Session previous;
    private @Nullable Session current;
    private @Nullable Session next;

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

    /**
     * We initiated: the response proves the peer has the keys, so they are in use at once.
     *
     * <p>When both ends initiate at the same time, two sessions come of it, and both must settle on the same one or
     * they take each other's keys away at the next renewal. So the end whose handshake counts less, {@code yields},
     * leaves the peer's session in its place to be confirmed. (The paper has one handshake state for both directions,
     * which makes both handshakes fail; the next try is 5 s later.)
     */
    void startAsInitiator(Session session, boolean yields, long nowNanos) {
        Session stepsBack = current;
        boolean simultaneous = next != null && next.ageNanos(nowNanos) < Constants.REKEY_TIMEOUT_NANOS;
        if (next != null && !(yields && simultaneous)) {
            // An unconfirmed session of the peer's making is newer than the current one and may still be used by it.
            stepsBack = next;
            next = null;
            discard(current);
        }
        discard(previous);
        previous = stepsBack;
        current = session;
    }

    /** We responded: the keys wait for the first message under them. */
    void startAsResponder(Session session) {
        discard(next);
        next = session;
        discard(previous);
        previous = null;
    }

    /** A message came in under {@code session}; true when that confirmed it, so that it is in use now. */
    boolean confirm(Session session) {
        if (session != next) {
            return false;
        }
        discard(previous);
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
        previous = null;
        current = null;
        next = null;
    }

    private void discard(@Nullable Session session) {
        if (session != null) {
            indices.remove(session.localIndex());
            session.wipe();
        }
    }
}
