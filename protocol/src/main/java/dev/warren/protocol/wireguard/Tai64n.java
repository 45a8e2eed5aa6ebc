package dev.warren.protocol.wireguard;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** TAI64N timestamps: eight bytes of seconds, four of nanoseconds, big endian (paper section 5.4.2). */
final class Tai64n {
    static final int LENGTH = 12;

    /** The label of 1970-01-01 in TAI64, which is ten seconds ahead of Unix time. */
    private static final long EPOCH_SECONDS = 0x400000000000000aL;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    /** Nanoseconds lose their low 24 bits, the largest power of two within 1/50 s: the clock is nobody's business. */
    private static final long KEPT_NANOS = -(1L << 24);

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private Tai64n() {}

    /** The 12 bytes for a Unix time, rounded down to 16.8 ms. */
    static byte[] encode(long unixNanos) {
        byte[] stamp = new byte[LENGTH];
        LONG.set(stamp, 0, EPOCH_SECONDS + Math.floorDiv(unixNanos, NANOS_PER_SECOND));
        INT.set(stamp, 8, (int) (Math.floorMod(unixNanos, NANOS_PER_SECOND) & KEPT_NANOS));
        return stamp;
    }

    /** Whether {@code stamp} is later than {@code other}; big endian, so bytes compare as times do. */
    static boolean isAfter(byte[] stamp, byte[] other) {
        return Arrays.compareUnsigned(stamp, other) > 0;
    }
}
