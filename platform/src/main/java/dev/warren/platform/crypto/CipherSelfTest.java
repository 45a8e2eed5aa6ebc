package dev.warren.platform.crypto;

import dev.warren.protocol.crypto.PacketCipher;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/**
 * A look whether an implementation does what it should on this machine, before anything is entrusted to it. It takes
 * less than a millisecond and runs no other implementation: what all of them have to give is written down here, and a
 * test holds it against the JDK's.
 */
final class CipherSelfTest {
    /** Around the numbers of bytes that implementations take in at once. */
    private static final int[] LENGTHS = {
        0, 1, 15, 16, 17, 63, 64, 65, 127, 128, 129, 191, 192, 193, 255, 256, 257, 319, 320, 321, 511, 512, 513, 767,
        1023, 1024, 1025, 1420, 1535, 1536, 1537, 2047, 2048, 2049, 4097
    };

    private static final long MAX_LENGTH = 4097 + PacketCipher.TAG_LENGTH;
    private static final int TAG = PacketCipher.TAG_LENGTH;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    /** RFC 8439 appendix A.1, test vector 2: the second block under a key and nonce of zeros. */
    private static final String KEY_STREAM = "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
            + "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f";
    /** The tag of the tags of a message of each length. */
    private static final String TAG_OF_TAGS = "c51f169cf24be1c60c2c8812c6e9210f";

    private CipherSelfTest() {}

    /** Whether the ciphers of {@code factory} seal as they must, open that, and refuse what was changed. */
    static boolean passes(PacketCipher.Factory factory) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(2 * MAX_LENGTH, Long.BYTES);
            return keyStream(factory, memory).equals(KEY_STREAM)
                    && opensOnlyTheTrue(factory, memory)
                    && tagOfTags(factory, memory).equals(TAG_OF_TAGS);
        } catch (RuntimeException | LinkageError _) {
            return false;
        }
    }

    /** What 64 zero bytes become under a key and a counter of zeros. */
    private static String keyStream(PacketCipher.Factory factory, MemorySegment memory) {
        try (PacketCipher cipher = factory.of(new byte[PacketCipher.KEY_LENGTH])) {
            memory.fill((byte) 0);
            cipher.seal(0, memory, 0, 64);
            return text(memory, 0, 64);
        }
    }

    /** Seals a message of each length, and the tags of all of them as one message. */
    static String tagOfTags(PacketCipher.Factory factory, MemorySegment memory) {
        byte[] tags = new byte[LENGTHS.length * TAG];
        try (PacketCipher cipher = factory.of(key())) {
            for (int i = 0; i < LENGTHS.length; i++) {
                fill(memory, LENGTHS[i]);
                cipher.seal(counter(i), memory, 0, LENGTHS[i]);
                MemorySegment.copy(memory, BYTE, LENGTHS[i], tags, i * TAG, TAG);
            }
            MemorySegment.copy(tags, 0, memory, BYTE, 0, tags.length);
            cipher.seal(counter(LENGTHS.length), memory, 0, tags.length);
            return text(memory, tags.length, TAG);
        }
    }

    private static boolean opensOnlyTheTrue(PacketCipher.Factory factory, MemorySegment memory) {
        try (PacketCipher sealing = factory.of(key());
                PacketCipher opening = factory.of(key())) {
            for (int i = 0; i < LENGTHS.length; i++) {
                int length = LENGTHS[i];
                fill(memory, length);
                long sum = sum(memory, length);
                sealing.seal(counter(i), memory, 0, length);
                MemorySegment.copy(memory, 0, memory, MAX_LENGTH, length + TAG);
                int flipped = length + i % TAG;
                memory.set(BYTE, flipped, (byte) (memory.get(BYTE, flipped) ^ 1));
                boolean refused = !opening.open(counter(i), memory, 0, length + TAG);
                MemorySegment.copy(memory, MAX_LENGTH, memory, 0, length + TAG);
                boolean opened = opening.open(counter(i), memory, 0, length + TAG) && sum(memory, length) == sum;
                if (!refused || !opened) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Counters on both sides of the greatest signed one. */
    private static long counter(int index) {
        return Long.MAX_VALUE - 10 + index;
    }

    private static byte[] key() {
        byte[] key = new byte[PacketCipher.KEY_LENGTH];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (i * 7 + 1);
        }
        return key;
    }

    private static void fill(MemorySegment memory, int length) {
        for (int i = 0; i < length; i++) {
            memory.set(BYTE, i, (byte) (i * 31 + length));
        }
    }

    private static long sum(MemorySegment memory, int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            sum = sum * 31 + memory.get(BYTE, i);
        }
        return sum;
    }

    private static String text(MemorySegment memory, int offset, int length) {
        return HexFormat.of().formatHex(memory.asSlice(offset, length).toArray(BYTE));
    }
}
