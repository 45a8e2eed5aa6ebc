package dev.warren.protocol.key;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;

/**
 * Secret bytes outside the Java heap. The garbage collector moves what lies on the heap and leaves the old copies to
 * whoever gets that memory next; what lies here stays in one place, and {@link #close} fills that place with zeros. One
 * that is forgotten is wiped when it is collected.
 *
 * <p>What works on a secret still wants an array on the heap: it is wiped as soon as the work is done, and so lives for
 * microseconds, not for the hours that a key does.
 */
public final class SecretMemory implements AutoCloseable {
    private static final Cleaner FORGOTTEN = Cleaner.create();

    private final MemorySegment memory;

    /** So many zero bytes. */
    public SecretMemory(int length) {
        // An automatic arena: closing a shared one stops every thread for a moment, for each key.
        this.memory = Arena.ofAuto().allocate(length);
        FORGOTTEN.register(this, new Wipe(memory));
    }

    /** Holds what {@code bytes} held, which are wiped. */
    public static SecretMemory taking(byte[] bytes) {
        SecretMemory secret = new SecretMemory(bytes.length);
        secret.take(0, bytes);
        return secret;
    }

    /** How many bytes there are. */
    public int length() {
        return (int) memory.byteSize();
    }

    /** Moves {@code source} to {@code offset}; {@code source} is wiped. */
    public void take(int offset, byte[] source) {
        try {
            MemorySegment.copy(source, 0, memory, ValueLayout.JAVA_BYTE, offset, source.length);
        } finally {
            Arrays.fill(source, (byte) 0);
            Reference.reachabilityFence(this);
        }
    }

    /** A copy of {@code length} bytes from {@code offset} on; the caller fills it with zeros after use. */
    public byte[] bytes(int offset, int length) {
        try {
            byte[] copy = new byte[length];
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, copy, 0, length);
            return copy;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** A copy of all; the caller fills it with zeros after use. */
    public byte[] bytes() {
        return bytes(0, length());
    }

    /** Whether all bytes are zero, in the same time for all values. */
    public boolean isZero() {
        try {
            int any = 0;
            for (long i = 0; i < memory.byteSize(); i++) {
                any |= memory.get(ValueLayout.JAVA_BYTE, i);
            }
            return any == 0;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** Whether both hold the same, in the same time for all values. */
    public boolean matches(SecretMemory other) {
        if (length() != other.length()) {
            return false;
        }
        try {
            int different = 0;
            for (long i = 0; i < memory.byteSize(); i++) {
                different |= memory.get(ValueLayout.JAVA_BYTE, i) ^ other.memory.get(ValueLayout.JAVA_BYTE, i);
            }
            return different == 0;
        } finally {
            Reference.reachabilityFence(this);
            Reference.reachabilityFence(other);
        }
    }

    /** Fills it with zeros. */
    @Override
    public void close() {
        memory.fill((byte) 0);
    }

    /** Never what is in it. */
    @Override
    public String toString() {
        return "SecretMemory[" + length() + " bytes]";
    }

    /** The memory itself, for a test that looks at what is left when nobody holds the secret any more. */
    MemorySegment memory() {
        return memory;
    }

    private record Wipe(MemorySegment memory) implements Runnable {
        @Override
        public void run() {
            memory.fill((byte) 0);
        }
    }
}
