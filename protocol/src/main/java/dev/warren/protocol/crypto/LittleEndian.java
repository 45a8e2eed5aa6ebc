package dev.warren.protocol.crypto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian integers in byte arrays: the byte order of WireGuard, BLAKE2 and ChaCha20. */
public final class LittleEndian {
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private LittleEndian() {}

    /** The four bytes at {@code offset}. */
    public static int readInt(byte[] source, int offset) {
        return (int) INT.get(source, offset);
    }

    /** The eight bytes at {@code offset}. */
    public static long readLong(byte[] source, int offset) {
        return (long) LONG.get(source, offset);
    }

    /** Writes four bytes from {@code offset} on. */
    public static void writeInt(byte[] target, int offset, int value) {
        INT.set(target, offset, value);
    }

    /** Writes eight bytes from {@code offset} on. */
    public static void writeLong(byte[] target, int offset, long value) {
        LONG.set(target, offset, value);
    }
}
