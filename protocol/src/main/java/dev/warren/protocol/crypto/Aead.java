package dev.warren.protocol.crypto;

/**
 * ChaCha20-Poly1305 (RFC 8439) bound to one key, in place on byte arrays, with WireGuard's counter nonce: four zero
 * bytes, then the counter in little-endian order (WireGuard paper section 5.4.6). Not for use by two threads at once.
 */
public interface Aead extends AutoCloseable {
    /** Bytes of a key. */
    int KEY_LENGTH = 32;
    /** Bytes of the tag behind the ciphertext. */
    int TAG_LENGTH = 16;
    /** No associated data. */
    byte[] NOTHING = new byte[0];

    /** Which implementation seals and opens. */
    @FunctionalInterface
    interface Factory {
        /** A cipher for a copy of the 32 bytes of {@code key}. */
        Aead of(byte[] key);
    }

    /** The implementation of the JDK, on a copy of the 32 bytes of {@code key}. */
    static Aead of(byte[] key) {
        return new JdkAead(key);
    }

    /**
     * Encrypts the {@code length} bytes at {@code offset} and writes the tag behind them: the array needs
     * {@link #TAG_LENGTH} bytes more. A counter must not be used twice for sealing.
     */
    void seal(long counter, byte[] associated, byte[] buffer, int offset, int length);

    /**
     * Decrypts in place; {@code length} includes the tag, the plaintext is {@link #TAG_LENGTH} bytes shorter. False
     * when the bytes are not authentic, and then the buffer's content is undefined.
     */
    boolean open(long counter, byte[] associated, byte[] buffer, int offset, int length);

    /** Wipes the key; nothing may be sealed or opened after that. */
    @Override
    void close();
}
