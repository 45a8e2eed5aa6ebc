package dev.warren.loadtest.stun;

import dev.warren.loadtest.measure.ProcessProbe;
import dev.warren.platform.linux.Clock;

/**
 * What has been spent by a point in time, or between two; all in nanoseconds.
 *
 * @param own CPU time of this process
 * @param server CPU time of the servers' processes
 * @param idle time in which the engine had nothing to do
 */
record Costs(long atNanos, long own, long server, long idle) {
    /** What has been spent until now. */
    static Costs now(Engine engine, ProcessProbe server) {
        return new Costs(Clock.bootTimeNanos(), ProcessProbe.ownCpuNanos(), server.cpuNanos(), engine.idleNanos());
    }

    /** What has been spent since {@code start}; {@link #atNanos} is how long that took. */
    Costs since(Costs start) {
        return new Costs(atNanos - start.atNanos, own - start.own, server - start.server, idle - start.idle);
    }

    double seconds() {
        return atNanos / 1e9;
    }

    /** Cores that this process took. */
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
