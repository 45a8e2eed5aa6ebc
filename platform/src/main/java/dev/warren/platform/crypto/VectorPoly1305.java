package dev.warren.platform.crypto;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.warren.protocol.crypto.LittleEndian;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Poly1305 (RFC 8439 section 2.5) in Java's Vector API, for a message of whole blocks. Numbers modulo 2^130 - 5 are five
 * limbs of 26 bits. Each lane of a vector takes every n-th block and multiplies by r^n; with the last blocks it multiplies
 * by what power of r they are short of, and the sum over the lanes is the result.
 *
 * <p>See {@link VectorChaCha20} for the rules. Accumulators lie in an array between steps for the same reason.
 */
final class VectorPoly1305 {
    private static final VectorSpecies<Long> LONGS =
            LongVector.SPECIES_PREFERRED.length() > 8 ? LongVector.SPECIES_512 : LongVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> BYTES = LONGS.withLanes(byte.class);

    /** Lanes of a vector: so many blocks are taken in at once. */
    static final int LANES = LONGS.length();
    /** Bytes of a block, and of the tag. */
    static final int BLOCK_LENGTH = 16;

    private static final int LIMBS = 5;
    private static final int LIMB_BITS = 26;
    private static final long LIMB = (1L << LIMB_BITS) - 1;
    /** The compiler multiplies 32-bit numbers faster, if it sees that they are. */
    private static final long UINT = 0xFFFF_FFFFL;
    /** The bit above a block, in its topmost limb. */
    private static final long ABOVE = 1L << 24;

    /** To the next lane, and to the one before. */
    private static final VectorShuffle<Long> UP = VectorShuffle.fromOp(LONGS, lane -> lane == 0 ? 0 : lane - 1);

    private static final VectorShuffle<Long> DOWN =
            VectorShuffle.fromOp(LONGS, lane -> lane == LANES - 1 ? lane : lane + 1);
    private static final VectorMask<Long> ODD = VectorMask.fromLong(LONGS, 0xAAAA_AAAA_AAAA_AAAAL);

    /** The limbs of r^0 (never used), r^1 and so on to the number of lanes. */
    private final long[] powers = new long[LIMBS * (LANES + 1)];
    /** r to the number of lanes in every lane, by limbs. */
    private final long[] every = new long[LIMBS * LANES];
    /** In each lane the power of r for its last block, by limbs. */
    private final long[] ending = new long[LIMBS * LANES];
    /** The bit above each lane's block: everywhere, and where the first blocks are none but room in front. */
    private final long[] above = new long[LANES];

    private final long[] firstAbove = new long[LANES];
    /** The accumulators, by limbs. */
    private final long[] sums = new long[LIMBS * LANES];

    private final long[] sum = new long[LIMBS];
    /** The second half of the key, as four words. */
    private final int[] pad = new int[4];

    VectorPoly1305() {
        Arrays.fill(above, ABOVE);
    }

    /** Sets the key: eight words in little-endian order. */
    void key(int[] words) {
        long w0 = words[0] & UINT;
        long w1 = words[1] & UINT;
        long w2 = words[2] & UINT;
        long w3 = words[3] & UINT;
        powers[LIMBS] = w0 & 0x3ffffff;
        powers[LIMBS + 1] = ((w0 >>> 26) | (w1 << 6)) & 0x3ffff03;
        powers[LIMBS + 2] = ((w1 >>> 20) | (w2 << 12)) & 0x3ffc0ff;
        powers[LIMBS + 3] = ((w2 >>> 14) | (w3 << 18)) & 0x3f03fff;
        powers[LIMBS + 4] = (w3 >>> 8) & 0x00fffff;
        System.arraycopy(words, 4, pad, 0, pad.length);
    }

    /**
     * Writes the tag of {@code blocks} blocks at {@code offset}, at least one. There have to be as many zero blocks in
     * front of them as there are lanes.
     */
    void tag(byte[] text, int offset, int blocks, byte[] tag, int tagOffset) {
        Arrays.fill(sum, 0);
        if (blocks <= LANES) {
            for (int i = 0; i < blocks; i++) {
                absorb(text, offset + i * BLOCK_LENGTH);
                multiply(sum, 0, powers, LIMBS, sum, 0);
            }
        } else {
            inLanes(text, offset, blocks);
        }
        finish(tag, tagOffset);
    }

    /** Forgets the key and the message. */
    void wipe() {
        Arrays.fill(powers, 0);
        Arrays.fill(every, 0);
        Arrays.fill(ending, 0);
        Arrays.fill(sums, 0);
        Arrays.fill(sum, 0);
        Arrays.fill(pad, 0);
    }

