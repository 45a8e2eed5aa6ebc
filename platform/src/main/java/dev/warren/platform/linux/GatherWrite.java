package dev.warren.platform.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Pieces of native memory that go into one {@link TunDevice#write(GatherWrite)}, in order, as if they lay behind one
 * another: an array of {@code struct iovec} (uio.h, LP64: base u64, length u64). The memory has to stay as it is until
 * then. Belongs to one thread.
 */
public final class GatherWrite {
    private static final int MAX_PARTS = 1024; // UIO_MAXIOV
    private static final int PART_BYTES = 16;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final int maxParts;
    private final MemorySegment vectors;
    /** So that nothing is collected whose address the array holds. */
    private final @Nullable MemorySegment[] memories;

    private int count;
    private int lengthBytes;

    /** Room for {@code maxParts} pieces, 1 to 1024. */
    public GatherWrite(int maxParts) {
        Objects.checkIndex(maxParts - 1, MAX_PARTS);
        this.maxParts = maxParts;
        vectors = Arena.ofAuto().allocate((long) maxParts * PART_BYTES, 8);
        memories = new MemorySegment[maxParts];
    }

    /** Forgets all pieces. */
    public void clear() {
        count = 0;
        lengthBytes = 0;
    }

    /** Takes a piece of native memory; false when there is no room for one more. */
    public boolean add(MemorySegment memory, long offset, int length) {
        if (count == maxParts) {
            return false;
        }
        long address = NativeAddress.of(memory, offset, length);
        vectors.set(LONG, (long) count * PART_BYTES, address);
        vectors.set(LONG, (long) count * PART_BYTES + 8, length);
        memories[count] = memory;
        count++;
        lengthBytes += length;
        return true;
    }

    /** How many bytes all pieces have together. */
    public int lengthBytes() {
        return lengthBytes;
    }

    /** How many pieces there are. */
    public int count() {
        return count;
    }

    /** The address of the array, for a system call; whoever calls keeps this object reachable. */
    long address() {
        return vectors.address();
    }
}
