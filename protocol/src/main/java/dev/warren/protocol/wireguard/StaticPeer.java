package dev.warren.protocol.wireguard;

import dev.warren.protocol.key.NodePublicKey;
import java.util.Arrays;

/** A peer's static key and the secret that it shares with ours, computed once per pair of keys. */
final class StaticPeer {
    private final NodePublicKey publicKey;
    private final byte[] secret = new byte[32];
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
        usable = me.privateKey().agree(publicKey, secret);
    }

    void mixStaticSecret(SymmetricState state) {
        state.mixSecret(secret);
    }

    void wipe() {
        usable = false;
        Arrays.fill(secret, (byte) 0);
    }
}
