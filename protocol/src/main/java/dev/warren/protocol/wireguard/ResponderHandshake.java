package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.PacketCipher;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The responder's side of Noise_IKpsk2: opens the first message in two steps, because the peer is only known after the
 * first, then makes the response (paper sections 5.4.2 and 5.4.3).
 */
final class ResponderHandshake {
    private final LocalIdentity me;
    private final InitiationMessage initiation;
    private final SymmetricState state;
    private final NodePublicKey initiator;

    private ResponderHandshake(
            LocalIdentity me, InitiationMessage initiation, SymmetricState state, NodePublicKey initiator) {
        this.me = me;
        this.initiation = initiation;
        this.state = state;
        this.initiator = initiator;
    }

    /** The response, and the session's keys. */
    record Finished(ResponseMessage message, SessionKeys keys) {}

    /** Opens the sender's static key; null when the message is not authentic. */
    static @Nullable ResponderHandshake open(LocalIdentity me, InitiationMessage initiation) {
        SymmetricState state = SymmetricState.towards(me.publicKey());
        state.mixEphemeral(initiation.ephemeral());
        byte[] secret = new byte[32];
        byte[] initiator = null;
        if (me.privateKey().agree(initiation.ephemeral(), secret)) {
            state.mixSecret(secret);
            initiator = state.decrypt(initiation.encryptedStatic());
        }
        Arrays.fill(secret, (byte) 0);
        if (initiator == null) {
            state.wipe();
            return null;
        }
        return new ResponderHandshake(me, initiation, state, NodePublicKey.of(initiator));
    }

    /** Who says to have sent the message; proved by {@link #timestamp}. */
    NodePublicKey initiator() {
        return initiator;
    }

    SymmetricState state() {
        return state;
    }

    /** The TAI64N timestamp, or null when the message is not the peer's. */
    byte @Nullable [] timestamp(StaticPeer peer) {
        if (!peer.isUsable()) {
            return null;
        }
        peer.mixStaticSecret(me, state);
        return state.decrypt(initiation.encryptedTimestamp());
    }

    /** Makes the response and wipes this handshake. Null when one of the initiator's keys is of low order. */
    @Nullable
    Finished respond(PacketCipher.Factory ciphers, PresharedKey preshared, int localIndex, RandomGenerator random) {
        byte[] secret = new byte[32];
        try (NodePrivateKey ephemeral = NodePrivateKey.generate(random)) {
            NodePublicKey ephemeralPublic = ephemeral.publicKey();
            state.mixEphemeral(ephemeralPublic);
            if (!ephemeral.agree(initiation.ephemeral(), secret)) {
                return null;
            }
            state.mixSecretOnly(secret);
            if (!ephemeral.agree(initiator, secret)) {
                return null;
            }
            state.mixSecretOnly(secret);
            state.mixPreshared(preshared);
            Ciphertext nothing = state.encrypt(new byte[0]);
            return new Finished(
                    new ResponseMessage(localIndex, initiation.sender(), ephemeralPublic, nothing),
                    state.split(false, localIndex, initiation.sender(), ciphers));
        } finally {
            Arrays.fill(secret, (byte) 0);
            state.wipe();
        }
    }

    void wipe() {
        state.wipe();
    }
}
