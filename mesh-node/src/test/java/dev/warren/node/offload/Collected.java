package dev.warren.node.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** What a {@link Coalescer} handed on, as the kernel would see it. */
final class Collected implements PacketSink {
    /** One packet or super-packet behind its virtio header, and how many were joined in it. */
    static final class Unit {
        private final byte[] bytes;
        private final int packets;

        Unit(byte[] bytes, int packets) {
            this.bytes = bytes;
            this.packets = packets;
        }

        byte[] bytes() {
            return bytes;
        }

        int packets() {
            return packets;
        }

        byte[] packet() {
            byte[] packet = new byte[bytes.length - VirtioHeader.BYTES];
            System.arraycopy(bytes, VirtioHeader.BYTES, packet, 0, packet.length);
            return packet;
        }

        List<byte[]> cut() {
            Segmenter segmenter = new Segmenter();
            MemorySegment memory = MemorySegment.ofArray(bytes);
            assertEquals(Segmenter.Verdict.USABLE, segmenter.start(memory, 0, bytes.length));
            List<byte[]> packets = new ArrayList<>();
            while (segmenter.hasNext()) {
                byte[] to = new byte[segmenter.packetLength()];
                int length = segmenter.next(MemorySegment.ofArray(to), 0);
                packets.add(Arrays.copyOf(to, length));
            }
            return packets;
        }
    }

    final List<Unit> units = new ArrayList<>();
    /** The memory that payloads have to lie in, uncopied; NULL for any. */
    MemorySegment received = MemorySegment.NULL;

    /** Which joined packets it does not take. */
    Predicate<byte[]> refused = _ -> false;

    int refusals;

    private final ByteArrayOutputStream current = new ByteArrayOutputStream();
    private boolean begun;
    private int slices;

    @Override
    public void begin() {
        assertFalse(begun);
        begun = true;
        slices = 0;
        current.reset();
    }

    @Override
    public void slice(MemorySegment memory, long offset, int length) {
        assertTrue(begun);
        assertTrue(length > 0);
        slices++;
        if (slices == 1) {
            assertTrue(length >= VirtioHeader.BYTES);
        } else if (!received.equals(MemorySegment.NULL)) {
            assertSame(received, memory, "nothing is copied");
        }
        current.writeBytes(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public boolean end(int packets) {
        assertTrue(begun);
        begun = false;
        assertEquals(1 + packets, slices);
        if (packets > 1 && refused.test(current.toByteArray())) {
            refusals++;
            return false;
        }
        units.add(new Unit(current.toByteArray(), packets));
        return true;
    }

    /** How many packets each unit has. */
    List<Integer> counts() {
        return units.stream().map(Unit::packets).toList();
    }
}
