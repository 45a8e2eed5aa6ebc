package dev.warren.node.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.linux.Clock;
import org.junit.jupiter.api.Test;

class SleepWatchTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void shouldTellOnceHowLongTheMachineSlept() {
        SleepWatch watch = new SleepWatch(100 * SECOND);
        assertEquals(0, watch.slept(100 * SECOND));
        assertEquals(7 * SECOND, watch.slept(107 * SECOND));
        assertEquals(0, watch.slept(107 * SECOND));
    }

    @Test
    void shouldNotTakeTheTimeBetweenTwoReadingsForSleep() {
        SleepWatch watch = new SleepWatch(100 * SECOND);
        assertEquals(0, watch.slept(100 * SECOND - 1000));
        assertEquals(0, watch.slept(100 * SECOND + SleepWatch.LEAST_NANOS - 1));
        assertEquals(SleepWatch.LEAST_NANOS, watch.slept(100 * SECOND + SleepWatch.LEAST_NANOS), "many a short sleep");
    }

    @Test
    void shouldBeAskedWithAClockThatStandsStillWhileTheMachineIsAwake() {
        SleepWatch watch = new SleepWatch(Clock.suspendedNanos());
        for (int i = 0; i < 1000; i++) {
            assertEquals(0, watch.slept(Clock.suspendedNanos()));
        }
        assertTrue(Clock.suspendedNanos() < Clock.bootTimeNanos());
    }
}
