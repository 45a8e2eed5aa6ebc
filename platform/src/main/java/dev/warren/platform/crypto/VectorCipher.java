package dev.warren.platform.crypto;

import dev.warren.protocol.crypto.LittleEndian;
import dev.warren.protocol.crypto.PacketCipher;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * ChaCha20-Poly1305 in Java's Vector API: no native library, and on processors for which the JDK has no Poly1305 of its own
 * three times as fast as the JDK's. It needs the module jdk.incubator.vector, and some ten thousand packets until the
 * JVM has compiled it; before that it is a hundred times slower than anything else. It makes no object for a packet.
 */
public final class VectorCipher implements PacketCipher {
    /** What the JVM has to be told to add; it prints a warning then that cannot be switched off. */
    static final String MODULE = "jdk.incubator.vector";

    private static final Factory FACTORY = new Factory() {
        @Override
        public PacketCipher of(byte[] key) {
            return new VectorCipher(key);
        }

        @Override
        public String name() {
            return "vector";
        }
    };

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final int BLOCK = VectorPoly1305.BLOCK_LENGTH;
    /** Behind it: padding and the block of lengths, the tag as computed, and what the last block of the key stream covers. */
    private static final int BEHIND = 3 * BLOCK + VectorChaCha20.BLOCK_LENGTH;
    /** A packet of the usual MTU. */
    private static final int USUAL_LENGTH = 1536;

    /** Apart, because it touches the module: without that, this class has to load all the same, so that it can say so. */
    private static final class Layout {
        /** Where a packet lies in the scratch array: behind the zero blocks that {@link VectorPoly1305#tag} wants. */
        static final int TEXT_AT = VectorPoly1305.LANES * BLOCK;
    }

    /** Lives until this object is collected, so that whoever is late finds zeros and not somebody else's bytes. */
    private final MemorySegment rows = Arena.ofAuto().allocate(VectorChaCha20.rowsLength(), 64);

    private final VectorChaCha20 stream = new VectorChaCha20(rows);
    private final VectorPoly1305 mac = new VectorPoly1305();
    private final int[] macKey = new int[8];
    private final byte[] tag = new byte[TAG_LENGTH];
    private byte[] scratch = new byte[0];
    private boolean closed;

    private VectorCipher(byte[] key) {
        PacketCipher.requireKey(key);
        VectorChaCha20.spread(key, rows);
    }

    /** What makes these ciphers, or null where the JVM runs without jdk.incubator.vector. Its name is {@code vector}. */
    public static @Nullable Factory find() {
        return ModuleLayer.boot().findModule(MODULE).isPresent() ? FACTORY : null;
    }

    @Override
    public void seal(long counter, MemorySegment memory, long offset, int length) {
        requireOpen();
        PacketCipher.requireWithin(memory, offset, (long) length + TAG_LENGTH);
        byte[] text = copyOf(memory, offset, length);
        begin(counter);
        crypt(counter, text, length);
        authenticate(text, length);
        MemorySegment.copy(text, Layout.TEXT_AT, memory, BYTE, offset, length);
        MemorySegment.copy(tag, 0, memory, BYTE, offset + length, TAG_LENGTH);
    }

    @Override
    public boolean open(long counter, MemorySegment memory, long offset, int length) {
        requireOpen();
        PacketCipher.requireWithin(memory, offset, length);
        int textLength = length - TAG_LENGTH;
        if (textLength < 0) {
            return false;
        }
        byte[] text = copyOf(memory, offset, textLength);
        begin(counter);
        authenticate(text, textLength);
        if (!isTag(memory, offset + textLength)) {
            return false;
        }
        crypt(counter, text, textLength);
        MemorySegment.copy(text, Layout.TEXT_AT, memory, BYTE, offset, textLength);
        return true;
    }

    @Override
    public void close() {
        closed = true;
        rows.fill((byte) 0);
        stream.wipe();
        mac.wipe();
        Arrays.fill(macKey, 0);
        Arrays.fill(scratch, (byte) 0);
    }

    /** Where the key lies, for tests that look whether it is gone. */
    MemorySegment keyMemory() {
        return rows;
    }

    /** Makes the first batch of the key stream, and takes the key of the tag from it (RFC 8439 section 2.6). */
    private void begin(long counter) {
        stream.make(counter, 0);
        stream.firstWords(macKey);
        mac.key(macKey);
    }

    /** With a batch of the key stream made, whose first block is not for the text. */
    private void crypt(long counter, byte[] text, int length) {
        int blocks = (length + VectorChaCha20.BLOCK_LENGTH - 1) / VectorChaCha20.BLOCK_LENGTH;
        int done = Math.min(blocks, VectorChaCha20.BATCH_BLOCKS - 1);
        stream.xor(text, Layout.TEXT_AT, 1, done);
        while (done < blocks) {
            stream.make(counter, 1 + done);
            int next = Math.min(blocks - done, VectorChaCha20.BATCH_BLOCKS);
            stream.xor(text, Layout.TEXT_AT + done * VectorChaCha20.BLOCK_LENGTH, 0, next);
            done += next;
        }
    }

    /** Computes the tag of the ciphertext, padded to whole blocks, and the lengths (RFC 8439 section 2.8). */
    private void authenticate(byte[] text, int length) {
        int blocks = (length + BLOCK - 1) / BLOCK;
        int end = Layout.TEXT_AT + blocks * BLOCK;
        Arrays.fill(text, Layout.TEXT_AT + length, end, (byte) 0);
        LittleEndian.writeLong(text, end, 0);
        LittleEndian.writeLong(text, end + Long.BYTES, length);
        mac.tag(text, Layout.TEXT_AT, blocks + 1, tag, 0);
    }

    /** Compares in a time that does not depend on where they differ. */
    private boolean isTag(MemorySegment memory, long offset) {
        int different = 0;
        for (int i = 0; i < TAG_LENGTH; i++) {
            different |= tag[i] ^ memory.get(BYTE, offset + i);
        }
        return different == 0;
    }

    private byte[] copyOf(MemorySegment memory, long offset, int length) {
        if (scratch.length < Layout.TEXT_AT + length + BEHIND) {
            Arrays.fill(scratch, (byte) 0);
            scratch = new byte[Layout.TEXT_AT + Math.max(length, USUAL_LENGTH) + BEHIND];
        }
        MemorySegment.copy(memory, BYTE, offset, scratch, Layout.TEXT_AT, length);
        return scratch;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the cipher is closed");
        }
    }
}
