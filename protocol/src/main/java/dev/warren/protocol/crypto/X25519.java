package dev.warren.protocol.crypto;

/** X25519 (RFC 7748 section 5): all keys and secrets are 32 bytes. Any thread may use an implementation. */
public interface X25519 {
    /** Bytes of a private key, of a public key and of a shared secret. */
    int LENGTH = 32;

    /**
     * Writes the secret that {@code privateKey} shares with {@code publicKey}. False when that is all zero, which a
     * low-order point gives (RFC 7748 section 6.1); zeros are written then, and the caller fails.
     */
    boolean agree(byte[] privateKey, byte[] publicKey, byte[] secret);

    /** Writes the public half of {@code privateKey}. */
    void publish(byte[] privateKey, byte[] publicKey);

    /** One word for users, such as {@code java}. */
    String name();
}
