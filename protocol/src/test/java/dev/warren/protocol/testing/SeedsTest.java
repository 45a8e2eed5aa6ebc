package dev.warren.protocol.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class SeedsTest {
    @Test
    void shouldRunWithDistinctSeeds() {
        List<Long> drawn = new ArrayList<>();
        Seeds.forEach(20, random -> drawn.add(random.nextLong()));
        assertTrue(System.getProperty("warren.seed") != null || new HashSet<>(drawn).size() == 20, drawn::toString);
    }

    @Test
    void shouldNameTheSeedThatFailedAndRepeatIt() {
        List<Long> drawn = new ArrayList<>();
        AssertionError failure = assertThrows(
                AssertionError.class,
                () -> Seeds.forEach(1, random -> {
                    drawn.add(random.nextLong());
                    throw new IllegalStateException("broken");
                }));
        String message = String.valueOf(failure.getMessage());
        long seed = Long.parseLong(message.replaceAll("(?s).*-Dwarren\\.seed=(-?\\d+):.*", "$1"));
        assertEquals(drawn.getFirst(), Seeds.random(seed).nextLong());
        assertTrue(message.endsWith("broken"), message);
    }

    @Test
    void shouldReadHexInPieces() {
        assertArrayEquals(new byte[] {0, 1, (byte) 0xff}, Hex.bytes("00 01", "\nff"));
        assertEquals("01ff", Hex.text(Hex.bytes("0001ff"), 1, 2));
    }
}
