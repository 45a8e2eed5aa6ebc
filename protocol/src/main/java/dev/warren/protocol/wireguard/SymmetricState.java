package dev.warren.protocol.wireguard;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.warren.protocol.crypto.Aead;
import dev.warren.protocol.crypto.Blake2s;
import dev.warren.protocol.crypto.Hkdf;
import dev.warren.protocol.crypto.PacketCipher;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import dev.warren.protocol.key.SecretMemory;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The running secrets of one handshake: chaining key, hash, and the key of the next encryption (Noise section 5.2, in
 * the words of the WireGuard paper section 5.4).
 */
final class SymmetricState {
    private static final byte[] CONSTRUCTION = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s".getBytes(US_ASCII);
    private static final byte[] IDENTIFIER = "WireGuard v1 zx2c4 Jason@zx2c4.com".getBytes(US_ASCII);
    private static final byte[] INITIAL_CHAINING_KEY = Blake2s.hash(CONSTRUCTION);
    private static final byte[] INITIAL_HASH = Blake2s.hash(INITIAL_CHAINING_KEY, IDENTIFIER);

    private static final int LENGTH = Blake2s.HASH_LENGTH;
    private static final int CHAINING_KEY_AT = 0;
    private static final int HASH_AT = CHAINING_KEY_AT + LENGTH;
    private static final int KEY_AT = HASH_AT + LENGTH;

    /** Off the heap, because an initiation waits for its answer for seconds; each step works on copies and wipes them. */
    private final SecretMemory memory = new SecretMemory(KEY_AT + Aead.KEY_LENGTH);

    private SymmetricState() {}

    /** The state before the first message to {@code responder}. */
    static SymmetricState towards(NodePublicKey responder) {
        SymmetricState state = new SymmetricState();
        state.memory.take(CHAINING_KEY_AT, INITIAL_CHAINING_KEY.clone());
        state.memory.take(HASH_AT, INITIAL_HASH.clone());
        state.mixHash(responder.bytes());
        return state;
    }

    /** For trying a message that may turn out to be forged. */
    SymmetricState copy() {
        SymmetricState copy = new SymmetricState();
        copy.memory.take(0, memory.bytes());
        return copy;
    }

    byte[] chainingKey() {
        return memory.bytes(CHAINING_KEY_AT, LENGTH);
    }

    byte[] hash() {
        return memory.bytes(HASH_AT, LENGTH);
    }

    /** Whether nothing is left of the secrets. */
    boolean isWiped() {
        return memory.isZero();
    }

    void mixHash(byte[] data) {
        byte[] before = hash();
        memory.take(HASH_AT, Blake2s.hash(before, data));
        Arrays.fill(before, (byte) 0);
    }

    /** An ephemeral key goes into both the hash and the chaining key. */
    void mixEphemeral(NodePublicKey ephemeral) {
        byte[] bytes = ephemeral.bytes();
        mixHash(bytes);
        mixSecretOnly(bytes);
    }

    /** A shared secret, which gives the key of the next encryption. */
    void mixSecret(byte[] secret) {
        byte[] chainingKey = chainingKey();
        byte[] key = new byte[Aead.KEY_LENGTH];
        Hkdf.derive(chainingKey, secret, chainingKey, key);
        memory.take(CHAINING_KEY_AT, chainingKey);
        memory.take(KEY_AT, key);
    }

    /** A shared secret behind which nothing is encrypted. */
    void mixSecretOnly(byte[] secret) {
        byte[] chainingKey = chainingKey();
        Hkdf.derive(chainingKey, secret, chainingKey);
        memory.take(CHAINING_KEY_AT, chainingKey);
    }

    void mixPreshared(PresharedKey preshared) {
        byte[] bytes = preshared.bytes();
        byte[] chainingKey = chainingKey();
        byte[] tau = new byte[LENGTH];
        byte[] key = new byte[Aead.KEY_LENGTH];
        Hkdf.derive(chainingKey, bytes, chainingKey, tau, key);
        memory.take(CHAINING_KEY_AT, chainingKey);
        memory.take(KEY_AT, key);
        mixHash(tau);
        Arrays.fill(tau, (byte) 0);
        Arrays.fill(bytes, (byte) 0);
    }

    /** Seals under the current key with the hash as associated data, and takes the result into the hash. */
    Ciphertext encrypt(byte[] plaintext) {
        byte[] sealed = Arrays.copyOf(plaintext, plaintext.length + Aead.TAG_LENGTH);
        try (Aead aead = cipher()) {
            aead.seal(0, hash(), sealed, 0, plaintext.length);
        }
        mixHash(sealed);
        return Ciphertext.of(sealed);
    }

    /** What was sealed, or null when it is not authentic; the state is useless then. */
    byte @Nullable [] decrypt(Ciphertext ciphertext) {
        byte[] sealed = ciphertext.bytes();
        try (Aead aead = cipher()) {
            if (!aead.open(0, hash(), sealed, 0, sealed.length)) {
                return null;
            }
        }
        mixHash(ciphertext.bytes());
        return Arrays.copyOf(sealed, sealed.length - Aead.TAG_LENGTH);
    }

    /** The transport keys, the initiator's sending direction first; wipes this state. */
    SessionKeys split(boolean initiator, int localIndex, int remoteIndex, PacketCipher.Factory ciphers) {
        byte[] first = new byte[Aead.KEY_LENGTH];
        byte[] second = new byte[Aead.KEY_LENGTH];
        byte[] chainingKey = chainingKey();
        Hkdf.derive(chainingKey, Aead.NOTHING, first, second);
        Arrays.fill(chainingKey, (byte) 0);
        PacketCipher forward = ciphers.of(first);
        PacketCipher back = ciphers.of(second);
        Arrays.fill(first, (byte) 0);
        Arrays.fill(second, (byte) 0);
        wipe();
        return new SessionKeys(
                initiator, localIndex, remoteIndex, initiator ? forward : back, initiator ? back : forward);
    }

    void wipe() {
        memory.close();
    }

    private Aead cipher() {
        byte[] key = memory.bytes(KEY_AT, Aead.KEY_LENGTH);
        try {
            return Aead.of(key);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }
}
