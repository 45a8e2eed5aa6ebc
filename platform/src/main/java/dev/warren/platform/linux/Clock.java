package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.CLOCK_BOOTTIME;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The monotonic clock of this project: unlike {@code System.nanoTime} it goes on while the machine is suspended. */
public final class Clock {
    private static final ThreadLocal<MemorySegment> TIMESPEC =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(16, 8));
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private Clock() {}

    /** Nanoseconds since the machine started, suspended time included (CLOCK_BOOTTIME). Any thread. */
    public static long bootTimeNanos() {
        MemorySegment timespec = TIMESPEC.get();
        Libc.clockGettime(CLOCK_BOOTTIME, timespec);
        return timespec.get(ValueLayout.JAVA_LONG, 0) * NANOS_PER_SECOND + timespec.get(ValueLayout.JAVA_LONG, 8);
    }
}
