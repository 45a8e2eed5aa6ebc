package dev.warren.platform.crypto;

import static jdk.incubator.vector.VectorOperators.ROL;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * ChaCha20's key stream (RFC 8439 section 2.3) in Java's Vector API. A vector holds one row of the state, four words,
 * for as many blocks as it has room for (four in 512 bits); two of them go through the rounds side by side, which
 * covers the time that each step takes.
 *
 * <p>As everywhere with this API: a method loads its vectors itself and hands none on, else each would be an object.
 */
final class VectorChaCha20 {
    private static final VectorSpecies<Integer> INTS =
            IntVector.SPECIES_PREFERRED.length() > 16 ? IntVector.SPECIES_512 : IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> ROW = IntVector.SPECIES_128;
    private static final VectorSpecies<Byte> ROW_BYTES = ByteVector.SPECIES_128;

    private static final int LANES = INTS.length();
    /** Bytes of a block. */
    static final int BLOCK_LENGTH = 64;
    /** Words of a row, and rows of a block. */
    private static final int ROWS = 4;
    /** Blocks that one vector has a row of. */
    private static final int VECTOR_BLOCKS = LANES / ROWS;
    /** Blocks that are made at once. */
    static final int BATCH_BLOCKS = 2 * VECTOR_BLOCKS;

    private static final VectorShuffle<Integer> LEFT_1 = turn(1);
    private static final VectorShuffle<Integer> LEFT_2 = turn(2);
    private static final VectorShuffle<Integer> LEFT_3 = turn(3);

    private static final int DOUBLE_ROUNDS = 10;

    /** "expand 32-byte k" once for each block of a vector (RFC 8439 section 2.3). */
    private static final int[] CONSTANTS = repeated(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);

    /** Both rows of the key, each once for each block of a vector: where the keys of this stream are. */
    private final MemorySegment rows;

    /** The last row, counter and nonce, of each block of the batch. */
    private final int[] last = new int[2 * LANES];
    /** The batch, by rows: for each row those of all blocks. */
    private final int[] stream = new int[BATCH_BLOCKS * ROWS * ROWS];

    /** A stream under the key in {@code rows}, which {@link #spread} has filled. */
    VectorChaCha20(MemorySegment rows) {
        this.rows = rows;
    }

    /** Bytes that {@link #spread} fills. */
    static int rowsLength() {
        return 2 * LANES * Integer.BYTES;
    }

    /** Writes the key as the rounds load it. */
    static void spread(byte[] key, MemorySegment rows) {
        MemorySegment from = MemorySegment.ofArray(key);
        for (int block = 0; block < VECTOR_BLOCKS; block++) {
            MemorySegment.copy(from, 0, rows, 16L * block, 16);
            MemorySegment.copy(from, 16, rows, (long) LANES * Integer.BYTES + 16L * block, 16);
        }
    }

    /** Makes the batch of blocks from {@code first} on, under the nonce of four zero bytes and {@code counter}. */
    void make(long counter, int first) {
        for (int block = 0; block < BATCH_BLOCKS; block++) {
            last[ROWS * block] = first + block;
            last[ROWS * block + 2] = (int) counter;
            last[ROWS * block + 3] = (int) (counter >>> 32);
        }
        rounds();
        addInput();
    }

    /** Copies the eight words that the batch begins with. */
    void firstWords(int[] words) {
        System.arraycopy(stream, 0, words, 0, ROWS);
        System.arraycopy(stream, BATCH_BLOCKS * ROWS, words, ROWS, ROWS);
    }

    /** Encrypts or decrypts {@code blocks} blocks at {@code offset} with those of the batch from {@code block} on. */
    void xor(byte[] text, int offset, int block, int blocks) {
        for (int i = 0; i < blocks; i++) {
            int from = (block + i) * ROWS;
            int to = offset + i * BLOCK_LENGTH;
            for (int row = 0; row < ROWS; row++) {
                IntVector.fromArray(ROW, stream, from + row * BATCH_BLOCKS * ROWS)
                        .reinterpretAsBytes()
                        .lanewise(XOR, ByteVector.fromArray(ROW_BYTES, text, to + 16 * row))
                        .intoArray(text, to + 16 * row);
            }
        }
    }

    /** Forgets the key stream. */
    void wipe() {
        Arrays.fill(stream, 0);
        Arrays.fill(last, 0);
    }

