package dev.warren.loadtest.measure;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Every process that {@code /proc} shows, at one moment: who started it, and the CPU time of it and of its children
 * that have ended.
 */
record ProcessTree(Map<Long, Entry> processes) {
    /** A process: its parent, and its CPU time with that of its ended children. */
    record Entry(long parent, long cpuNanos) {}

    static ProcessTree now() {
        Map<Long, Entry> processes = new HashMap<>();
        for (long pid : ProcFiles.pids()) {
            ProcFiles.process(pid).ifPresent(process -> processes.put(pid, process));
        }
        return new ProcessTree(processes);
    }

    /** CPU time of all but {@code roots} and whatever is beneath them, in nanoseconds. */
    long cpuNanosOutside(Set<Long> roots) {
        return processes.entrySet().stream()
                .filter(entry -> !isBeneath(entry.getKey(), roots))
                .mapToLong(entry -> entry.getValue().cpuNanos())
                .sum();
    }

    private boolean isBeneath(long pid, Set<Long> roots) {
        long at = pid;
        // A parent that ended meanwhile leaves a gap; no tree is deeper than it has processes.
        for (int depth = 0; depth <= processes.size(); depth++) {
            if (roots.contains(at)) {
                return true;
            }
            Entry process = processes.get(at);
            if (process == null) {
                return false;
            }
            at = process.parent();
        }
        return false;
    }
}
