package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.CLOCK_BOOTTIME;
import static dev.warren.platform.linux.Constants.CLOCK_MONOTONIC;
import static dev.warren.platform.linux.Constants.CLOCK_THREAD_CPUTIME_ID;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The monotonic clock of this project: unlike {@code System.nanoTime} it goes on while the machine is suspended; and a
 * thread's own.
 */
public final class Clock {
    private static final ThreadLocal<MemorySegment> TIMESPEC =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(16, 8));
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private Clock() {}

    /** Nanoseconds since the machine started, suspended time included (CLOCK_BOOTTIME). Any thread. */
    public static long bootTimeNanos() {
        return nanos(CLOCK_BOOTTIME);
    }

    /** For how many nanoseconds the machine has been suspended since it started (CLOCK_BOOTTIME less CLOCK_MONOTONIC). */
    public static long suspendedNanos() {
        return nanos(CLOCK_BOOTTIME) - nanos(CLOCK_MONOTONIC);
    }

    /** Nanoseconds of CPU time that the calling thread has used (CLOCK_THREAD_CPUTIME_ID); a system call. */
    public static long threadCpuNanos() {
        return nanos(CLOCK_THREAD_CPUTIME_ID);
    }

    private static long nanos(int clock) {
        MemorySegment timespec = TIMESPEC.get();
        Libc.clockGettime(clock, timespec);
        return timespec.get(ValueLayout.JAVA_LONG, 0) * NANOS_PER_SECOND + timespec.get(ValueLayout.JAVA_LONG, 8);
    }
}
