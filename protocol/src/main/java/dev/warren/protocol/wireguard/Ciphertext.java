package dev.warren.protocol.wireguard;

import java.util.Arrays;
import java.util.HexFormat;

/** What an AEAD put out: ciphertext and tag, as a value. */
final class Ciphertext {
    private final byte[] bytes;

    private Ciphertext(byte[] bytes) {
        this.bytes = bytes;
    }

    /** From a copy of {@code bytes}. */
    static Ciphertext of(byte[] bytes) {
        return new Ciphertext(bytes.clone());
    }

    /** From a copy of {@code length} bytes at {@code offset}. */
    static Ciphertext of(byte[] source, int offset, int length) {
        return new Ciphertext(Arrays.copyOfRange(source, offset, offset + length));
    }

    byte[] bytes() {
        return bytes.clone();
    }

    int length() {
        return bytes.length;
    }

    void copyTo(byte[] target, int offset) {
        System.arraycopy(bytes, 0, target, offset, bytes.length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Ciphertext that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
