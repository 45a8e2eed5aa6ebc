package dev.warren.loadtest.relay;

import dev.warren.loadtest.measure.ProcessProbe;
import dev.warren.loadtest.measure.QuietWatch;
import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.Clock;
import java.util.ArrayList;
import java.util.List;

/** Reads what the relay and this process spend between two moments. */
final class CostMeter {
    private static final double NANOS_PER_SECOND = 1e9;

    private final long pid;
    private final ProcessProbe server;
    private QuietWatch quiet;
    private long startNanos;
    private long serverNanos;
    private long ownNanos;

    /** A meter for the process {@code pid}, 0 for none; throws {@link UserError} when it is not there. */
    CostMeter(long pid) {
        this.pid = pid;
        server = ProcessProbe.of(pids());
        quiet = QuietWatch.start(pids());
        if (!server.alive()) {
            throw new UserError("there is no process " + pid + ": give the relay's with --pid");
        }
    }

    void start() {
        quiet = QuietWatch.start(pids());
        startNanos = Clock.bootTimeNanos();
        serverNanos = server.cpuNanos();
        ownNanos = ProcessProbe.ownCpuNanos();
    }

    Cost stop() {
        double seconds = (Clock.bootTimeNanos() - startNanos) / NANOS_PER_SECOND;
        long serverSpent = server.cpuNanos() - serverNanos;
        long ownSpent = ProcessProbe.ownCpuNanos() - ownNanos;
        return new Cost(seconds, serverSpent, residentBytes(), ownSpent, complaints());
    }

    private List<String> complaints() {
        if (pid == 0) {
            return List.of(); // The relay itself would be taken for somebody else.
        }
        List<String> complaints = new ArrayList<>(quiet.stop().complaints());
        if (!server.alive()) {
            complaints.add("the relay's process ended during the run");
        }
        return complaints;
    }

    private long[] pids() {
        return pid == 0 ? new long[0] : new long[] {pid};
    }

    /** The relay's resident memory. */
    long residentBytes() {
        return pid == 0 ? 0 : server.residentBytes();
    }
}
