package dev.warren.loadtest.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.warren.protocol.crypto.Aead;
import dev.warren.protocol.crypto.PacketCipher;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Opens its first message with a content again and again, whatever counter it is asked to open under: so one sealed
 * message is enough to measure receiving, which takes each counter once. It costs the copy of the sealed bytes.
 */
final class RepeatingCipher implements PacketCipher {
    private final PacketCipher cipher;
    private MemorySegment sealed = MemorySegment.NULL;
    private long sealedCounter;

    private RepeatingCipher(PacketCipher cipher) {
        this.cipher = cipher;
    }

    /** Repeats what the ciphers of {@code ciphers} open. */
    static Factory repeating(Factory ciphers) {
        return new Factory() {
            @Override
            public PacketCipher of(byte[] key) {
                return new RepeatingCipher(ciphers.of(key));
            }

            @Override
            public String name() {
                return ciphers.name();
            }
        };
    }

    @Override
    public void seal(long counter, MemorySegment memory, long offset, int length) {
        cipher.seal(counter, memory, offset, length);
    }

    @Override
    public boolean open(long counter, MemorySegment memory, long offset, int length) {
        if (length == sealed.byteSize()) {
            MemorySegment.copy(sealed, 0, memory, offset, length);
            return cipher.open(sealedCounter, memory, offset, length);
        }
        if (length > Aead.TAG_LENGTH) {
            sealed = Arena.ofAuto().allocate(length);
            MemorySegment.copy(memory, JAVA_BYTE, offset, sealed, JAVA_BYTE, 0, length);
            sealedCounter = counter;
        }
        return cipher.open(counter, memory, offset, length);
    }

    @Override
    public void close() {
        cipher.close();
    }
}
