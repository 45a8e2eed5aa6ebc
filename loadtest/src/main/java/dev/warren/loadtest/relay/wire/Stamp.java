package dev.warren.loadtest.relay.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * What a packet of the load carries: magic u32, flow u32, sequence number u64, intended send time u64 (nanoseconds of
 * this machine's CLOCK_BOOTTIME), all big-endian, then filler. In a packet that is to look like disco, the disco magic
 * (6 bytes) and a key (32) stand in front.
 */
public final class Stamp {
    /** Bytes of the four fields. */
    public static final int BYTES = 24;
    /** What a disco packet has in front of them. */
    public static final int DISCO_BYTES = 38;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    /** "WRLT". */
    private static final int MAGIC = 0x57524C54;
    /** "TS" and the first two bytes of U+1F4AC. */
    private static final int DISCO_HIGH = 0x5453_F09F;
    /** Its last two. */
    private static final short DISCO_LOW = (short) 0x92AC;

    private Stamp() {}

    /** Writes the fields at {@code offset}. */
    public static void write(MemorySegment target, long offset, int flow, long sequence, long sentNanos) {
        target.set(INT, offset, MAGIC);
        target.set(INT, offset + 4, flow);
        target.set(LONG, offset + 8, sequence);
        target.set(LONG, offset + 16, sentNanos);
    }

    /** Writes the disco magic at {@code offset}; the key behind it is left as it is. */
    public static void writeDisco(MemorySegment target, long offset) {
        target.set(INT, offset, DISCO_HIGH);
        target.set(SHORT, offset + 4, DISCO_LOW);
    }

    /** Where the fields begin in the packet of {@code length} bytes at {@code offset}; -1 when it has none. */
    public static long find(MemorySegment source, long offset, int length) {
        if (length >= BYTES && source.get(INT, offset) == MAGIC) {
            return offset;
        }
        boolean disco = length >= DISCO_BYTES + BYTES
                && source.get(INT, offset) == DISCO_HIGH
                && source.get(SHORT, offset + 4) == DISCO_LOW
                && source.get(INT, offset + DISCO_BYTES) == MAGIC;
        return disco ? offset + DISCO_BYTES : -1;
    }

    static int flow(MemorySegment source, long at) {
        return source.get(INT, at + 4);
    }

    static long sequence(MemorySegment source, long at) {
        return source.get(LONG, at + 8);
    }

    static long sentNanos(MemorySegment source, long at) {
        return source.get(LONG, at + 16);
    }
}
