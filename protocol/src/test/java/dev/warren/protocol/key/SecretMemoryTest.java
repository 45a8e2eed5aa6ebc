package dev.warren.protocol.key;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SecretMemoryTest {
    @Test
    void shouldLieOutsideTheHeap() {
        assertTrue(SecretMemory.taking(secret()).memory().isNative());
    }

    @Test
    void shouldHoldWhatItTookAndLeaveNothingBehindThere() {
        byte[] source = secret();
        SecretMemory memory = SecretMemory.taking(source);
        assertArrayEquals(secret(), memory.bytes());
        assertArrayEquals(new byte[32], source, "what was handed in is wiped");

        byte[] part = {1, 2, 3};
        memory.take(10, part);
        assertArrayEquals(new byte[] {1, 2, 3}, memory.bytes(10, 3));
        assertArrayEquals(new byte[3], part);
        assertThrows(IndexOutOfBoundsException.class, () -> memory.take(30, secret()));
        assertThrows(IndexOutOfBoundsException.class, () -> memory.bytes(30, 3));
    }

    @Test
    void shouldBeFilledWithZerosWhenClosed() {
        SecretMemory memory = SecretMemory.taking(secret());
        MemorySegment place = memory.memory();
        assertFalse(memory.isZero());
        memory.close();
        assertArrayEquals(new byte[32], place.toArray(ValueLayout.JAVA_BYTE));
        assertTrue(memory.isZero());
        memory.close();
    }

    @Test
    void shouldBeFilledWithZerosWhenForgotten() {
        MemorySegment place = forgotten();
        long untilNanos = System.nanoTime() + 20_000_000_000L;
        while (!isZero(place) && System.nanoTime() < untilNanos) {
            System.gc();
            Thread.onSpinWait();
        }
        assertTrue(isZero(place), "nobody closed it, and still nothing is left");
    }

    @Test
    void shouldCompareByContent() {
        SecretMemory one = SecretMemory.taking(secret());
        assertTrue(one.matches(SecretMemory.taking(secret())));
        for (int i = 0; i < 32; i++) {
            byte[] other = secret();
            other[i] ^= 1;
            assertFalse(one.matches(SecretMemory.taking(other)), "byte " + i);
        }
        assertFalse(one.matches(new SecretMemory(31)));
        assertEquals("SecretMemory[32 bytes]", one.toString());
    }

    private static MemorySegment forgotten() {
        return SecretMemory.taking(secret()).memory();
    }

    private static boolean isZero(MemorySegment place) {
        return place.mismatch(MemorySegment.ofArray(new byte[32])) < 0;
    }

    private static byte[] secret() {
        byte[] bytes = new byte[32];
        Seeds.random(11).nextBytes(bytes);
        return bytes;
    }
}
