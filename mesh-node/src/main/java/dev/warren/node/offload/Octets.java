package dev.warren.node.offload;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Numbers in network byte order at any address. */
final class Octets {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Octets() {}

    static int u8(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    static int u16(MemorySegment memory, long at) {
        return memory.get(SHORT, at) & 0xffff;
    }

    static int i32(MemorySegment memory, long at) {
        return memory.get(INT, at);
    }

    static long i64(MemorySegment memory, long at) {
        return memory.get(LONG, at);
    }

    static void set8(MemorySegment memory, long at, int value) {
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) value);
    }

    static void set16(MemorySegment memory, long at, int value) {
        memory.set(SHORT, at, (short) value);
    }

    static void set32(MemorySegment memory, long at, int value) {
        memory.set(INT, at, value);
    }
}
