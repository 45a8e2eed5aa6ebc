package dev.warren.protocol.key;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Function;

/**
 * 32 secret bytes, outside the heap: constant-time equality, no text form by accident, wiped by {@link #close()} and at
 * the latest when nobody holds the key any more.
 */
abstract sealed class SecretBytes implements AutoCloseable
        permits NodePrivateKey, DiscoPrivateKey, IdentityPrivateKey, MeshKey, PresharedKey {
    private final SecretMemory memory;

    /** Takes the bytes over: the array is wiped. */
    SecretBytes(byte[] bytes) {
        this.memory = SecretMemory.taking(bytes);
    }

    /** What X25519 makes of 32 random bytes (RFC 7748 section 5); done early, so that the text form is the key in use. */
    static byte[] clamped(byte[] bytes) {
        bytes[0] &= (byte) 0xf8;
        bytes[31] = (byte) ((bytes[31] & 0x7f) | 0x40);
        return bytes;
    }

    /** A fresh copy of the 32 bytes; the caller fills it with zeros after use. */
    public final byte[] bytes() {
        return memory.bytes();
    }

    /** What {@code work} makes of a copy of the bytes, which is wiped right after. */
    final <T> T with(Function<byte[], T> work) {
        byte[] copy = memory.bytes();
        try {
            return work.apply(copy);
        } finally {
            Arrays.fill(copy, (byte) 0);
        }
    }

    final String hex() {
        return with(HexFormat.of()::formatHex);
    }

    /** Whether all bytes are zero, which stands for "no key". */
    public final boolean isZero() {
        return memory.isZero();
    }

    /** Fills the key with zeros; it must not be used any more. */
    @Override
    public final void close() {
        memory.close();
    }

    @Override
    public final boolean equals(Object other) {
        return other != null && other.getClass() == getClass() && memory.matches(((SecretBytes) other).memory);
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
