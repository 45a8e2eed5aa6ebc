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
    private final int localIndex;
    private final NodePrivateKey ephemeral;
    private final SymmetricState state;
    private final long startedNanos;

    private InitiatorHandshake(int localIndex, NodePrivateKey ephemeral, SymmetricState state, long startedNanos) {
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
            return null;
        }
        state.mixSecret(secret);
        Ciphertext encryptedStatic = state.encrypt(me.publicKey().bytes());
        peer.mixStaticSecret(state);
        Ciphertext encryptedTimestamp = state.encrypt(Tai64n.encode(unixNanos));
        Arrays.fill(secret, (byte) 0);
        return new Started(
                new InitiatorHandshake(localIndex, ephemeral, state, nowNanos),
                new InitiationMessage(localIndex, ephemeralPublic, encryptedStatic, encryptedTimestamp));
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

    /** The session's keys, or null when the response is not authentic. Wipes the handshake if it is. */
    @Nullable
    SessionKeys finish(
            LocalIdentity me, PacketCipher.Factory ciphers, PresharedKey preshared, ResponseMessage response) {
        SymmetricState trial = state.copy();
        byte[] secret = new byte[32];
        try {
            trial.mixEphemeral(response.ephemeral());
            if (!ephemeral.agree(response.ephemeral(), secret)) {
                return null;
            }
            trial.mixSecretOnly(secret);
            if (!me.privateKey().agree(response.ephemeral(), secret)) {
                return null;
            }
            trial.mixSecretOnly(secret);
            trial.mixPreshared(preshared);
            if (trial.decrypt(response.encryptedNothing()) == null) {
                return null;
            }
            wipe();
            return trial.split(true, localIndex, response.sender(), ciphers);
        } finally {
            Arrays.fill(secret, (byte) 0);
            trial.wipe();
        }
    }

    void wipe() {
        ephemeral.close();
        state.wipe();
    }
}
