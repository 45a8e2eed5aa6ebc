package dev.warren.loadtest.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether the machine did anything else during a run: all CPU time that was spent, less that of this process, of its
 * children that have ended, and of the processes that are part of the run.
 */
public final class QuietWatch {
    /** What other processes may take before a run must not be compared. */
    public static final double ALLOWED_OTHER_CORES = 0.3;
    /** What the hypervisor may take away before a run must not be compared. */
    public static final double ALLOWED_STEAL_CORES = 0.1;

    private final ProcessProbe parts;
    private final long startNanos = System.nanoTime();
    private final long partsNanos;
    private final long ownNanos = ProcessProbe.ownCpuNanos();
    private final ProcFiles.HostTimes host = ProcFiles.hostTimes();

    private QuietWatch(ProcessProbe parts) {
        this.parts = parts;
        this.partsNanos = parts.cpuNanos();
    }

    /** Starts to watch; {@code pids} are part of the run beside this process. */
    public static QuietWatch start(long... pids) {
        return new QuietWatch(ProcessProbe.of(pids));
    }

    /** What was seen since the start. */
    public Verdict stop() {
        double seconds = Math.max(1, System.nanoTime() - startNanos) / 1e9;
        ProcFiles.HostTimes now = ProcFiles.hostTimes();
        long ours = parts.cpuNanos() - partsNanos + ProcessProbe.ownCpuNanos() - ownNanos;
        long others = Math.max(0, now.busyNanos() - host.busyNanos() - ours);
        long steal = now.stealNanos() - host.stealNanos();
        return new Verdict(others / 1e9 / seconds, steal / 1e9 / seconds, seconds);
    }

    /**
     * What a watch saw.
     *
     * @param otherCores cores taken by processes that are no part of the run
     * @param stealCores cores that the hypervisor took away
     */
    public record Verdict(double otherCores, double stealCores, double seconds) {
        /** Why the run must not be compared; empty when the machine was quiet. */
        public List<String> complaints() {
            List<String> complaints = new ArrayList<>();
            if (otherCores > ALLOWED_OTHER_CORES) {
                complaints.add(String.format(
                        Locale.ROOT,
                        "other processes took %.2f cores (at most %.1f may be)",
                        otherCores,
                        ALLOWED_OTHER_CORES));
            }
            if (stealCores > ALLOWED_STEAL_CORES) {
                complaints.add(String.format(
                        Locale.ROOT,
                        "the hypervisor took away %.2f cores (at most %.1f may be)",
                        stealCores,
                        ALLOWED_STEAL_CORES));
            }
            return complaints;
        }
    }
}
