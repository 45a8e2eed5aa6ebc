package dev.warren.node.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class VirtioHeaderTest {
    /** The struct as the kernel of this machine sees it, between two bytes that are not its. */
    private static final byte[] GOLDEN = ByteBuffer.allocate(12)
            .order(ByteOrder.nativeOrder())
            .put((byte) 0xa5)
            .put((byte) 1) // needs checksum
            .put((byte) 5) // UDP
            .putShort((short) 48)
            .putShort((short) 65_000)
            .putShort((short) 40)
            .putShort((short) 6)
            .put((byte) 0xa5)
            .array();

    @Test
    void shouldWriteTheStruct() {
        byte[] bytes = new byte[12];
        Arrays.fill(bytes, (byte) 0xa5);

        VirtioHeader.writeSuper(MemorySegment.ofArray(bytes), 1, VirtioHeader.GSO_UDP, 48, 65_000, 40, 6);

        assertArrayEquals(GOLDEN, bytes);
    }

    @Test
    void shouldReadTheStruct() {
        MemorySegment golden = MemorySegment.ofArray(GOLDEN);

        assertEquals(VirtioHeader.NEEDS_CHECKSUM, VirtioHeader.flags(golden, 1));
        assertEquals(VirtioHeader.GSO_UDP, VirtioHeader.gsoType(golden, 1));
        assertEquals(48, VirtioHeader.headerLength(golden, 1));
        assertEquals(65_000, VirtioHeader.segmentSize(golden, 1));
        assertEquals(40, VirtioHeader.checksumStart(golden, 1));
        assertEquals(6, VirtioHeader.checksumOffset(golden, 1));
    }

    @Test
    void shouldWriteZerosForAPacketThatNeedsNothing() {
        byte[] bytes = new byte[12];
        Arrays.fill(bytes, (byte) 0xa5);

        VirtioHeader.writeNone(MemorySegment.ofArray(bytes), 1);

        assertArrayEquals(new byte[] {(byte) 0xa5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte) 0xa5}, bytes);
    }
}
