package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The ideas of the kernel's self-test of its counters (selftest/counter.c), in our words. */
@Timeout(30)
class ReplayWindowTest {
    private static final long LIMIT = ReplayWindow.SIZE + 1;
    private static final long REJECT = Constants.REJECT_AFTER_MESSAGES;

    private final ReplayWindow window = new ReplayWindow();
    private int judged;

    /** Thirty-four counters in one go, as the kernel tries them: each builds on those before it. */
    @Test
    void shouldJudgeTheKernelsThirtyFourCountersAsTheKernelDoes() {
        // Each once, in any order.
        takes(0, 1);
        refuses(1);
        takes(9, 8, 7);
        refuses(7);
        // Just inside the window.
        takes(LIMIT, LIMIT - 1);
        refuses(LIMIT - 1);
        takes(LIMIT - 2, 2);
        refuses(2);
        takes(LIMIT + 16);
        refuses(3, LIMIT + 16);
        // A leap, behind which all is forgotten.
        takes(LIMIT * 4, LIMIT * 4 - (LIMIT - 1));
        refuses(10, LIMIT * 4 - LIMIT, LIMIT * 4 - (LIMIT + 1));
        takes(LIMIT * 4 - (LIMIT - 2));
        refuses(LIMIT * 4 + 1 - LIMIT, 0);
        // The end of the counters, which never wrap.
        refuses(REJECT);
        takes(REJECT - 1);
        refuses(REJECT, REJECT - 1);
        takes(REJECT - 2);
        refuses(REJECT + 1, REJECT + 2, REJECT - 2);
        takes(REJECT - 3);
        refuses(0);
        assertEquals(34, judged);
    }

    @Test
    void shouldEndBeforeTheCounterWraps() {
        takes(REJECT - 1);
        refuses(-1, REJECT, Long.MIN_VALUE, 0);
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
    void shouldTakeAWholeWindowForwardsAndThenItsOldest() {
        takesAll(LongStream.rangeClosed(1, ReplayWindow.SIZE));
        takes(0);
        refuses(0);
    }

    @Test
    void shouldHaveForgottenTheOneBeforeAWholeWindow() {
        takesAll(LongStream.rangeClosed(2, ReplayWindow.SIZE + 1));
        takes(1);
        refuses(0);
    }

    @Test
    void shouldTakeAWholeWindowBackwards() {
        takesAll(backwards(ReplayWindow.SIZE, 0));
    }

    @Test
    void shouldRefuseWhatLiesOneBehindASweepBackwards() {
        takesAll(backwards(ReplayWindow.SIZE + 1, 1));
        refuses(0);
    }

    @Test
    void shouldRefuseTheOldestOnceASweepBackwardsIsFollowedByTheNext() {
        takesAll(backwards(ReplayWindow.SIZE, 1));
        takes(ReplayWindow.SIZE + 1);
        refuses(0);
    }

    @Test
    void shouldTakeTheOldestOfASweepBackwardsAndThenTheNext() {
        takesAll(backwards(ReplayWindow.SIZE, 1));
        takes(0, ReplayWindow.SIZE + 1);
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

    private static LongStream backwards(long from, long to) {
        return LongStream.rangeClosed(to, from).map(counter -> from + to - counter);
    }

    private void takesAll(LongStream counters) {
        counters.forEach(this::takes);
    }

    private void takes(long... counters) {
        for (long counter : counters) {
            judged++;
            assertTrue(window.accept(counter), Long.toUnsignedString(counter));
        }
    }

    private void refuses(long... counters) {
        for (long counter : counters) {
            judged++;
            assertFalse(window.accept(counter), Long.toUnsignedString(counter));
        }
    }
}
