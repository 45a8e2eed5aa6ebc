package dev.warren.platform.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.ByteOrder;

/** What is used of bpf(2): arrays that a program in the kernel and this one share, and programs that judge datagrams. */
final class Bpf {
    private static final int MAP_CREATE = 0;
    private static final int MAP_LOOKUP_ELEM = 1;
    private static final int MAP_UPDATE_ELEM = 2;
    private static final int PROG_LOAD = 5;
    private static final int ARRAY = 2;
    private static final int LRU_HASH = 9;
    private static final int IF_ABSENT = 1;
    private static final int SOCKET_FILTER = 1;
    /** A {@code union bpf_attr} of a kernel 5.8; what lies behind a kernel's own end has to be zero. */
    private static final int ATTRIBUTE_BYTES = 120;

    private Bpf() {}

    /** An array of so many 64-bit numbers, all 0; the descriptor, or the negated error number. */
    static int array(int length) {
        return map(ARRAY, Integer.BYTES, length);
    }

    /** A table from 64-bit numbers to others, which forgets the least used; the descriptor, or the negated error number. */
    static int table(int capacity) {
        return map(LRU_HASH, Long.BYTES, capacity);
    }

    private static int map(int type, int keyBytes, int entries) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attribute = arena.allocate(ATTRIBUTE_BYTES, 8);
            attribute.set(JAVA_INT, 0, type);
            attribute.set(JAVA_INT, 4, keyBytes);
            attribute.set(JAVA_INT, 8, Long.BYTES);
            attribute.set(JAVA_INT, 12, entries);
            return call(MAP_CREATE, attribute);
        }
    }

    /** Puts {@code key} with 0 into a table when it is not there yet; the negated error number when that fails. */
    static int putIfAbsent(int table, long key) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(2L * Long.BYTES, 8);
            pair.set(JAVA_LONG, 0, key);
            MemorySegment attribute = arena.allocate(ATTRIBUTE_BYTES, 8);
            attribute.set(JAVA_INT, 0, table);
            attribute.set(JAVA_LONG, 8, pair.address());
            attribute.set(JAVA_LONG, 16, pair.address() + Long.BYTES);
            attribute.set(JAVA_LONG, 24, IF_ABSENT);
            int result = call(MAP_UPDATE_ELEM, attribute);
            return result == -Errno.EEXIST.number() ? 0 : result;
        }
    }

    /** What stands in an array; the negated error number when it cannot be read. */
    static long read(int array, int index) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment key = Libc.intIn(arena, index);
            MemorySegment value = arena.allocate(JAVA_LONG);
            MemorySegment attribute = arena.allocate(ATTRIBUTE_BYTES, 8);
            attribute.set(JAVA_INT, 0, array);
            attribute.set(JAVA_LONG, 8, key.address());
            attribute.set(JAVA_LONG, 16, value.address());
            int result = call(MAP_LOOKUP_ELEM, attribute);
            return result < 0 ? result : value.get(JAVA_LONG, 0);
        }
    }

    /**
     * Has the kernel check and take a program for {@code SO_ATTACH_BPF}; the descriptor, or the negated error number: EPERM
     * without CAP_BPF, where the kernel wants it (kernel.unprivileged_bpf_disabled).
     */
    static int load(BpfCode code) {
        if (!ByteOrder.nativeOrder().equals(ByteOrder.LITTLE_ENDIAN)) {
            return -Errno.ENOSYS.number();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment instructions = code.in(arena);
            MemorySegment license = arena.allocateFrom("Apache-2.0");
            MemorySegment attribute = arena.allocate(ATTRIBUTE_BYTES, 8);
            attribute.set(JAVA_INT, 0, SOCKET_FILTER);
            attribute.set(JAVA_INT, 4, (int) (instructions.byteSize() / BpfCode.INSTRUCTION_BYTES));
            attribute.set(JAVA_LONG, 8, instructions.address());
            attribute.set(JAVA_LONG, 16, license.address());
            return call(PROG_LOAD, attribute);
        }
    }

    private static int call(int command, MemorySegment attribute) {
        try {
            return Libc.syscall(Constants.SYS_BPF, command, attribute.address(), ATTRIBUTE_BYTES, 0);
        } finally {
            Reference.reachabilityFence(attribute);
        }
    }
}
