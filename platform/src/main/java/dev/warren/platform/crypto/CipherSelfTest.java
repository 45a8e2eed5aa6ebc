package dev.warren.platform.crypto;

import dev.warren.protocol.crypto.PacketCipher;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;

/**
 * A look whether an implementation does what it should on this machine, before anything is entrusted to it. It takes a
 * few milliseconds while everything is still interpreted, and runs no other implementation: what all of them have to
 * give is written down here, and a test holds it against the JDK's.
 */
final class CipherSelfTest {
    /** Around the numbers of bytes that implementations take in at once; few, as all is still interpreted at the start. */
    private static final int[] LENGTHS = {0, 1, 16, 63, 64, 65, 191, 192, 256, 511, 960, 1024, 1420, 2049};

    private static final long MAX_LENGTH = 2049 + PacketCipher.TAG_LENGTH;
    private static final int TAG = PacketCipher.TAG_LENGTH;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    /** RFC 8439 appendix A.1, test vector 2: the second block under a key and nonce of zeros. */
    private static final String KEY_STREAM = "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
            + "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f";
    /** The tag of the tags of a message of each length. */
    private static final String TAG_OF_TAGS = "850d903df804681ac735d3cff9e245cf";

    private CipherSelfTest() {}

    /** Whether the ciphers of {@code factory} seal as they must, open that, and refuse what was changed. */
    static boolean passes(PacketCipher.Factory factory) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(2 * MAX_LENGTH, Long.BYTES);
            return keyStream(factory, memory).equals(KEY_STREAM)
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

    /** Seals and opens a message of each length, and seals the tags of all of them as one message; what its tag is. */
    private static String tagOfTags(PacketCipher.Factory factory, MemorySegment memory) {
        MemorySegment message = MemorySegment.ofArray(message());
        byte[] tags = new byte[LENGTHS.length * TAG];
        try (PacketCipher sealing = factory.of(key());
                PacketCipher opening = factory.of(key())) {
            for (int i = 0; i < LENGTHS.length; i++) {
                MemorySegment.copy(message, 0, memory, 0, LENGTHS[i]);
                sealing.seal(counter(i), memory, 0, LENGTHS[i]);
                MemorySegment.copy(memory, BYTE, LENGTHS[i], tags, i * TAG, TAG);
                if (!opensOnlyTheTrue(opening, i, memory) || !isSame(message, memory, LENGTHS[i])) {
                    return "what was sealed does not open, or what was changed does";
                }
            }
            MemorySegment.copy(tags, 0, memory, BYTE, 0, tags.length);
            sealing.seal(counter(LENGTHS.length), memory, 0, tags.length);
            return text(memory, tags.length, TAG);
        }
    }

    /** Tries one with a bit of its tag flipped, then the true one. */
    private static boolean opensOnlyTheTrue(PacketCipher opening, int index, MemorySegment memory) {
        int length = LENGTHS[index];
        int flipped = length + index % TAG;
        MemorySegment.copy(memory, 0, memory, MAX_LENGTH, length + TAG);
        memory.set(BYTE, flipped, (byte) (memory.get(BYTE, flipped) ^ 1));
        boolean refused = !opening.open(counter(index), memory, 0, length + TAG);
        MemorySegment.copy(memory, MAX_LENGTH, memory, 0, length + TAG);
        return refused && opening.open(counter(index), memory, 0, length + TAG);
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

    private static byte[] message() {
        byte[] message = new byte[(int) MAX_LENGTH];
        for (int i = 0; i < message.length; i++) {
            message[i] = (byte) (i * 31 + (i >>> 8));
        }
        return message;
    }

    private static boolean isSame(MemorySegment one, MemorySegment other, int length) {
        return MemorySegment.mismatch(one, 0, length, other, 0, length) < 0;
    }

    private static String text(MemorySegment memory, int offset, int length) {
        return HexFormat.of().formatHex(memory.asSlice(offset, length).toArray(BYTE));
    }
}
