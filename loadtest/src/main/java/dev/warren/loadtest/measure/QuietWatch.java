package dev.warren.loadtest.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whether the machine did anything else during a run: all CPU time that was spent, less that of this process, of the
 * processes that are part of the run, and of whatever those started. What the kernel's own threads did (softirqs above
 * all) is nobody's: a run's packets are their work too.
 */
public final class QuietWatch {
    /** What other processes may take before a run must not be compared. */
    public static final double ALLOWED_OTHER_CORES = 0.3;
    /** What the hypervisor may take away before a run must not be compared. */
    public static final double ALLOWED_STEAL_CORES = 0.1;

    /** The parent of the kernel's threads. */
    private static final long KTHREADD = 2;

    private final Set<Long> roots;
    private final long startNanos = System.nanoTime();
    private final long partsNanos;
    private final ProcFiles.HostTimes host;

    private QuietWatch(Set<Long> roots) {
        this.roots = roots;
        this.partsNanos = ProcessTree.now().cpuNanos(roots);
        this.host = ProcFiles.hostTimes();
    }

    /** Starts to watch; {@code pids} are part of the run beside this process, and so are the children of them all. */
    public static QuietWatch start(long... pids) {
        Set<Long> roots = new HashSet<>(Set.of(ProcessHandle.current().pid(), KTHREADD));
        Arrays.stream(pids).forEach(roots::add);
        return new QuietWatch(roots);
    }

    /** What was seen since the start. */
    public Verdict stop() {
        double seconds = Math.max(1, System.nanoTime() - startNanos) / 1e9;
        ProcFiles.HostTimes now = ProcFiles.hostTimes();
        long ours = ProcessTree.now().cpuNanos(roots) - partsNanos;
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
