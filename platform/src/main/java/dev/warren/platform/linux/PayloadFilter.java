package dev.warren.platform.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * A choice of datagrams by what stands in their payload, made by the kernel (classic BPF, linux/filter.h) for {@link
 * UdpSocket#divert}. A datagram is chosen when all the words of one of the alternatives fit; one that is too short for
 * a word that is looked at is not.
 *
 * @param alternatives each a list of words
 */
public record PayloadFilter(List<List<Word>> alternatives) {
    // linux/bpf_common.h
    private static final short LOAD_WORD = 0x20;
    private static final short AND = 0x54;
    private static final short JUMP_IF_EQUAL = 0x15;
    private static final short RETURN = 0x06;

    private static final int INSTRUCTION_BYTES = 8;
    private static final int PROGRAM_BYTES = 16;
    private static final int INSTRUCTIONS_PER_WORD = 3;
    /** How far a conditional jump reaches: its distance is one byte. */
    private static final int MAX_WORDS = 255 / INSTRUCTIONS_PER_WORD;

    /**
     * Four bytes of the payload.
     *
     * @param offset of the first of them
     * @param mask of the bits that count
     * @param value of those bits, big-endian
     */
    public record Word(int offset, int mask, int value) {}

    /** Copies the lists. */
    public PayloadFilter {
        alternatives = alternatives.stream().map(List::copyOf).toList();
        if (alternatives.stream().anyMatch(words -> words.size() > MAX_WORDS)) {
            throw new IllegalArgumentException("an alternative has at most " + MAX_WORDS + " words");
        }
    }

    /** The {@code struct sock_fprog} of a program that returns 1 for what is chosen, and else 0. */
    MemorySegment program(Arena arena) {
        List<long[]> all = new ArrayList<>();
        for (List<Word> words : alternatives) {
            int left = words.size() * INSTRUCTIONS_PER_WORD + 1;
            for (Word word : words) {
                left -= INSTRUCTIONS_PER_WORD;
                all.add(instruction(LOAD_WORD, 0, word.offset()));
                all.add(instruction(AND, 0, word.mask()));
                all.add(instruction(JUMP_IF_EQUAL, left, word.value() & word.mask()));
            }
            all.add(instruction(RETURN, 0, 1));
        }
        all.add(instruction(RETURN, 0, 0));

        MemorySegment instructions = arena.allocate((long) all.size() * INSTRUCTION_BYTES, 8);
        for (int i = 0; i < all.size(); i++) {
            long at = (long) i * INSTRUCTION_BYTES;
            // struct sock_filter: code u16, jump if true u8, jump if false u8, k u32.
            instructions.set(ValueLayout.JAVA_SHORT, at, (short) all.get(i)[0]);
            instructions.set(ValueLayout.JAVA_BYTE, at + 3, (byte) all.get(i)[1]);
            instructions.set(ValueLayout.JAVA_INT, at + 4, (int) all.get(i)[2]);
        }
        MemorySegment program = arena.allocate(PROGRAM_BYTES, 8);
        program.set(ValueLayout.JAVA_SHORT, 0, (short) all.size());
        program.set(ValueLayout.ADDRESS, 8, instructions);
        return program;
    }

    private static long[] instruction(short code, int jumpIfFalse, int k) {
        return new long[] {code, jumpIfFalse, k};
    }
}
