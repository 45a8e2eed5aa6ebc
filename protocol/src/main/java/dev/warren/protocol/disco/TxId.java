package dev.warren.protocol.disco;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * The 12 random bytes that tie a pong to its ping.
 *
 * @param high the first eight bytes, big-endian
 * @param low the last four bytes, big-endian
 */
public record TxId(long high, int low) {
    /** Bytes on the wire. */
    public static final int LENGTH = 12;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    /** A fresh one from {@code random}, which must not be guessable: it proves that the answerer saw the ping. */
    public static TxId random(RandomGenerator random) {
        return new TxId(random.nextLong(), random.nextInt());
    }

    /** The 12 bytes at {@code offset}. */
    public static TxId of(byte[] source, int offset) {
        return new TxId((long) LONG.get(source, offset), (int) INT.get(source, offset + Long.BYTES));
    }

    /** Writes the 12 bytes to {@code offset}. */
    public void copyTo(byte[] target, int offset) {
        LONG.set(target, offset, high);
        INT.set(target, offset + Long.BYTES, low);
    }

    /** 24 hex digits. */
    @Override
    public String toString() {
        byte[] bytes = new byte[LENGTH];
        copyTo(bytes, 0);
        return HexFormat.of().formatHex(bytes);
    }
}
