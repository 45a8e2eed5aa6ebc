package dev.warren.protocol.crypto;

import java.util.Arrays;

/**
 * BLAKE2s (RFC 7693): plain hash, keyed hash, and HMAC over it (RFC 2104) as WireGuard's key derivation needs it.
 *
 * <p>One object is one running hash: {@link #update} any number of times, then {@link #finish} once. Not for use by two
 * threads at once.
 */
public final class Blake2s {
    /** Bytes of the full hash. */
    public static final int HASH_LENGTH = 32;
    /** Bytes of the keyed hash that WireGuard uses as a MAC. */
    public static final int MAC_LENGTH = 16;
    /** Bytes that one compression takes (RFC 7693 section 2.1). */
    public static final int BLOCK_LENGTH = 64;

    private static final int ROUNDS = 10;
    private static final int INNER_PAD = 0x36;
    private static final int OUTER_PAD = 0x5c;

    /** RFC 7693 section 2.6. */
    private static final int[] IV = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
    };

    /** RFC 7693 section 2.7, one line a round. */
    private static final byte[][] SIGMA = {
        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
        {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
        {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
        {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
        {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
        {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
        {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
        {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
        {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
        {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}
    };

    private final int outputLength;
    private final int[] state = IV.clone();
    private final int[] work = new int[16];
    private final int[] words = new int[16];
    private final byte[] block = new byte[BLOCK_LENGTH];
    private int blockFilled;
    private long compressed;

    /** A keyed hash; {@code key} of 0 to 32 bytes (none for 0), 1 to 32 bytes out. */
    public Blake2s(int outputLength, byte[] key) {
        if (outputLength < 1 || outputLength > HASH_LENGTH || key.length > HASH_LENGTH) {
            throw new IllegalArgumentException("BLAKE2s gives 1 to 32 bytes under a key of 0 to 32 bytes, not "
                    + outputLength + " under " + key.length);
        }
        this.outputLength = outputLength;
        state[0] ^= 0x01010000 ^ (key.length << 8) ^ outputLength;
        if (key.length > 0) {
            System.arraycopy(key, 0, block, 0, key.length);
            blockFilled = BLOCK_LENGTH;
        }
    }

    /** The 32-byte hash of the {@code parts} one behind the other. */
    public static byte[] hash(byte[]... parts) {
        return keyed(HASH_LENGTH, new byte[0], parts);
    }

    /** The 16-byte keyed hash of the {@code parts} one behind the other. */
    public static byte[] mac(byte[] key, byte[]... parts) {
        return keyed(MAC_LENGTH, key, parts);
    }

    /** HMAC (RFC 2104) with this hash, over the {@code parts} one behind the other: 32 bytes. */
    public static byte[] hmac(byte[] key, byte[]... parts) {
        byte[] pad = new byte[BLOCK_LENGTH];
        byte[] shortKey = key.length > BLOCK_LENGTH ? hash(key) : key;
        System.arraycopy(shortKey, 0, pad, 0, shortKey.length);
        xor(pad, INNER_PAD);
        Blake2s inner = new Blake2s(HASH_LENGTH, new byte[0]).update(pad);
        for (byte[] part : parts) {
            inner.update(part);
        }
        byte[] innerHash = inner.finish();
        xor(pad, INNER_PAD ^ OUTER_PAD);
        byte[] outer = hash(pad, innerHash);
        Arrays.fill(pad, (byte) 0);
        Arrays.fill(innerHash, (byte) 0);
        return outer;
    }

    /** Takes in all of {@code input}. */
    public Blake2s update(byte[] input) {
        return update(input, 0, input.length);
    }

    /** Takes in {@code length} bytes at {@code offset}. */
    public Blake2s update(byte[] input, int offset, int length) {
        int at = offset;
        int left = length;
        while (left > 0) {
            if (blockFilled == BLOCK_LENGTH) {
                compress(BLOCK_LENGTH, 0);
                blockFilled = 0;
            }
            int taken = Math.min(left, BLOCK_LENGTH - blockFilled);
            System.arraycopy(input, at, block, blockFilled, taken);
            blockFilled += taken;
            at += taken;
            left -= taken;
        }
        return this;
    }

    /** The hash of all that was taken in; wipes the running state, so this object is used up. */
    public byte[] finish() {
        byte[] out = new byte[outputLength];
        finish(out, 0);
        return out;
    }

    /** As {@link #finish()}, into {@code out} from {@code offset} on. */
    public void finish(byte[] out, int offset) {
        Arrays.fill(block, blockFilled, BLOCK_LENGTH, (byte) 0);
        compress(blockFilled, -1);
        for (int i = 0; i < outputLength; i++) {
            out[offset + i] = (byte) (state[i >> 2] >>> (8 * (i & 3)));
        }
        Arrays.fill(state, 0);
        Arrays.fill(work, 0);
        Arrays.fill(words, 0);
        Arrays.fill(block, (byte) 0);
    }

    private static byte[] keyed(int outputLength, byte[] key, byte[]... parts) {
        Blake2s running = new Blake2s(outputLength, key);
        for (byte[] part : parts) {
            running.update(part);
        }
        return running.finish();
    }

    private static void xor(byte[] pad, int value) {
        for (int i = 0; i < pad.length; i++) {
            pad[i] ^= (byte) value;
        }
    }

    /** RFC 7693 section 3.2; {@code last} is all ones for the last block and zero for the others. */
    private void compress(int bytes, int last) {
        compressed += bytes;
        for (int i = 0; i < 16; i++) {
            words[i] = LittleEndian.readInt(block, 4 * i);
        }
        System.arraycopy(state, 0, work, 0, 8);
        System.arraycopy(IV, 0, work, 8, 8);
        work[12] ^= (int) compressed;
        work[13] ^= (int) (compressed >>> 32);
        work[14] ^= last;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] order = SIGMA[round];
            mix(0, 4, 8, 12, words[order[0]], words[order[1]]);
            mix(1, 5, 9, 13, words[order[2]], words[order[3]]);
            mix(2, 6, 10, 14, words[order[4]], words[order[5]]);
            mix(3, 7, 11, 15, words[order[6]], words[order[7]]);
            mix(0, 5, 10, 15, words[order[8]], words[order[9]]);
            mix(1, 6, 11, 12, words[order[10]], words[order[11]]);
            mix(2, 7, 8, 13, words[order[12]], words[order[13]]);
            mix(3, 4, 9, 14, words[order[14]], words[order[15]]);
        }
        for (int i = 0; i < 8; i++) {
            state[i] ^= work[i] ^ work[i + 8];
        }
    }

    /** The mixing function G of RFC 7693 section 3.1. */
    private void mix(int a, int b, int c, int d, int x, int y) {
        int[] v = work;
        v[a] += v[b] + x;
        v[d] = Integer.rotateRight(v[d] ^ v[a], 16);
        v[c] += v[d];
        v[b] = Integer.rotateRight(v[b] ^ v[c], 12);
        v[a] += v[b] + y;
        v[d] = Integer.rotateRight(v[d] ^ v[a], 8);
        v[c] += v[d];
        v[b] = Integer.rotateRight(v[b] ^ v[c], 7);
    }
}
