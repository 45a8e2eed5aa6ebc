package dev.warren.protocol.wireguard;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.SecretMemory;
import java.util.Arrays;

/** A peer's static key and the secret that it shares with ours, computed once per pair of keys. */
final class StaticPeer {
    private static final int SECRET_LENGTH = 32;

    private final NodePublicKey publicKey;
    private final SecretMemory secret = new SecretMemory(SECRET_LENGTH);
    private boolean usable;

    StaticPeer(LocalIdentity me, NodePublicKey publicKey) {
        this.publicKey = publicKey;
        rekey(me);
    }

    NodePublicKey publicKey() {
        return publicKey;
    }

    /** Whether there can be a handshake: not for a low-order key, whose secrets everyone knows. */
    boolean isUsable() {
        return usable;
    }

    /** The device has a new private key. */
    void rekey(LocalIdentity me) {
        byte[] agreed = new byte[SECRET_LENGTH];
        usable = me.privateKey().agree(publicKey, agreed);
        secret.take(0, agreed);
    }

    void mixStaticSecret(SymmetricState state) {
        byte[] copy = secret.bytes();
        state.mixSecret(copy);
        Arrays.fill(copy, (byte) 0);
    }

    /** For tests: whether nothing is left of the shared secret. */
    boolean isWiped() {
        return secret.isZero();
    }

    void wipe() {
        usable = false;
        secret.close();
    }
}
