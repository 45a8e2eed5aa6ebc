package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.PacketCipher;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The initiator's side of Noise_IKpsk2, from its message to the response (paper sections 5.4.2 and 5.4.3). It stays
 * valid when a response proves forged, so the true one is still taken.
 */
final class InitiatorHandshake {
    private final LocalIdentity me;
    private final StaticPeer towards;
    private final int localIndex;
    private final NodePrivateKey ephemeral;
    private final SymmetricState state;
    private final long startedNanos;

    private InitiatorHandshake(
            LocalIdentity me,
            StaticPeer towards,
            int localIndex,
            NodePrivateKey ephemeral,
            SymmetricState state,
            long startedNanos) {
        this.me = me;
        this.towards = towards;
        this.localIndex = localIndex;
        this.ephemeral = ephemeral;
        this.state = state;
        this.startedNanos = startedNanos;
    }

    /** A handshake, and the message to send for it. */
    record Started(InitiatorHandshake handshake, InitiationMessage message) {}

    /**
     * Starts a handshake. {@code staticSecret} is the shared secret of both static keys; {@code unixNanos} goes into
     * the timestamp. Null when the peer's key is of low order.
     */
    static @Nullable Started start(
            LocalIdentity me, StaticPeer peer, int localIndex, long nowNanos, long unixNanos, RandomGenerator random) {
        NodePrivateKey ephemeral = NodePrivateKey.generate(random);
        NodePublicKey ephemeralPublic = ephemeral.publicKey();
        SymmetricState state = SymmetricState.towards(peer.publicKey());
        state.mixEphemeral(ephemeralPublic);
        byte[] secret = new byte[32];
        if (!peer.isUsable() || !ephemeral.agree(peer.publicKey(), secret)) {
            ephemeral.close();
            state.wipe();
            return null;
        }
        state.mixSecret(secret);
        Ciphertext encryptedStatic = state.encrypt(me.publicKey().bytes());
        peer.mixStaticSecret(me, state);
        Ciphertext encryptedTimestamp = state.encrypt(Tai64n.encode(unixNanos));
        Arrays.fill(secret, (byte) 0);
        return new Started(
                new InitiatorHandshake(me, peer, localIndex, ephemeral, state, nowNanos),
                new InitiationMessage(localIndex, ephemeralPublic, encryptedStatic, encryptedTimestamp));
    }

    /** Which of our keys it is under. */
    LocalIdentity me() {
        return me;
    }

    /** Which of the peer's keys it is for. */
    StaticPeer towards() {
        return towards;
    }

    int localIndex() {
        return localIndex;
    }

    long ageNanos(long nowNanos) {
        return nowNanos - startedNanos;
    }

    SymmetricState state() {
        return state;
    }

    /**
     * The session's keys, or null when the response is not authentic under any of the preshared keys. Wipes the
     * handshake if it is.
     */
    @Nullable
    SessionKeys finish(PacketCipher.Factory ciphers, PresharedKeys preshared, ResponseMessage response) {
        SymmetricState agreed = state.copy();
        try {
            if (!agree(agreed, response.ephemeral())) {
                return null;
            }
            SessionKeys keys = open(agreed, preshared.configured(), response, ciphers);
            boolean withPending = false;
            PresharedKey pending = preshared.pending();
            if (keys == null && pending != null) {
                keys = open(agreed, pending, response, ciphers);
                withPending = true;
            }
            if (keys != null) {
                preshared.opened(withPending);
                wipe();
            }
            return keys;
        } finally {
            agreed.wipe();
        }
    }

    private boolean agree(SymmetricState trial, NodePublicKey theirEphemeral) {
        byte[] secret = new byte[32];
        try {
            trial.mixEphemeral(theirEphemeral);
            if (!ephemeral.agree(theirEphemeral, secret)) {
                return false;
            }
            trial.mixSecretOnly(secret);
            if (!me.privateKey().agree(theirEphemeral, secret)) {
                return false;
            }
            trial.mixSecretOnly(secret);
            return true;
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private @Nullable SessionKeys open(
            SymmetricState agreed, PresharedKey key, ResponseMessage response, PacketCipher.Factory ciphers) {
        SymmetricState trial = agreed.copy();
        try {
            trial.mixPreshared(key);
            return trial.decrypt(response.encryptedNothing()) == null
                    ? null
                    : trial.split(true, localIndex, response.sender(), ciphers);
        } finally {
            trial.wipe();
        }
    }

    /** Whether nothing is left of its secrets. */
    boolean isWiped() {
        return ephemeral.isZero() && state.isWiped();
    }

    void wipe() {
        ephemeral.close();
        state.wipe();
    }
}
