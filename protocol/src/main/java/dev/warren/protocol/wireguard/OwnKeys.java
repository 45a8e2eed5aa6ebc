package dev.warren.protocol.wireguard;

import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The device's static key pair, and a second one while it is being changed: the one that comes next, or after
 * {@link #promotePending} the one that was before. What is addressed to either is taken. Own handshakes are under the
 * first, and while that is the newer one, every second try is under the old one, for a peer that does not know it yet.
 */
final class OwnKeys {
    private final RandomGenerator random;
    private Key current;
    private @Nullable Key pending;
    private boolean pendingIsOld;

    OwnKeys(NodePrivateKey key, RandomGenerator random) {
        this.random = random;
        this.current = keyOf(key);
    }

    /**
     * One of the device's keys.
     *
     * @param identity the pair of keys
     * @param checker of what is addressed to it
     */
    record Key(LocalIdentity identity, CookieChecker checker) {
        private void close() {
            identity.privateKey().close();
            checker.close();
        }
    }

    LocalIdentity current() {
        return current.identity();
    }

    @Nullable
    LocalIdentity pending() {
        return pending == null ? null : pending.identity();
    }

    boolean has(NodePublicKey key) {
        return current().publicKey().equals(key)
                || (pending != null && pending.identity().publicKey().equals(key));
    }

    /** Whether this is the key that the current one has replaced. */
    boolean isOld(@Nullable NodePublicKey key) {
        return key != null
                && pending != null
                && pendingIsOld
                && pending.identity().publicKey().equals(key);
    }

    /** Whose the handshake message is by its first MAC, or null: one hash, or two while the key is being changed. */
    @Nullable
    Key addressee(byte[] message, int offset, int length) {
        if (current.checker().isMac1Valid(message, offset, length)) {
            return current;
        }
        return pending != null && pending.checker().isMac1Valid(message, offset, length) ? pending : null;
    }

    /** The key for an own handshake after {@code unanswered} ones that nobody has answered. */
    LocalIdentity forInitiation(int unanswered) {
        return pending != null && pendingIsOld && unanswered % 2 == 1 ? pending.identity() : current.identity();
    }

    /** A copy of {@code key} and nothing else. */
    void set(NodePrivateKey key) {
        setPending(null);
        Key before = current;
        current = keyOf(key);
        before.close();
    }

    /** A copy of {@code key} beside the current one, or nothing else any more. */
    void setPending(@Nullable NodePrivateKey key) {
        Key before = pending;
        pending = key == null ? null : keyOf(key);
        pendingIsOld = false;
        if (before != null) {
            before.close();
        }
    }

    /** The two change places; false when there is only one. */
    boolean promotePending() {
        if (pending == null) {
            return false;
        }
        Key before = current;
        current = pending;
        pending = before;
        pendingIsOld = true;
        return true;
    }

    void close() {
        setPending(null);
        current.close();
    }

    private Key keyOf(NodePrivateKey key) {
        LocalIdentity identity = LocalIdentity.copyOf(key);
        return new Key(identity, new CookieChecker(identity.publicKey(), random));
    }
}
