package dev.warren.protocol.key;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/** 32 secret bytes: constant-time equality, no text form by accident, wiped by {@link #close()}. */
abstract sealed class SecretBytes implements AutoCloseable
        permits NodePrivateKey, DiscoPrivateKey, IdentityPrivateKey, MeshKey, PresharedKey {
    private final byte[] bytes;

    SecretBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A fresh copy of the 32 bytes; the caller fills it with zeros after use. */
    public final byte[] bytes() {
        return bytes.clone();
    }

    final byte[] raw() {
        return bytes;
    }

    final String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    /** Whether all bytes are zero, which stands for "no key". */
    public final boolean isZero() {
        int any = 0;
        for (byte b : bytes) {
            any |= b;
        }
        return any == 0;
    }

    /** Fills the key with zeros; it must not be used any more. */
    @Override
    public final void close() {
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public final boolean equals(Object other) {
        return other != null
                && other.getClass() == getClass()
                && MessageDigest.isEqual(bytes, ((SecretBytes) other).bytes);
    }

    /** The same for every key of a class: a hash of secret bytes would be one more copy of them. */
    @Override
    public final int hashCode() {
        return getClass().hashCode();
    }

    /** Never the key. */
    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[hidden]";
    }
}