    private void inLanes(byte[] text, int offset, int blocks) {
        spreadPowers();
        int steps = (blocks + LANES - 1) / LANES;
        int missing = steps * LANES - blocks;
        for (int lane = 0; lane < LANES; lane++) {
            firstAbove[lane] = blockOf(lane) < missing ? 0 : ABOVE;
        }
        Arrays.fill(sums, 0);
        int at = offset - missing * BLOCK_LENGTH;
        for (int step = 0; step < steps; step++) {
            step(text, at, step == 0 ? firstAbove : above, step == steps - 1 ? ending : every);
            at += LANES * BLOCK_LENGTH;
        }
        for (int limb = 0; limb < LIMBS; limb++) {
            long total = 0;
            for (int lane = 0; lane < LANES; lane++) {
                total += sums[limb * LANES + lane];
            }
            sum[limb] = total;
        }
        carry(sum, sum[0], sum[1], sum[2], sum[3], sum[4], 0);
    }

    /** Adds a block to each lane and multiplies. */
    private void step(byte[] text, int at, long[] bits, long[] factors) {
        LongVector one = ByteVector.fromArray(BYTES, text, at).reinterpretAsLongs();
        LongVector two = ByteVector.fromArray(BYTES, text, at + BYTES.length()).reinterpretAsLongs();
        LongVector low = one.blend(two.rearrange(UP), ODD);
        LongVector high = one.rearrange(DOWN).blend(two, ODD);
        LongVector h0 = low.and(LIMB).add(LongVector.fromArray(LONGS, sums, 0)).and(UINT);
        LongVector h1 = low.lanewise(LSHR, 26)
                .and(LIMB)
                .add(LongVector.fromArray(LONGS, sums, LANES))
                .and(UINT);
        LongVector h2 = low.lanewise(LSHR, 52)
                .or(high.lanewise(LSHL, 12))
                .and(LIMB)
                .add(LongVector.fromArray(LONGS, sums, 2 * LANES))
                .and(UINT);
        LongVector h3 = high.lanewise(LSHR, 14)
                .and(LIMB)
                .add(LongVector.fromArray(LONGS, sums, 3 * LANES))
                .and(UINT);
        LongVector h4 = high.lanewise(LSHR, 40)
                .or(LongVector.fromArray(LONGS, bits, 0))
                .add(LongVector.fromArray(LONGS, sums, 4 * LANES))
                .and(UINT);
        LongVector r0 = LongVector.fromArray(LONGS, factors, 0).and(UINT);
        LongVector r1 = LongVector.fromArray(LONGS, factors, LANES).and(UINT);
        LongVector r2 = LongVector.fromArray(LONGS, factors, 2 * LANES).and(UINT);
        LongVector r3 = LongVector.fromArray(LONGS, factors, 3 * LANES).and(UINT);
        LongVector r4 = LongVector.fromArray(LONGS, factors, 4 * LANES).and(UINT);
        LongVector s1 = r1.lanewise(LSHL, 2).add(r1).and(UINT);
        LongVector s2 = r2.lanewise(LSHL, 2).add(r2).and(UINT);
        LongVector s3 = r3.lanewise(LSHL, 2).add(r3).and(UINT);
        LongVector s4 = r4.lanewise(LSHL, 2).add(r4).and(UINT);
        LongVector d0 =
                h0.mul(r0).add(h1.mul(s4)).add(h2.mul(s3)).add(h3.mul(s2)).add(h4.mul(s1));
        LongVector d1 =
                h0.mul(r1).add(h1.mul(r0)).add(h2.mul(s4)).add(h3.mul(s3)).add(h4.mul(s2));
        LongVector d2 =
                h0.mul(r2).add(h1.mul(r1)).add(h2.mul(r0)).add(h3.mul(s4)).add(h4.mul(s3));
        LongVector d3 =
                h0.mul(r3).add(h1.mul(r2)).add(h2.mul(r1)).add(h3.mul(r0)).add(h4.mul(s4));
        LongVector d4 =
                h0.mul(r4).add(h1.mul(r3)).add(h2.mul(r2)).add(h3.mul(r1)).add(h4.mul(r0));
        // Two chains of carries side by side; each limb is at most a little over 26 bits after it.
        d1 = d1.add(d0.lanewise(LSHR, 26));
        d4 = d4.add(d3.lanewise(LSHR, 26));
        LongVector top = d4.lanewise(LSHR, 26);
        d0 = d0.and(LIMB).add(top).add(top.lanewise(LSHL, 2));
        d2 = d2.add(d1.lanewise(LSHR, 26));
        d3 = d3.and(LIMB).add(d2.lanewise(LSHR, 26));
        d0.and(LIMB).intoArray(sums, 0);
        d1.and(LIMB).add(d0.lanewise(LSHR, 26)).intoArray(sums, LANES);
        d2.and(LIMB).intoArray(sums, 2 * LANES);
        d3.and(LIMB).intoArray(sums, 3 * LANES);
        d4.and(LIMB).add(d3.lanewise(LSHR, 26)).intoArray(sums, 4 * LANES);
    }

