package dev.warren.loadtest.stun;

import dev.warren.loadtest.measure.ProcessProbe;
import dev.warren.platform.linux.Clock;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * What has been spent by a point in time, or between two; all in nanoseconds.
 *
 * @param own CPU time of the thread that is the generator
 * @param server CPU time of the servers' processes
 * @param idle time in which the engine had nothing to do
 */
record Costs(long atNanos, long own, long server, long idle) {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** What has been spent until now; to be asked on the generator's thread. */
    static Costs now(Engine engine, ProcessProbe server) {
        return new Costs(
                Clock.bootTimeNanos(), THREADS.getCurrentThreadCpuTime(), server.cpuNanos(), engine.idleNanos());
    }

    /** What has been spent since {@code start}; {@link #atNanos} is how long that took. */
    Costs since(Costs start) {
        return new Costs(atNanos - start.atNanos, own - start.own, server - start.server, idle - start.idle);
    }

    /** Cores that the generator took; it cannot take more than one. */
    double ownCores() {
        return (double) own / atNanos;
    }

    double serverCores() {
        return (double) server / atNanos;
    }

    /** The share of the time in which the engine had something to do, 0 to 1. */
    double busy() {
        return 1 - (double) idle / atNanos;
    }
}
