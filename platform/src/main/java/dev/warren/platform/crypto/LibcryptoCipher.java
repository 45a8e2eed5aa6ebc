package dev.warren.platform.crypto;

import dev.warren.protocol.crypto.PacketCipher;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * ChaCha20-Poly1305 by libcrypto. A context holds the key for as long as the session lives; a packet sets its nonce
 * only, and makes no object.
 */
public final class LibcryptoCipher implements PacketCipher {
    private static final Factory FACTORY = new Factory() {
        @Override
        public PacketCipher of(byte[] key) {
            return new LibcryptoCipher(key);
        }

        @Override
        public String name() {
            return "libcrypto";
        }
    };

    private static final ValueLayout.OfLong LITTLE_ENDIAN_LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    // What libcrypto reads and writes beside the packet: the key; the nonce, four zero bytes and the counter; and how
    // many bytes it has written, which is never looked at.
    private static final long KEY_AT = 0;
    private static final long NONCE_AT = 32;
    private static final long COUNTER_AT = NONCE_AT + 4;
    private static final long DONE_AT = 48;
    private static final long BLOCK_LENGTH = 64;

    /** Lives until this object is collected, so that whoever is late finds zeros and not somebody else's bytes. */
    private final MemorySegment block = Arena.ofAuto().allocate(BLOCK_LENGTH, 16);

    private final long key = block.address() + KEY_AT;
    private final long nonce = block.address() + NONCE_AT;
    private final long done = block.address() + DONE_AT;
    private MemorySegment scratch = MemorySegment.NULL;
    /** EVP_CIPHER_CTX for each direction, 0 until it is used: a session's key is for one of them. */
    private long sealing;

    private long opening;
    private boolean closed;

    private LibcryptoCipher(byte[] key) {
        PacketCipher.requireKey(key);
        MemorySegment.copy(key, 0, block, BYTE, KEY_AT, key.length);
    }

    /** What makes these ciphers, or null where the machine has no usable libcrypto. Its name is {@code libcrypto}. */
    public static @Nullable Factory find() {
        try {
            return Libcrypto.chacha20Poly1305() != 0 ? FACTORY : null;
        } catch (LinkageError missing) {
            return null;
        }
    }

    @Override
    public void seal(long counter, MemorySegment memory, long offset, int length) {
        requireOpen();
        PacketCipher.requireWithin(memory, offset, (long) length + TAG_LENGTH);
        if (memory.isNative()) {
            memory.set(BYTE, offset + length, (byte) 0); // refuses memory that has been freed or is another thread's
            try {
                sealAt(counter, memory.address() + offset, length);
            } finally {
                Reference.reachabilityFence(memory);
            }
        } else {
            MemorySegment copy = scratch(length + TAG_LENGTH);
            MemorySegment.copy(memory, offset, copy, 0, length);
            sealAt(counter, copy.address(), length);
            MemorySegment.copy(copy, 0, memory, offset, (long) length + TAG_LENGTH);
        }
    }

    @Override
    public boolean open(long counter, MemorySegment memory, long offset, int length) {
        requireOpen();
        PacketCipher.requireWithin(memory, offset, length);
        int textLength = length - TAG_LENGTH;
        if (textLength < 0) {
            return false;
        }
        if (memory.isNative()) {
            memory.set(BYTE, offset, memory.get(BYTE, offset)); // as in seal
            try {
                return openAt(counter, memory.address() + offset, textLength);
            } finally {
                Reference.reachabilityFence(memory);
            }
        }
        MemorySegment copy = scratch(length);
        MemorySegment.copy(memory, offset, copy, 0, length);
        boolean authentic = openAt(counter, copy.address(), textLength);
        if (authentic) {
            MemorySegment.copy(copy, 0, memory, offset, textLength);
        }
        return authentic;
    }

    @Override
    public void close() {
        closed = true;
        block.fill((byte) 0);
        scratch.fill((byte) 0);
        if (sealing != 0) {
            Libcrypto.freeContext(sealing);
            sealing = 0;
        }
        if (opening != 0) {
            Libcrypto.freeContext(opening);
            opening = 0;
        }
    }

    /** Where the key lies, for tests that look whether it is gone. */
    MemorySegment keyMemory() {
        return block;
    }

    /** As {@link #seal} under any 12-byte nonce and with associated data, so that the vectors of RFC 8439 apply. */
    void sealWithNonce(byte[] anyNonce, MemorySegment associated, MemorySegment text, int length) {
        long context = sealingContext();
        MemorySegment.copy(anyNonce, 0, block, BYTE, NONCE_AT, anyNonce.length);
        boolean sealed = Libcrypto.encryptInit(context, 0, 0, nonce)
                && Libcrypto.encryptUpdate(context, 0, done, associated.address(), (int) associated.byteSize())
                && finishSealing(context, text.address(), length);
        requireDone(sealed);
        block.asSlice(NONCE_AT, COUNTER_AT - NONCE_AT).fill((byte) 0);
    }

    private void sealAt(long counter, long address, int length) {
        long context = sealingContext();
        block.set(LITTLE_ENDIAN_LONG, COUNTER_AT, counter);
        requireDone(Libcrypto.encryptInit(context, 0, 0, nonce) && finishSealing(context, address, length));
    }

    private boolean finishSealing(long context, long address, int length) {
        long tag = address + length;
        return (length == 0 || Libcrypto.encryptUpdate(context, address, done, address, length))
                && Libcrypto.encryptFinal(context, tag, done)
                && Libcrypto.tag(context, Libcrypto.GET_TAG, TAG_LENGTH, tag);
    }

    private boolean openAt(long counter, long address, int textLength) {
        long context = openingContext();
        long tag = address + textLength;
        block.set(LITTLE_ENDIAN_LONG, COUNTER_AT, counter);
        requireDone(Libcrypto.decryptInit(context, 0, 0, nonce)
                && Libcrypto.tag(context, Libcrypto.SET_TAG, TAG_LENGTH, tag)
                && (textLength == 0 || Libcrypto.decryptUpdate(context, address, done, address, textLength)));
        return Libcrypto.decryptFinal(context, tag, done);
    }

    private long sealingContext() {
        if (sealing == 0) {
            sealing = newContext();
            requireDone(Libcrypto.encryptInit(sealing, Libcrypto.chacha20Poly1305(), key, 0));
        }
        return sealing;
    }

    private long openingContext() {
        if (opening == 0) {
            opening = newContext();
            requireDone(Libcrypto.decryptInit(opening, Libcrypto.chacha20Poly1305(), key, 0));
        }
        return opening;
    }

    private static long newContext() {
        long context = Libcrypto.newContext();
        requireDone(context != 0);
        return context;
    }

    private MemorySegment scratch(int length) {
        if (scratch.byteSize() < length) {
            scratch.fill((byte) 0);
            scratch = Arena.ofAuto().allocate(length, 16);
        }
        return scratch;
    }

    /** It has all that it needs before the first packet; memory is the only thing that it can lack. */
    private static void requireDone(boolean done) {
        if (!done) {
            throw new IllegalStateException("libcrypto failed to seal or open a packet");
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the cipher is closed");
        }
    }
}
