package dev.warren.platform.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An array of {@code struct mmsghdr} (socket.h, LP64), each with one iovec, one address and one slot of a slab; and
 * room for control messages where that is wanted.
 *
 * <p>mmsghdr, 64 bytes: msghdr (56), msg_len u32 at 56. msghdr: name pointer 0, name length u32 8, iovec pointer 16,
 * iovec count 24, control pointer 32, control length 40, flags i32 48. iovec: base 0, length 8.
 */
final class MessageVector {
    private static final int HEADER_BYTES = 64;
    private static final int NAME_LENGTH = 8;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    private static final int LENGTH = 56;
    private static final int IOVEC_BYTES = 16;
    private static final int NAME_BYTES = 32;

    private final int slots;
    private final int slotBytes;
    private final MemorySegment headers;
    private final MemorySegment[] headersFrom;
    private final MemorySegment vectors;
    private final MemorySegment names;
    private final MemorySegment slab;
    private final MemorySegment controls;
    private final int controlBytes;

    MessageVector(int slots, int slotBytes) {
        this(slots, slotBytes, 0);
    }

    /** With {@code controlBytes} for the control messages of each, a multiple of eight. */
    MessageVector(int slots, int slotBytes, int controlBytes) {
        this.slots = slots;
        this.slotBytes = slotBytes;
        this.controlBytes = controlBytes;
        // One arena: whoever holds one of these segments keeps all of them, so the pointers inside stay valid.
        Arena arena = Arena.ofAuto();
        headers = arena.allocate((long) slots * HEADER_BYTES, 8);
        vectors = arena.allocate((long) slots * IOVEC_BYTES, 8);
        names = arena.allocate((long) slots * NAME_BYTES, 8);
        slab = arena.allocate((long) slots * slotBytes, 64);
        controls = arena.allocate((long) slots * controlBytes, 8);
        headersFrom = new MemorySegment[slots];
        for (int i = 0; i < slots; i++) {
            long header = header(i);
            headersFrom[i] = headers.asSlice(header);
            headers.set(ValueLayout.ADDRESS, header, names.asSlice(nameOffset(i), NAME_BYTES));
            headers.set(ValueLayout.JAVA_INT, header + NAME_LENGTH, SocketAddresses.BYTES);
            headers.set(ValueLayout.ADDRESS, header + 16, vectors.asSlice((long) i * IOVEC_BYTES, IOVEC_BYTES));
            headers.set(ValueLayout.JAVA_LONG, header + 24, 1);
            if (controlBytes > 0) {
                headers.set(ValueLayout.ADDRESS, header + CONTROL, controls.asSlice(controlOffset(i), controlBytes));
            }
            vectors.set(ValueLayout.ADDRESS, (long) i * IOVEC_BYTES, slab.asSlice(slotOffset(i), slotBytes));
            vectors.set(ValueLayout.JAVA_LONG, (long) i * IOVEC_BYTES + 8, slotBytes);
        }
    }

    int slots() {
        return slots;
    }

    int slotBytes() {
        return slotBytes;
    }

    MemorySegment slab() {
        return slab;
    }

    long slotOffset(int index) {
        return (long) index * slotBytes;
    }

    MemorySegment names() {
        return names;
    }

    long nameOffset(int index) {
        return (long) index * NAME_BYTES;
    }

    /** The messages from {@code index} on, for a system call. */
    MemorySegment headersFrom(int index) {
        return headersFrom[index];
    }

    /** The native address of the first message, for a system call; whoever calls keeps this object reachable. */
    long address() {
        return headers.address();
    }

    void setNameLength(int index, int bytes) {
        headers.set(ValueLayout.JAVA_INT, header(index) + NAME_LENGTH, bytes);
    }

    void setSlotLength(int index, int bytes) {
        vectors.set(ValueLayout.JAVA_LONG, (long) index * IOVEC_BYTES + 8, bytes);
    }

    MemorySegment controls() {
        return controls;
    }

    long controlOffset(int index) {
        return (long) index * controlBytes;
    }

    /** How many bytes of control messages the kernel gave, or is to read. */
    long controlLength(int index) {
        return headers.get(ValueLayout.JAVA_LONG, header(index) + CONTROL_LENGTH);
    }

    /** All of the room for control messages may be used again. */
    void freeControl(int index) {
        headers.set(ValueLayout.JAVA_LONG, header(index) + CONTROL_LENGTH, controlBytes);
    }

    /** How many bytes the kernel received into the slot. */
    int received(int index) {
        return headers.get(ValueLayout.JAVA_INT, header(index) + LENGTH);
    }

    int flags(int index) {
        return headers.get(ValueLayout.JAVA_INT, header(index) + FLAGS);
    }

    private static long header(int index) {
        return (long) index * HEADER_BYTES;
    }
}
