package dev.warren.protocol.crypto;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): ChaCha20-Poly1305 with a 24-byte nonce that may be random. HChaCha20
 * makes a subkey of the first 16 bytes; the last 8 are the counter nonce of {@link Aead}.
 */
public final class XChaCha20Poly1305 {
    /** Bytes of a nonce. */
    public static final int NONCE_LENGTH = 24;

    private static final int PREFIX_LENGTH = 16;
    private static final int DOUBLE_ROUNDS = 10;
    /** "expand 32-byte k" as four little-endian words (RFC 8439 section 2.3). */
    private static final int[] SIGMA = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

    private XChaCha20Poly1305() {}

    /** Ciphertext and tag. */
    public static byte[] seal(byte[] key, byte[] nonce, byte[] associated, byte[] message) {
        byte[] sealed = Arrays.copyOf(message, message.length + Aead.TAG_LENGTH);
        try (Aead aead = bind(key, nonce)) {
            aead.seal(LittleEndian.readLong(nonce, PREFIX_LENGTH), associated, sealed, 0, message.length);
        }
        return sealed;
    }

    /** What was sealed, or null when {@code sealed} is not authentic. */
    public static byte @Nullable [] open(byte[] key, byte[] nonce, byte[] associated, byte[] sealed) {
        byte[] buffer = sealed.clone();
        try (Aead aead = bind(key, nonce)) {
            boolean authentic =
                    aead.open(LittleEndian.readLong(nonce, PREFIX_LENGTH), associated, buffer, 0, buffer.length);
            return authentic ? Arrays.copyOf(buffer, buffer.length - Aead.TAG_LENGTH) : null;
        }
    }

    private static Aead bind(byte[] key, byte[] nonce) {
        if (nonce.length != NONCE_LENGTH) {
            throw new IllegalArgumentException("an XChaCha20 nonce has 24 bytes, not " + nonce.length);
        }
        byte[] subkey = subkey(key, nonce);
        Aead aead = Aead.of(subkey);
        Arrays.fill(subkey, (byte) 0);
        return aead;
    }

    /** HChaCha20 (section 2.2) of the key and the first 16 bytes of {@code nonce}. */
    static byte[] subkey(byte[] key, byte[] nonce) {
        int[] state = new int[16];
        System.arraycopy(SIGMA, 0, state, 0, 4);
        for (int i = 0; i < 8; i++) {
            state[4 + i] = LittleEndian.readInt(key, 4 * i);
        }
        for (int i = 0; i < 4; i++) {
            state[12 + i] = LittleEndian.readInt(nonce, 4 * i);
        }
        for (int i = 0; i < DOUBLE_ROUNDS; i++) {
            doubleRound(state);
        }
        byte[] subkey = new byte[Aead.KEY_LENGTH];
        for (int i = 0; i < 4; i++) {
            LittleEndian.writeInt(subkey, 4 * i, state[i]);
            LittleEndian.writeInt(subkey, 16 + 4 * i, state[12 + i]);
        }
        Arrays.fill(state, 0);
        return subkey;
    }

    /** A column round and a diagonal round (RFC 8439 section 2.3). */
    private static void doubleRound(int[] state) {
        for (int i = 0; i < 4; i++) {
            quarterRound(state, i, 4 + i, 8 + i, 12 + i);
        }
        for (int i = 0; i < 4; i++) {
            quarterRound(state, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
        }
    }

    /** RFC 8439 section 2.1. */
    private static void quarterRound(int[] x, int a, int b, int c, int d) {
        x[a] += x[b];
        x[d] = Integer.rotateLeft(x[d] ^ x[a], 16);
        x[c] += x[d];
        x[b] = Integer.rotateLeft(x[b] ^ x[c], 12);
        x[a] += x[b];
        x[d] = Integer.rotateLeft(x[d] ^ x[a], 8);
        x[c] += x[d];
        x[b] = Integer.rotateLeft(x[b] ^ x[c], 7);
    }
}
