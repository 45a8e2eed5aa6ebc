package dev.warren.protocol.wireguard;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.SecretMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A static key of a peer, with what belongs to it: the cookies of the peer under this key, and the secret that it shares
 * with each of ours, computed once per pair of keys.
 */
final class StaticPeer {
    private static final int SECRET_LENGTH = 32;

    private final NodePublicKey publicKey;
    private final CookieJar cookies;
    /** One, and two while the device's key is being changed. */
    private final List<Shared> secrets = new ArrayList<>(1);

    private boolean usable;

    /** With the secret that the key shares with {@code me}. */
    StaticPeer(LocalIdentity me, NodePublicKey publicKey) {
        this.publicKey = publicKey;
        this.cookies = new CookieJar(publicKey);
        secretWith(me);
    }

    /** What the peer's key and one of ours agree on. */
    private record Shared(NodePublicKey me, SecretMemory secret) {}

    NodePublicKey publicKey() {
        return publicKey;
    }

    CookieJar cookies() {
        return cookies;
    }

    /** Whether there can be a handshake: not for a low-order key, whose secrets everyone knows. */
    boolean isUsable() {
        return usable;
    }

    /** The device has a new private key, and no other. */
    void rekey(LocalIdentity me) {
        wipeSecrets();
        secretWith(me);
    }

    /** The device does not have this private key any more. */
    void forget(LocalIdentity me) {
        secrets.removeIf(shared -> {
            boolean isOld = shared.me().equals(me.publicKey());
            if (isOld) {
                shared.secret().close();
            }
            return isOld;
        });
    }

    void mixStaticSecret(LocalIdentity me, SymmetricState state) {
        byte[] copy = secretWith(me).bytes();
        state.mixSecret(copy);
        Arrays.fill(copy, (byte) 0);
    }

    void wipe() {
        usable = false;
        wipeSecrets();
        cookies.wipe();
    }

    /** The secret shared with that key of ours. */
    SecretMemory secretWith(LocalIdentity me) {
        for (Shared shared : secrets) {
            if (shared.me().equals(me.publicKey())) {
                return shared.secret();
            }
        }
        byte[] agreed = new byte[SECRET_LENGTH];
        usable = me.privateKey().agree(publicKey, agreed);
        SecretMemory secret = SecretMemory.taking(agreed);
        secrets.add(new Shared(me.publicKey(), secret));
        return secret;
    }

    private void wipeSecrets() {
        secrets.forEach(shared -> shared.secret().close());
        secrets.clear();
    }
}
