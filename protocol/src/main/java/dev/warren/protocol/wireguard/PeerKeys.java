package dev.warren.protocol.wireguard;

import dev.warren.protocol.key.NodePublicKey;
import org.jspecify.annotations.Nullable;

/**
 * The static key of a peer, and the one that it is going to have. The peer is known by both until it starts a handshake
 * under the new one; then the old one is forgotten. That it answers under the new one says less: it does so before its
 * date too.
 */
final class PeerKeys {
    private StaticPeer current;
    private @Nullable StaticPeer pending;
    private boolean pendingAnsweredLast;

    PeerKeys(StaticPeer current) {
        this.current = current;
    }

    StaticPeer current() {
        return current;
    }

    @Nullable
    StaticPeer pending() {
        return pending;
    }

    int count() {
        return pending == null ? 1 : 2;
    }

    /** That key of the peer's; null for a key that is not the peer's. */
    @Nullable
    StaticPeer of(NodePublicKey key) {
        if (current.publicKey().equals(key)) {
            return current;
        }
        return pending != null && pending.publicKey().equals(key) ? pending : null;
    }

    /** The key for an own handshake after {@code unanswered} ones: the one that was answered last, then in turn. */
    StaticPeer forInitiation(int unanswered) {
        boolean isFirst = unanswered % 2 == 0;
        return pending != null && isFirst == pendingAnsweredLast ? pending : current;
    }

    /** The peer answered under that key. */
    void answered(StaticPeer key) {
        pendingAnsweredLast = key == pending;
    }

    void setPending(@Nullable StaticPeer key) {
        if (pending != null) {
            pending.wipe();
        }
        pending = key;
        pendingAnsweredLast = false;
    }

    /** The peer has the pending key, so it has no other any more. */
    void adoptPending() {
        if (pending != null) {
            current.wipe();
            current = pending;
            pending = null;
            pendingAnsweredLast = false;
        }
    }

    /** Keeps the cookie of a reply to the last message under one of the keys; false when it is none. */
    boolean acceptCookie(CookieReplyMessage reply, long nowNanos) {
        return current.cookies().accept(reply, nowNanos)
                || (pending != null && pending.cookies().accept(reply, nowNanos));
    }

    /** The device has another private key, and no other. */
    void rekey(LocalIdentity me) {
        current.rekey(me);
        if (pending != null) {
            pending.rekey(me);
        }
    }

    /** The device does not have this private key any more. */
    void forget(LocalIdentity me) {
        current.forget(me);
        if (pending != null) {
            pending.forget(me);
        }
    }

    void wipe() {
        current.wipe();
        setPending(null);
    }
}
