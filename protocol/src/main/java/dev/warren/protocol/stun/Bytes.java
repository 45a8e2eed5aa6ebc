package dev.warren.protocol.stun;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Big-endian numbers in byte arrays. */
final class Bytes {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);

    private Bytes() {}

    static int u16(byte[] source, int offset) {
        return Short.toUnsignedInt((short) SHORT.get(source, offset));
    }

    static int i32(byte[] source, int offset) {
        return (int) INT.get(source, offset);
    }

    static long i64(byte[] source, int offset) {
        return (long) LONG.get(source, offset);
    }

    static void putU16(byte[] target, int offset, int value) {
        SHORT.set(target, offset, (short) value);
    }

    static void putI32(byte[] target, int offset, int value) {
        INT.set(target, offset, value);
    }

    static void putI64(byte[] target, int offset, long value) {
        LONG.set(target, offset, value);
    }

    /** {@code length} rounded up to the 4-byte boundary on which attributes begin (RFC 8489 section 14). */
    static int padded(int length) {
        return (length + 3) & ~3;
    }
}
