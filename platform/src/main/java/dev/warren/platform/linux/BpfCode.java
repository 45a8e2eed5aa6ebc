package dev.warren.platform.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A program for the kernel's BPF machine (RFC 9669), written instruction by instruction; jumps go forward, to labels that
 * are set later. Registers are numbered as there: 0 has results, 1 to 5 arguments, 6 to 9 last, 10 is the frame.
 */
final class BpfCode {
    static final int INSTRUCTION_BYTES = 8;
    /** The register that points behind the 512 bytes of stack. */
    static final int FRAME = 10;

    // RFC 9669, sections 4 and 5.
    static final int ADD = 0x00;
    static final int SUBTRACT = 0x10;
    static final int MULTIPLY = 0x20;
    static final int AND = 0x50;
    static final int SHIFT_RIGHT = 0x70;
    static final int MODULO = 0x90;
    static final int XOR = 0xa0;
    static final int MOVE = 0xb0;
    static final int IF_EQUAL = 0x10;
    static final int IF_GREATER = 0x20;
    static final int IF_NOT_EQUAL = 0x50;
    private static final int ALU64 = 0x07;
    private static final int JUMP = 0x05;
    private static final int FROM_REGISTER = 0x08;
    private static final int LOAD_LONG_CONSTANT = 0x18;
    private static final int LOAD_LONG = 0x79;
    private static final int STORE_LONG = 0x7b;
    private static final int STORE_INT_CONSTANT = 0x62;
    private static final int STORE_INT = 0x63;
    private static final int ATOMIC_LONG = 0xdb;
    private static final int CALL = 0x85;
    private static final int EXIT = 0x95;
    private static final int MAP_DESCRIPTOR = 1;

    private record Instruction(int code, int to, int from, int offset, int constant, String label) {}

    private final List<Instruction> all = new ArrayList<>();
    private final Map<String, Integer> labels = new HashMap<>();

    /** {@code to = to OPERATION constant}. */
    BpfCode compute(int operation, int to, int constant) {
        return add(operation | ALU64, to, 0, 0, constant);
    }

    /** {@code to = to OPERATION from}. */
    BpfCode computeWith(int operation, int to, int from) {
        return add(operation | ALU64 | FROM_REGISTER, to, from, 0, 0);
    }

    /** A constant of 64 bits. */
    BpfCode constant(int to, long value) {
        return twice(to, 0, value);
    }

    /** What a helper wants as the array or table with this descriptor. */
    BpfCode array(int to, int descriptor) {
        return twice(to, MAP_DESCRIPTOR, descriptor);
    }

    /** {@code to = the 64 bits at from + offset}. */
    BpfCode load(int to, int from, int offset) {
        return add(LOAD_LONG, to, from, offset, 0);
    }

    /** {@code the 64 bits at to + offset = from}. */
    BpfCode store(int to, int offset, int from) {
        return add(STORE_LONG, to, from, offset, 0);
    }

    /** The lower half of a register. */
    BpfCode storeInt(int to, int offset, int from) {
        return add(STORE_INT, to, from, offset, 0);
    }

    BpfCode storeIntConstant(int to, int offset, int constant) {
        return add(STORE_INT_CONSTANT, to, 0, offset, constant);
    }

    /** Adds to 64 bits in memory, which other processors may add to as well. */
    BpfCode addAtomically(int to, int offset, int from) {
        return add(ATOMIC_LONG, to, from, offset, ADD);
    }

    /** Calls one of the kernel's functions by its number ({@code enum bpf_func_id}). */
    BpfCode call(int function) {
        return add(CALL, 0, 0, 0, function);
    }

    /** Jumps to a label when {@code left CONDITION constant}. */
    BpfCode jump(int condition, int left, int constant, String label) {
        all.add(new Instruction(condition | JUMP, left, 0, 0, constant, label));
        return this;
    }

    /** Jumps to a label when {@code left CONDITION right}. */
    BpfCode jumpWith(int condition, int left, int right, String label) {
        all.add(new Instruction(condition | JUMP | FROM_REGISTER, left, right, 0, 0, label));
        return this;
    }

    /** The next instruction is where jumps to this label go. */
    BpfCode label(String name) {
        labels.put(name, all.size());
        return this;
    }

    /** Ends; register 0 has the answer. */
    BpfCode exit() {
        return add(EXIT, 0, 0, 0, 0);
    }

    /** The instructions as the kernel reads them. */
    MemorySegment in(Arena arena) {
        MemorySegment memory = arena.allocate((long) all.size() * INSTRUCTION_BYTES, 8);
        for (int i = 0; i < all.size(); i++) {
            Instruction one = all.get(i);
            int offset = one.label().isEmpty() ? one.offset() : distance(one.label(), i);
            long at = (long) i * INSTRUCTION_BYTES;
            memory.set(ValueLayout.JAVA_BYTE, at, (byte) one.code());
            memory.set(ValueLayout.JAVA_BYTE, at + 1, (byte) (one.from() << 4 | one.to()));
            memory.set(ValueLayout.JAVA_SHORT, at + 2, (short) offset);
            memory.set(ValueLayout.JAVA_INT, at + 4, one.constant());
        }
        return memory;
    }

    private int distance(String label, int from) {
        Integer target = labels.get(label);
        if (target == null || target <= from) {
            throw new IllegalStateException("there is no label " + label + " behind the jump to it");
        }
        return target - from - 1;
    }

    private BpfCode twice(int to, int kind, long value) {
        add(LOAD_LONG_CONSTANT, to, kind, 0, (int) value);
        return add(0, 0, 0, 0, (int) (value >>> Integer.SIZE));
    }

    private BpfCode add(int code, int to, int from, int offset, int constant) {
        all.add(new Instruction(code, to, from, offset, constant, ""));
        return this;
    }
}
