package dev.warren.protocol.derp;

import java.util.Arrays;

/** Bytes as a value: copied in, compared by content, shown by length only (they may be somebody's traffic). */
public final class Payload {
    /** No bytes. */
    public static final Payload EMPTY = new Payload(new byte[0]);

    private final byte[] bytes;

    private Payload(byte[] bytes) {
        this.bytes = bytes;
    }

    /** A copy of {@code bytes}. */
    public static Payload of(byte[] bytes) {
        return new Payload(bytes.clone());
    }

    /** A copy of the {@code length} bytes at {@code offset}. */
    public static Payload of(byte[] buffer, int offset, int length) {
        return new Payload(Arrays.copyOfRange(buffer, offset, offset + length));
    }

    /** How many bytes there are. */
    public int length() {
        return bytes.length;
    }

    /** A fresh copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** Writes all bytes into {@code target} from {@code offset} on. */
    public void copyTo(byte[] target, int offset) {
        System.arraycopy(bytes, 0, target, offset, bytes.length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Payload payload && Arrays.equals(bytes, payload.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "Payload[" + bytes.length + " bytes]";
    }
}
