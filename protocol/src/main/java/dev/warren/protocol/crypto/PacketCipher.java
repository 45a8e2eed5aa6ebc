package dev.warren.protocol.crypto;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * ChaCha20-Poly1305 (RFC 8439) bound to one key for WireGuard's data messages: in place in native memory, no associated
 * data, and the counter nonce of {@link Aead}. Heap segments work too, at the price of a copy. Not for use by two
 * threads at once; nobody may free the memory of a packet while it is sealed or opened.
 */
public interface PacketCipher extends AutoCloseable {
    /** Bytes of a key. */
    int KEY_LENGTH = Aead.KEY_LENGTH;
    /** Bytes of the tag behind the ciphertext. */
    int TAG_LENGTH = Aead.TAG_LENGTH;

    /** Which implementation seals and opens. */
    interface Factory {
        /** A cipher for a copy of the 32 bytes of {@code key}; the caller wipes its own. */
        PacketCipher of(byte[] key);

        /** One word for users, such as {@code jdk}. */
        String name();
    }

    /**
     * Encrypts the {@code length} bytes at {@code offset} and writes the tag behind them: the memory needs
     * {@link #TAG_LENGTH} bytes more. A counter must not be used twice for sealing.
     *
     * @throws IllegalStateException if this cipher is closed
     * @throws IndexOutOfBoundsException if the memory is too short
     */
    void seal(long counter, MemorySegment memory, long offset, int length);

    /**
     * Decrypts in place; {@code length} includes the tag, the plaintext is {@link #TAG_LENGTH} bytes shorter. False
     * when the bytes are not authentic, and then what lies where the plaintext would be is undefined. The tag and
     * everything outside the message stay as they are.
     *
     * @throws IllegalStateException if this cipher is closed
     * @throws IndexOutOfBoundsException if the memory is too short
     */
    boolean open(long counter, MemorySegment memory, long offset, int length);

    /** Wipes the key; nothing may be sealed or opened after that. May be called again. */
    @Override
    void close();

    /** Refuses a key of another length than {@link #KEY_LENGTH}. */
    static void requireKey(byte[] key) {
        if (key.length != KEY_LENGTH) {
            throw new IllegalArgumentException("a ChaCha20 key has " + KEY_LENGTH + " bytes, not " + key.length);
        }
    }

    /** Refuses a {@code message} with its tag, {@code length} bytes in all, that does not lie within {@code memory}. */
    static void requireWithin(MemorySegment memory, long offset, long length) {
        long _ = Objects.checkFromIndexSize(offset, length, memory.byteSize());
    }
}
