package dev.warren.loadtest.measure;

import java.util.Arrays;

/**
 * CPU time and memory of processes, read from {@code /proc} (proc(5)). A process that has ended counts with what was
 * last seen of it.
 */
public final class ProcessProbe {
    private final long[] pids;
    private final long[] lastCpuNanos;

    private ProcessProbe(long[] pids) {
        this.pids = pids;
        this.lastCpuNanos = new long[pids.length];
    }

    /** A probe of these processes together. */
    public static ProcessProbe of(long... pids) {
        return new ProcessProbe(pids.clone());
    }

    /** User and system time of the processes and of their children that have ended, in nanoseconds (10 ms steps). */
    public long cpuNanos() {
        for (int i = 0; i < pids.length; i++) {
            lastCpuNanos[i] = Math.max(lastCpuNanos[i], ProcFiles.cpuNanos(String.valueOf(pids[i])));
        }
        return Arrays.stream(lastCpuNanos).sum();
    }

    /** Resident memory of the processes together, in bytes. */
    public long residentBytes() {
        return Arrays.stream(pids).map(ProcFiles::residentBytes).sum();
    }

    /** Whether all of them are still there (and no zombies). */
    public boolean alive() {
        return Arrays.stream(pids).allMatch(ProcFiles::isAlive);
    }

    /** CPU time of this process and of its children that have ended, in nanoseconds. */
    public static long ownCpuNanos() {
        return ProcFiles.cpuNanos("self");
    }
}
