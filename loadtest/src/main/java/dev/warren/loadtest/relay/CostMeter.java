package dev.warren.loadtest.relay;

import dev.warren.loadtest.measure.ProcessProbe;
import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.Clock;

/** Reads what the relay and this process spend between two moments. */
final class CostMeter {
    private static final double NANOS_PER_SECOND = 1e9;

    private final long pid;
    private final ProcessProbe server;
    private long startNanos;
    private long serverNanos;
    private long ownNanos;

    /** A meter for the process {@code pid}, 0 for none; throws {@link UserError} when it is not there. */
    CostMeter(long pid) {
        this.pid = pid;
        server = pid == 0 ? ProcessProbe.of() : ProcessProbe.of(pid);
        if (!server.alive()) {
            throw new UserError("there is no process " + pid + ": give the relay's with --pid");
        }
    }

    void start() {
        startNanos = Clock.bootTimeNanos();
        serverNanos = server.cpuNanos();
        ownNanos = ProcessProbe.ownCpuNanos();
    }

    Cost stop() {
        double seconds = (Clock.bootTimeNanos() - startNanos) / NANOS_PER_SECOND;
        long serverSpent = server.cpuNanos() - serverNanos;
        long ownSpent = ProcessProbe.ownCpuNanos() - ownNanos;
        return new Cost(seconds, serverSpent, residentBytes(), ownSpent, !server.alive());
    }

    /** The relay's resident memory. */
    long residentBytes() {
        return pid == 0 ? 0 : server.residentBytes();
    }
}
