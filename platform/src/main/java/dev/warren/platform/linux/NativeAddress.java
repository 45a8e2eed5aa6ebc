package dev.warren.platform.linux;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Addresses as numbers: a slice of a segment would be an object for each packet. Bounds are checked here, as the kernel
 * knows none; the memory's life is the caller's care.
 */
final class NativeAddress {
    private NativeAddress() {}

    /** Where {@code length} bytes of {@code memory} from {@code offset} on lie. */
    static long of(MemorySegment memory, long offset, int length) {
        Objects.checkFromIndexSize(offset, length, memory.byteSize());
        if (!memory.isNative()) {
            throw new IllegalArgumentException("the kernel reads and writes native memory only");
        }
        return memory.address() + offset;
    }
}
