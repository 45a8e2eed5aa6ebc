package dev.warren.protocol.disco;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * The 32 bytes that a UDP relay sends to an address and wants back from there. Only that relay knows what they mean.
 * The four words are big-endian.
 */
public record Challenge(long first, long second, long third, long fourth) {
    /** Bytes on the wire. */
    public static final int LENGTH = 32;
    /** What stands in a message that has none. */
    public static final Challenge NONE = new Challenge(0, 0, 0, 0);

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** The 32 bytes at {@code offset}. */
    public static Challenge of(byte[] source, int offset) {
        return new Challenge(
                (long) LONG.get(source, offset),
                (long) LONG.get(source, offset + Long.BYTES),
                (long) LONG.get(source, offset + 2 * Long.BYTES),
                (long) LONG.get(source, offset + 3 * Long.BYTES));
    }

    /** Writes the 32 bytes to {@code offset}. */
    public void copyTo(byte[] target, int offset) {
        LONG.set(target, offset, first);
        LONG.set(target, offset + Long.BYTES, second);
        LONG.set(target, offset + 2 * Long.BYTES, third);
        LONG.set(target, offset + 3 * Long.BYTES, fourth);
    }

    /** Whether the other one is the same; takes equally long whatever differs. */
    public boolean matches(Challenge other) {
        return ((first ^ other.first) | (second ^ other.second) | (third ^ other.third) | (fourth ^ other.fourth)) == 0;
    }

    /** 64 hex digits. */
    @Override
    public String toString() {
        byte[] bytes = new byte[LENGTH];
        copyTo(bytes, 0);
        return HexFormat.of().formatHex(bytes);
    }
}
