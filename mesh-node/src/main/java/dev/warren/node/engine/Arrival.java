package dev.warren.node.engine;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.warren.protocol.udprelay.GeneveHeader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** What the first bytes of a datagram say it is. */
final class Arrival {
    private static final ValueLayout.OfInt WORD = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong HEADER = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int DATA_TYPE = 4;

    private Arrival() {}

    /** A data message of WireGuard (paper section 5.4.6). */
    static boolean isData(MemorySegment memory, long offset, int length) {
        return length >= MeshEngine.KEEPALIVE_LENGTH && memory.get(WORD, offset) == DATA_TYPE;
    }

    /** Any other message of WireGuard; nothing else begins as they do. */
    static boolean isHandshake(MemorySegment memory, long offset, int length) {
        return length >= MeshEngine.KEEPALIVE_LENGTH
                && memory.get(WORD, offset) > 0
                && memory.get(WORD, offset) < DATA_TYPE;
    }

    /** A data message behind the header of a UDP relay, which is no control message. */
    static boolean isRelayedData(MemorySegment memory, long offset, int length) {
        return length >= GeneveHeader.LENGTH
                && GeneveHeader.isHeader(geneve(memory, offset))
                && !GeneveHeader.isControl(geneve(memory, offset))
                && isData(memory, offset + GeneveHeader.LENGTH, length - GeneveHeader.LENGTH);
    }

    /** The eight bytes of a Geneve header. */
    static long geneve(MemorySegment memory, long offset) {
        return memory.get(HEADER, offset);
    }

    /** Any message of WireGuard. */
    static boolean isWireGuard(byte[] buffer, int offset, int length) {
        return length >= MeshEngine.KEEPALIVE_LENGTH
                && buffer[offset] >= 1
                && buffer[offset] <= DATA_TYPE
                && (buffer[offset + 1] | buffer[offset + 2] | buffer[offset + 3]) == 0;
    }

    static byte[] copy(MemorySegment memory, long offset, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(memory, JAVA_BYTE, offset, bytes, 0, length);
        return bytes;
    }
}
