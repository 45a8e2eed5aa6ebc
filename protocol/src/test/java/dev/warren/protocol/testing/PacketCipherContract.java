package dev.warren.protocol.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.crypto.Aead;
import dev.warren.protocol.crypto.PacketCipher;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What every {@link PacketCipher} has to do; each implementation's test extends this. */
public abstract class PacketCipherContract {
    /** What lies around a message, and must stay. */
    protected static final byte GUARD = (byte) 0xA5;

    /** Lengths at and around what implementations work in, and the greatest of a datagram. */
    private static final int[] LONG_LENGTHS = {2047, 2048, 2049, 4095, 4096, 8999, 9000, 16_384, 32_767, 65_519, 65_535
    };

    private final PacketCipher.Factory factory;

    /** Tests the ciphers that {@code factory} makes. */
    protected PacketCipherContract(PacketCipher.Factory factory) {
        this.factory = factory;
    }

    /** The ciphers under test. */
    protected final PacketCipher.Factory factory() {
        return factory;
    }

    /** RFC 8439 appendix A.1, test vector 2: the second block under a key and nonce of zeros. */
    @Test
    final void shouldEncryptWithTheKeyStreamOfTheRfc() {
        byte[] text = new byte[64 + PacketCipher.TAG_LENGTH];
        try (PacketCipher cipher = factory.of(new byte[PacketCipher.KEY_LENGTH])) {
            cipher.seal(0, MemorySegment.ofArray(text), 0, 64);
        }
        assertEquals(
                "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
                        + "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f",
                Hex.text(text, 0, 64));
    }

    @Test
    final void shouldSealAndOpenEveryLengthAsTheJdkDoes() {
        Seeds.forEach(1, random -> {
            for (int length = 0; length <= 1500; length++) {
                assertSealsAsTheJdk(random, length, random.nextInt(65), random.nextLong());
            }
        });
    }

    @Test
    final void shouldSealAndOpenLongMessagesAsTheJdkDoes() {
        Seeds.forEach(1, random -> {
            for (int length : LONG_LENGTHS) {
                assertSealsAsTheJdk(random, length, 1, random.nextLong());
                assertSealsAsTheJdk(random, length, random.nextInt(65), random.nextLong());
            }
        });
    }

    @Test
    final void shouldTakeTheCounterAsUnsigned() {
        Seeds.forEach(1, random -> {
            for (long counter : new long[] {0, 1, -1, Long.MAX_VALUE, Long.MIN_VALUE, 0xFFFF_FFFFL, 0x1_0000_0000L}) {
                assertSealsAsTheJdk(random, 100, 0, counter);
            }
        });
    }

    @Test
    final void shouldSealAndOpenInHeapSegments() {
        Seeds.forEach(100, random -> {
            byte[] key = bytes(random, PacketCipher.KEY_LENGTH);
            byte[] message = bytes(random, random.nextInt(3000));
            int offset = random.nextInt(40);
            byte[] array = guarded(offset, message);
            MemorySegment memory = MemorySegment.ofArray(array);
            try (PacketCipher cipher = factory.of(key)) {
                cipher.seal(7, memory, offset, message.length);
                assertArrayEquals(sealedByTheJdk(key, 7, message), part(memory, offset, message.length + 16));
                assertGuarded(memory, offset, message.length + 16);

                assertTrue(cipher.open(7, memory, offset, message.length + 16));
                assertArrayEquals(message, part(memory, offset, message.length));
            }
        });
    }

    @Test
    final void shouldRefuseWhateverWasChanged() {
        Seeds.forEach(200, random -> {
            byte[] key = bytes(random, PacketCipher.KEY_LENGTH);
            byte[] message = bytes(random, random.nextInt(700));
            int sealedLength = message.length + PacketCipher.TAG_LENGTH;
            int offset = random.nextInt(40);
            long counter = random.nextLong();
            byte[] sealed = guarded(offset, sealedByTheJdk(key, counter, message));
            try (Arena arena = Arena.ofConfined();
                    PacketCipher cipher = factory.of(key)) {
                MemorySegment memory = arena.allocate(sealed.length);

                memory.copyFrom(MemorySegment.ofArray(sealed));
                flip(memory, offset + random.nextInt(sealedLength), random);
                assertRefused(cipher, counter, memory, offset, sealedLength);

                memory.copyFrom(MemorySegment.ofArray(sealed));
                flip(memory, offset + message.length + random.nextInt(PacketCipher.TAG_LENGTH), random);
                assertRefused(cipher, counter, memory, offset, sealedLength);

                memory.copyFrom(MemorySegment.ofArray(sealed));
                assertRefused(cipher, counter ^ (1L << random.nextInt(64)), memory, offset, sealedLength);

                memory.copyFrom(MemorySegment.ofArray(sealed));
                assertRefused(cipher, counter, memory, offset, random.nextInt(sealedLength));

                memory.copyFrom(MemorySegment.ofArray(sealed));
                assertTrue(cipher.open(counter, memory, offset, sealedLength), "after all that, the true one opens");
                assertArrayEquals(message, part(memory, offset, message.length));
            }
        });
    }

