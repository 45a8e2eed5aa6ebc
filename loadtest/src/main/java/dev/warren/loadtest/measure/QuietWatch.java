package dev.warren.loadtest.measure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Whether the machine did anything else during a run: the CPU time of all processes but this one, those that are part
 * of the run, and whatever these started. What the kernel's own threads did (softirqs above all) is nobody's: a run's
 * packets are their work too.
 */
public final class QuietWatch {
    /** What other processes may take before a run must not be compared. */
    public static final double ALLOWED_OTHER_CORES = 0.3;
    /** What the hypervisor may take away before a run must not be compared. */
    public static final double ALLOWED_STEAL_CORES = 0.1;

    /** Less than this may be the 10 ms steps in which the kernel counts each process's time. */
    private static final double GRAIN_SECONDS = 0.1;

    /** The parent of the kernel's threads. */
    private static final long KTHREADD = 2;

    private final Set<Long> roots;
    private final long startNanos = System.nanoTime();
    private final long othersNanos;
    private final long stealNanos;

    private QuietWatch(Set<Long> roots) {
        this.roots = roots;
        this.othersNanos = ProcessTree.now().cpuNanosOutside(roots);
        this.stealNanos = ProcFiles.stealNanos();
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
        // Not all busy time less ours: who ends in a namespace of ours may be reaped by nobody who keeps its time.
        long others = Math.max(0, ProcessTree.now().cpuNanosOutside(roots) - othersNanos);
        long steal = ProcFiles.stealNanos() - stealNanos;
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
            if (otherCores > ALLOWED_OTHER_CORES && otherCores * seconds > GRAIN_SECONDS) {
                complaints.add(String.format(
                        Locale.ROOT,
                        "other processes took %.2f cores (at most %.1f may be)",
                        otherCores,
                        ALLOWED_OTHER_CORES));
            }
            if (stealCores > ALLOWED_STEAL_CORES && stealCores * seconds > GRAIN_SECONDS) {
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
