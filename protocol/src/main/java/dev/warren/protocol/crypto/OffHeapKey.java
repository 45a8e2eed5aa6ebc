package dev.warren.protocol.crypto;

import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import javax.crypto.SecretKey;

/**
 * A ChaCha20 key where no garbage collector moves it, and where it can be wiped, which SecretKeySpec can't. The memory
 * lives until this object is collected, so that a late reader finds zeros and not somebody else's bytes. The JDK's
 * cipher still copies the key onto the heap for each packet.
 */
final class OffHeapKey implements SecretKey {
    private static final long serialVersionUID = 1L;

    private final transient MemorySegment memory = Arena.ofAuto().allocate(PacketCipher.KEY_LENGTH, Long.BYTES);
    private transient boolean destroyed;

    /** Holds a copy of {@code key}. */
    OffHeapKey(byte[] key) {
        PacketCipher.requireKey(key);
        MemorySegment.copy(key, 0, memory, ValueLayout.JAVA_BYTE, 0, key.length);
    }

    @Override
    public String getAlgorithm() {
        return "ChaCha20";
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    @Override
    public byte[] getEncoded() {
        if (destroyed) {
            throw new IllegalStateException("the key has been wiped");
        }
        return memory.toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void destroy() {
        destroyed = true;
        memory.fill((byte) 0);
    }

    @Override
    public boolean isDestroyed() {
        return destroyed;
    }

    @Override
    public String toString() {
        return "a ChaCha20 key";
    }

    /** Where the key lies, for tests that look whether it is gone. */
    MemorySegment memory() {
        return memory;
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException("a secret key");
    }
}