    /** Which block of a step a lane takes: even lanes those of the step's first half. */
    private static int blockOf(int lane) {
        return (lane & 1) * (LANES / 2) + lane / 2;
    }

    private void spreadPowers() {
        for (int power = 2; power <= LANES; power++) {
            multiply(powers, LIMBS * (power / 2), powers, LIMBS * (power - power / 2), powers, LIMBS * power);
        }
        for (int limb = 0; limb < LIMBS; limb++) {
            for (int lane = 0; lane < LANES; lane++) {
                every[limb * LANES + lane] = powers[LIMBS * LANES + limb];
                ending[limb * LANES + lane] = powers[LIMBS * (LANES - blockOf(lane)) + limb];
            }
        }
    }

    private void absorb(byte[] text, int at) {
        long low = LittleEndian.readLong(text, at);
        long high = LittleEndian.readLong(text, at + Long.BYTES);
        sum[0] += low & LIMB;
        sum[1] += (low >>> 26) & LIMB;
        sum[2] += ((low >>> 52) | (high << 12)) & LIMB;
        sum[3] += (high >>> 14) & LIMB;
        sum[4] += (high >>> 40) | ABOVE;
    }

    /** Limbs of up to 27 bits. */
    private static void multiply(long[] x, int xAt, long[] y, int yAt, long[] product, int at) {
        long x0 = x[xAt];
        long x1 = x[xAt + 1];
        long x2 = x[xAt + 2];
        long x3 = x[xAt + 3];
        long x4 = x[xAt + 4];
        long y0 = y[yAt];
        long y1 = y[yAt + 1];
        long y2 = y[yAt + 2];
        long y3 = y[yAt + 3];
        long y4 = y[yAt + 4];
        long d0 = x0 * y0 + 5 * (x1 * y4 + x2 * y3 + x3 * y2 + x4 * y1);
        long d1 = x0 * y1 + x1 * y0 + 5 * (x2 * y4 + x3 * y3 + x4 * y2);
        long d2 = x0 * y2 + x1 * y1 + x2 * y0 + 5 * (x3 * y4 + x4 * y3);
        long d3 = x0 * y3 + x1 * y2 + x2 * y1 + x3 * y0 + 5 * x4 * y4;
        long d4 = x0 * y4 + x1 * y3 + x2 * y2 + x3 * y1 + x4 * y0;
        carry(product, d0, d1, d2, d3, d4, at);
    }

    private static void carry(long[] to, long d0, long d1, long d2, long d3, long d4, int at) {
        long e1 = d1 + (d0 >>> LIMB_BITS);
        long e2 = d2 + (e1 >>> LIMB_BITS);
        long e3 = d3 + (e2 >>> LIMB_BITS);
        long e4 = d4 + (e3 >>> LIMB_BITS);
        long e0 = (d0 & LIMB) + 5 * (e4 >>> LIMB_BITS);
        to[at] = e0 & LIMB;
        to[at + 1] = (e1 & LIMB) + (e0 >>> LIMB_BITS);
        to[at + 2] = e2 & LIMB;
        to[at + 3] = e3 & LIMB;
        to[at + 4] = e4 & LIMB;
    }

    /** The sum modulo 2^130 - 5, plus the second half of the key modulo 2^128 (RFC 8439 section 2.5.1). */
    private void finish(byte[] tag, int at) {
        carry(sum, sum[0], sum[1], sum[2], sum[3], sum[4], 0);
        carry(sum, sum[0], sum[1], sum[2], sum[3], sum[4], 0);
        // Adding 5 reaches bit 130 exactly when the sum is not less than 2^130 - 5.
        long over = (sum[0] + 5) >>> LIMB_BITS;
        for (int limb = 1; limb < LIMBS; limb++) {
            over = (sum[limb] + over) >>> LIMB_BITS;
        }
        long g0 = sum[0] + 5 * over;
        long g1 = sum[1] + (g0 >>> LIMB_BITS);
        long g2 = sum[2] + (g1 >>> LIMB_BITS);
        long g3 = sum[3] + (g2 >>> LIMB_BITS);
        long g4 = sum[4] + (g3 >>> LIMB_BITS);
        long low = (g0 & LIMB) | ((g1 & LIMB) << 26) | (g2 << 52);
        long high = ((g2 & LIMB) >>> 12) | ((g3 & LIMB) << 14) | (g4 << 40);
        long padLow = (pad[0] & UINT) | ((long) pad[1] << 32);
        long padHigh = (pad[2] & UINT) | ((long) pad[3] << 32);
        long tagLow = low + padLow;
        // Whether that overflowed, without a branch.
        long overflow = ((low & padLow) | ((low | padLow) & ~tagLow)) >>> 63;
        LittleEndian.writeLong(tag, at, tagLow);
        LittleEndian.writeLong(tag, at + Long.BYTES, high + padHigh + overflow);
    }
}