    @Test
    final void shouldKeepSessionsApart() {
        Seeds.forEach(20, random -> {
            byte[][] keys = {bytes(random, PacketCipher.KEY_LENGTH), bytes(random, PacketCipher.KEY_LENGTH)};
            PacketCipher[] ciphers = {factory.of(keys[0]), factory.of(keys[1])};
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(2000);
                for (int turn = 0; turn < 20; turn++) {
                    int one = random.nextInt(2);
                    byte[] message = bytes(random, random.nextInt(1900));
                    MemorySegment.copy(message, 0, memory, ValueLayout.JAVA_BYTE, 3, message.length);
                    ciphers[one].seal(turn, memory, 3, message.length);
                    assertArrayEquals(sealedByTheJdk(keys[one], turn, message), part(memory, 3, message.length + 16));
                    byte[] sealed = part(memory, 3, message.length + 16);
                    assertFalse(ciphers[1 - one].open(turn, memory, 3, sealed.length));
                    MemorySegment.copy(sealed, 0, memory, ValueLayout.JAVA_BYTE, 3, sealed.length);
                    assertTrue(ciphers[one].open(turn, memory, 3, sealed.length));
                    assertArrayEquals(message, part(memory, 3, message.length));
                }
            } finally {
                ciphers[0].close();
                ciphers[1].close();
            }
        });
    }

    @Test
    final void shouldRefuseWhatIsNoMessage() {
        try (Arena arena = Arena.ofConfined();
                PacketCipher cipher = factory.of(new byte[PacketCipher.KEY_LENGTH])) {
            MemorySegment memory = arena.allocate(100);
            assertFalse(cipher.open(0, memory, 0, 0));
            assertFalse(cipher.open(0, memory, 100, 0));
            assertFalse(cipher.open(0, memory, 0, 15));
            assertFalse(cipher.open(0, memory, 0, 16));
            assertThrows(IndexOutOfBoundsException.class, () -> cipher.open(0, memory, 0, 101));
            assertThrows(IndexOutOfBoundsException.class, () -> cipher.open(0, memory, -1, 50));
            assertThrows(IndexOutOfBoundsException.class, () -> cipher.open(0, memory, 0, -1));
            assertThrows(IndexOutOfBoundsException.class, () -> cipher.seal(0, memory, 0, 85));
            assertThrows(IndexOutOfBoundsException.class, () -> cipher.seal(0, memory, 85, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> cipher.seal(0, memory, -1, 10));
            assertThrows(IndexOutOfBoundsException.class, () -> cipher.seal(0, memory, 0, -1));
            assertThrows(IndexOutOfBoundsException.class, () -> cipher.seal(0, memory, 0, Integer.MAX_VALUE));
            cipher.seal(0, memory, 84, 0);
        }
    }

    @Test
    final void shouldRefuseMemoryThatIsNotTheCallersToWrite() {
        Arena arena = Arena.ofConfined();
        MemorySegment freed = arena.allocate(100);
        arena.close();
        try (PacketCipher cipher = factory.of(new byte[PacketCipher.KEY_LENGTH])) {
            assertThrows(IllegalStateException.class, () -> cipher.seal(1, freed, 0, 10));
            assertThrows(IllegalStateException.class, () -> cipher.open(1, freed, 0, 50));
            MemorySegment readOnly = Arena.ofAuto().allocate(100).asReadOnly();
            assertThrows(IllegalArgumentException.class, () -> cipher.seal(2, readOnly, 0, 10));
        }
    }

    @Test
    final void shouldRefuseEverythingAfterItIsClosed() {
        MemorySegment memory = MemorySegment.ofArray(new byte[100]);
        PacketCipher cipher = factory.of(new byte[PacketCipher.KEY_LENGTH]);
        cipher.seal(0, memory, 0, 50);
        cipher.close();
        cipher.close();
        assertThrows(IllegalStateException.class, () -> cipher.seal(1, memory, 0, 50));
        assertThrows(IllegalStateException.class, () -> cipher.open(0, memory, 0, 66));

        PacketCipher unused = factory.of(new byte[PacketCipher.KEY_LENGTH]);
        unused.close();
        assertThrows(IllegalStateException.class, () -> unused.seal(1, memory, 0, 50));
    }

    @Test
    final void shouldHoldACopyOfTheKey() {
        byte[] key = bytes(Seeds.random(1), PacketCipher.KEY_LENGTH);
        byte[] sealed = sealedByTheJdk(key, 5, new byte[10]);
        try (PacketCipher cipher = factory.of(key)) {
            Arrays.fill(key, (byte) 0);
            assertTrue(cipher.open(5, MemorySegment.ofArray(sealed), 0, sealed.length));
        }
    }

    @Test
    final void shouldRefuseAKeyOfAnotherLength() {
        assertThrows(IllegalArgumentException.class, () -> factory.of(new byte[31]));
        assertThrows(IllegalArgumentException.class, () -> factory.of(new byte[33]));
    }

    /** Whether the 32 bytes at the start of {@code memory} are those of {@code key}. */
    protected static boolean holds(MemorySegment memory, byte[] key) {
        return Arrays.equals(key, part(memory, 0, key.length));
    }

    /** Random bytes. */
    protected static byte[] bytes(RandomGenerator random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private void assertSealsAsTheJdk(RandomGenerator random, int length, int offset, long counter) {
        byte[] key = bytes(random, PacketCipher.KEY_LENGTH);
        byte[] message = bytes(random, length);
        byte[] expected = sealedByTheJdk(key, counter, message);
        byte[] before = guarded(offset, message);
        String what = length + " bytes at " + offset + " under counter " + Long.toUnsignedString(counter);
        try (Arena arena = Arena.ofConfined();
                PacketCipher sealing = factory.of(key);
                PacketCipher opening = factory.of(key)) {
            MemorySegment memory = arena.allocate(before.length);
            memory.copyFrom(MemorySegment.ofArray(before));

            sealing.seal(counter, memory, offset, length);
            assertArrayEquals(expected, part(memory, offset, expected.length), what);
            assertGuarded(memory, offset, expected.length);

            assertTrue(opening.open(counter, memory, offset, expected.length), what);
            assertArrayEquals(message, part(memory, offset, length), what);
            assertArrayEquals(
                    Arrays.copyOfRange(expected, length, expected.length),
                    part(memory, offset + length, PacketCipher.TAG_LENGTH),
                    what + ": the tag stays");
            assertGuarded(memory, offset, expected.length);
        }
    }

    private static void assertRefused(PacketCipher cipher, long counter, MemorySegment memory, int offset, int length) {
        byte[] tag = part(memory, offset + Math.max(0, length - PacketCipher.TAG_LENGTH), Math.min(16, length));
        byte[] behind = part(memory, offset + length, (int) memory.byteSize() - offset - length);

        assertFalse(cipher.open(counter, memory, offset, length));

        assertArrayEquals(
                tag, part(memory, offset + Math.max(0, length - PacketCipher.TAG_LENGTH), Math.min(16, length)));
        assertArrayEquals(behind, part(memory, offset + length, behind.length));
        for (int i = 0; i < offset; i++) {
            assertEquals(GUARD, memory.get(ValueLayout.JAVA_BYTE, i));
        }
    }

    private static void assertGuarded(MemorySegment memory, int offset, int length) {
        for (long i = 0; i < memory.byteSize(); i++) {
            if (i < offset || i >= offset + length) {
                assertEquals(GUARD, memory.get(ValueLayout.JAVA_BYTE, i), "byte " + i + " is outside the message");
            }
        }
    }

    /** The message behind {@code offset} guards, and room for a tag and 64 guards behind it. */
    private static byte[] guarded(int offset, byte[] message) {
        byte[] all = new byte[offset + message.length + PacketCipher.TAG_LENGTH + 64];
        Arrays.fill(all, GUARD);
        System.arraycopy(message, 0, all, offset, message.length);
        return all;
    }

    private static byte[] sealedByTheJdk(byte[] key, long counter, byte[] message) {
        byte[] sealed = Arrays.copyOf(message, message.length + Aead.TAG_LENGTH);
        try (Aead aead = Aead.of(key)) {
            aead.seal(counter, Aead.NOTHING, sealed, 0, message.length);
        }
        return sealed;
    }

    private static byte[] part(MemorySegment memory, int offset, int length) {
        return memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }

    private static void flip(MemorySegment memory, int at, RandomGenerator random) {
        byte changed = (byte) (memory.get(ValueLayout.JAVA_BYTE, at) ^ (1 << random.nextInt(8)));
        memory.set(ValueLayout.JAVA_BYTE, at, changed);
    }
}
