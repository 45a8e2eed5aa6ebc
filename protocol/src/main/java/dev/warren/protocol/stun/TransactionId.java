package dev.warren.protocol.stun;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * The 96 bits that tie an answer to its request (RFC 8489 section 5).
 *
 * @param high the first eight bytes, big-endian
 * @param low the last four bytes, big-endian
 */
public record TransactionId(long high, int low) {
    /** Bytes on the wire. */
    public static final int LENGTH = 12;

    /** A fresh one from {@code random}, which must not be guessable. */
    public static TransactionId random(RandomGenerator random) {
        return new TransactionId(random.nextLong(), random.nextInt());
    }

    /** The 12 bytes at {@code offset}. */
    public static TransactionId of(byte[] source, int offset) {
        return new TransactionId(Bytes.i64(source, offset), Bytes.i32(source, offset + Long.BYTES));
    }

    /** Writes the 12 bytes to {@code offset}. */
    public void copyTo(byte[] target, int offset) {
        Bytes.putI64(target, offset, high);
        Bytes.putI32(target, offset + Long.BYTES, low);
    }

    /** 24 hex digits. */
    @Override
    public String toString() {
        byte[] bytes = new byte[LENGTH];
        copyTo(bytes, 0);
        return HexFormat.of().formatHex(bytes);
    }
}
