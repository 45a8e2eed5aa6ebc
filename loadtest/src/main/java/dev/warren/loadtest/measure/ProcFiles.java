package dev.warren.loadtest.measure;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The few lines of {@code /proc} that are read here. What isn't there reads as zero. */
final class ProcFiles {
    /** USER_HZ of Linux on every architecture that a JDK runs on. */
    private static final long NANOS_PER_TICK = 10_000_000;

    private static final int STATE = 0;
    private static final int PARENT = 1;
    /** utime, stime, cutime, cstime, counted from the state, which is field 3 of stat. */
    private static final int FIRST_TIME = 11;

    private static final int TIMES = 4;
    private static final int STEAL = 8;

    private ProcFiles() {}

    /** The numbers of all processes. */
    static List<Long> pids() {
        String[] names = new File("/proc").list((_, name) -> Character.isDigit(name.charAt(0)));
        return names == null
                ? List.of()
                : Arrays.stream(names).map(Long::valueOf).toList();
    }

    /** A process, if it is still there. */
    static Optional<ProcessTree.Entry> process(long pid) {
        String[] fields = stat(String.valueOf(pid));
        return fields.length <= PARENT
                ? Optional.empty()
                : Optional.of(new ProcessTree.Entry(Long.parseLong(fields[PARENT]), cpuNanos(fields)));
    }

    static long cpuNanos(String pid) {
        return cpuNanos(stat(pid));
    }

    private static long cpuNanos(String[] fields) {
        long ticks = 0;
        for (int i = FIRST_TIME; i < FIRST_TIME + TIMES && i < fields.length; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks * NANOS_PER_TICK;
    }

    static boolean isAlive(long pid) {
        String[] fields = stat(String.valueOf(pid));
        return fields.length > 1 && !fields[STATE].equals("Z");
    }

    static long residentBytes(long pid) {
        return read("/proc/" + pid + "/status")
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElse(0);
    }

    /** Time of all CPUs that the hypervisor took away, in nanoseconds. */
    static long stealNanos() {
        String line = read("/proc/stat").lines().findFirst().orElse("");
        // cpu user nice system idle iowait irq softirq steal
        String[] fields = line.trim().split(" +", -1);
        return fields.length > STEAL ? Long.parseLong(fields[STEAL]) * NANOS_PER_TICK : 0;
    }

    /** The fields of stat from the state on; the name before it may hold spaces and brackets. */
    private static String[] stat(String pid) {
        String text = read("/proc/" + pid + "/stat");
        int end = text.lastIndexOf(')');
        return end < 0 ? new String[0] : text.substring(end + 1).trim().split(" ", -1);
    }

    static String read(String file) {
        try {
            return new String(Files.readAllBytes(Path.of(file)), StandardCharsets.UTF_8);
        } catch (IOException gone) {
            return "";
        }
    }
}