    /** The rounds of RFC 8439 section 2.3.1 on the whole batch: two vectors of blocks, 0 and 1. */
    private void rounds() {
        IntVector a0 = IntVector.fromArray(INTS, CONSTANTS, 0);
        IntVector b0 = IntVector.fromMemorySegment(INTS, rows, 0, ByteOrder.LITTLE_ENDIAN);
        IntVector c0 = IntVector.fromMemorySegment(INTS, rows, LANES * 4L, ByteOrder.LITTLE_ENDIAN);
        IntVector d0 = IntVector.fromArray(INTS, last, 0);
        IntVector a1 = a0;
        IntVector b1 = b0;
        IntVector c1 = c0;
        IntVector d1 = IntVector.fromArray(INTS, last, LANES);
        for (int i = 0; i < DOUBLE_ROUNDS; i++) {
            a0 = a0.add(b0);
            a1 = a1.add(b1);
            d0 = d0.lanewise(XOR, a0).lanewise(ROL, 16);
            d1 = d1.lanewise(XOR, a1).lanewise(ROL, 16);
            c0 = c0.add(d0);
            c1 = c1.add(d1);
            b0 = b0.lanewise(XOR, c0).lanewise(ROL, 12);
            b1 = b1.lanewise(XOR, c1).lanewise(ROL, 12);
            a0 = a0.add(b0);
            a1 = a1.add(b1);
            d0 = d0.lanewise(XOR, a0).lanewise(ROL, 8);
            d1 = d1.lanewise(XOR, a1).lanewise(ROL, 8);
            c0 = c0.add(d0);
            c1 = c1.add(d1);
            b0 = b0.lanewise(XOR, c0).lanewise(ROL, 7).rearrange(LEFT_1);
            b1 = b1.lanewise(XOR, c1).lanewise(ROL, 7).rearrange(LEFT_1);
            c0 = c0.rearrange(LEFT_2);
            c1 = c1.rearrange(LEFT_2);
            d0 = d0.rearrange(LEFT_3);
            d1 = d1.rearrange(LEFT_3);
            a0 = a0.add(b0);
            a1 = a1.add(b1);
            d0 = d0.lanewise(XOR, a0).lanewise(ROL, 16);
            d1 = d1.lanewise(XOR, a1).lanewise(ROL, 16);
            c0 = c0.add(d0);
            c1 = c1.add(d1);
            b0 = b0.lanewise(XOR, c0).lanewise(ROL, 12);
            b1 = b1.lanewise(XOR, c1).lanewise(ROL, 12);
            a0 = a0.add(b0);
            a1 = a1.add(b1);
            d0 = d0.lanewise(XOR, a0).lanewise(ROL, 8);
            d1 = d1.lanewise(XOR, a1).lanewise(ROL, 8);
            c0 = c0.add(d0);
            c1 = c1.add(d1);
            b0 = b0.lanewise(XOR, c0).lanewise(ROL, 7).rearrange(LEFT_3);
            b1 = b1.lanewise(XOR, c1).lanewise(ROL, 7).rearrange(LEFT_3);
            c0 = c0.rearrange(LEFT_2);
            c1 = c1.rearrange(LEFT_2);
            d0 = d0.rearrange(LEFT_1);
            d1 = d1.rearrange(LEFT_1);
        }
        a0.intoArray(stream, 0);
        a1.intoArray(stream, LANES);
        b0.intoArray(stream, 2 * LANES);
        b1.intoArray(stream, 3 * LANES);
        c0.intoArray(stream, 4 * LANES);
        c1.intoArray(stream, 5 * LANES);
        d0.intoArray(stream, 6 * LANES);
        d1.intoArray(stream, 7 * LANES);
    }

    /** Adds to what the rounds made what they began with. */
    private void addInput() {
        IntVector a = IntVector.fromArray(INTS, CONSTANTS, 0);
        IntVector b = IntVector.fromMemorySegment(INTS, rows, 0, ByteOrder.LITTLE_ENDIAN);
        IntVector c = IntVector.fromMemorySegment(INTS, rows, LANES * 4L, ByteOrder.LITTLE_ENDIAN);
        for (int half = 0; half < 2; half++) {
            int at = half * LANES;
            IntVector.fromArray(INTS, stream, at).add(a).intoArray(stream, at);
            IntVector.fromArray(INTS, stream, 2 * LANES + at).add(b).intoArray(stream, 2 * LANES + at);
            IntVector.fromArray(INTS, stream, 4 * LANES + at).add(c).intoArray(stream, 4 * LANES + at);
            IntVector d = IntVector.fromArray(INTS, last, at);
            IntVector.fromArray(INTS, stream, 6 * LANES + at).add(d).intoArray(stream, 6 * LANES + at);
        }
    }

    /** Each row's words {@code by} places to the left. */
    private static VectorShuffle<Integer> turn(int by) {
        return VectorShuffle.fromOp(INTS, lane -> (lane & -ROWS) | ((lane + by) & (ROWS - 1)));
    }

    private static int[] repeated(int... row) {
        int[] all = new int[LANES];
        for (int i = 0; i < LANES; i++) {
            all[i] = row[i % ROWS];
        }
        return all;
    }
}
