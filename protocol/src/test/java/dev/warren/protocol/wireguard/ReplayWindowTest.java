package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The ideas of the kernel's self-test of its counters (selftest/counter.c), in our words. */
@Timeout(30)
class ReplayWindowTest {
    private static final long LIMIT = ReplayWindow.SIZE + 1;
    private static final long REJECT = Constants.REJECT_AFTER_MESSAGES;

    private final ReplayWindow window = new ReplayWindow();

    @Test
    void shouldTakeEachCounterOnceInAnyOrder() {
        takes(0, 1);
        refuses(1);
        takes(9, 8, 7);
        refuses(7);
    }

    @Test
    void shouldStillTakeWhatIsJustInsideTheWindow() {
        takes(0, 1, 9, 8, 7, LIMIT, LIMIT - 1);
        refuses(LIMIT - 1);
        takes(LIMIT - 2, 2);
        refuses(2);
        takes(LIMIT + 16);
        refuses(3, LIMIT + 16);
    }

    @Test
    void shouldForgetEverythingAfterALeap() {
        takes(0, LIMIT * 4, LIMIT * 4 - (LIMIT - 1));
        refuses(10, LIMIT * 4 - LIMIT, LIMIT * 4 - (LIMIT + 1));
        takes(LIMIT * 4 - (LIMIT - 2));
        refuses(LIMIT * 4 + 1 - LIMIT, 0);
    }

    @Test
    void shouldEndBeforeTheCounterWraps() {
        refuses(REJECT);
        takes(REJECT - 1);
        refuses(REJECT, REJECT - 1);
        takes(REJECT - 2);
        refuses(REJECT + 1, REJECT + 2, -1, REJECT - 2);
        takes(REJECT - 3);
        refuses(0);
    }

    @Test
    void shouldCompareUnsigned() {
        takes(Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1);
        refuses(Long.MAX_VALUE, 5);
        takes(Long.MAX_VALUE - 1);
    }

    @Test
    void shouldHaveExactly8128CountersBehindTheNewest() {
        takes(100_000, 100_000 - 8128);
        refuses(100_000 - 8129);
        assertEquals(-1L - 8128 - 1, REJECT);
    }

    @Test
    void shouldTakeWholeWindowsForwardsAndBackwards() {
        for (long i = 1; i <= ReplayWindow.SIZE; i++) {
            takes(i);
        }
        takes(0);
        refuses(0);

        ReplayWindow shifted = new ReplayWindow();
        for (long i = 2; i <= ReplayWindow.SIZE + 1; i++) {
            assertTrue(shifted.accept(i));
        }
        assertTrue(shifted.accept(1));
        assertFalse(shifted.accept(0), "8129 behind");

        ReplayWindow backwards = new ReplayWindow();
        for (long i = ReplayWindow.SIZE + 1; i-- > 0; ) {
            assertTrue(backwards.accept(i));
        }
    }

    @Test
    void shouldRefuseOldOnesWhileSweepingBackwardsBeyondTheWindow() {
        for (long i = ReplayWindow.SIZE + 2; i-- > 1; ) {
            takes(i);
        }
        refuses(0);
        takes(ReplayWindow.SIZE + 2);
        refuses(0, 1);
    }

    @Test
    void shouldAgreeWithASetOfAllCounters() {
        Seeds.forEach(20, random -> {
            ReplayWindow tested = new ReplayWindow();
            Set<Long> seen = new HashSet<>();
            long newest = 0;
            for (int i = 0; i < 5000; i++) {
                long counter = Math.max(0, newest - 9000 + random.nextInt(random.nextInt(100) == 0 ? 40_000 : 9100));
                boolean expected = newest - counter <= ReplayWindow.SIZE && seen.add(counter);
                assertEquals(expected, tested.accept(counter), "counter " + counter + ", newest " + newest);
                newest = Math.max(newest, counter);
            }
        });
    }

    private void takes(long... counters) {
        for (long counter : counters) {
            assertTrue(window.accept(counter), Long.toUnsignedString(counter));
        }
    }

    private void refuses(long... counters) {
        for (long counter : counters) {
            assertFalse(window.accept(counter), Long.toUnsignedString(counter));
        }
    }
}
