package dev.warren.loadtest.relay;

import java.util.List;

/**
 * What the measured time cost.
 *
 * @param seconds how long it was
 * @param serverCpuNanos CPU time of the relay; 0 when its process is not known
 * @param serverBytes its resident memory at the end
 * @param ownCpuNanos CPU time of the generator
 * @param complaints why the run must not be compared: the relay's process ended, or others were busy meanwhile
 */
record Cost(double seconds, long serverCpuNanos, long serverBytes, long ownCpuNanos, List<String> complaints) {
    private static final double NANOS_PER_SECOND = 1e9;

    double serverCpuSeconds() {
        return serverCpuNanos / NANOS_PER_SECOND;
    }

    double serverCores() {
        return serverCpuSeconds() / seconds;
    }

    double ownCores() {
        return ownCpuNanos / NANOS_PER_SECOND / seconds;
    }
}
