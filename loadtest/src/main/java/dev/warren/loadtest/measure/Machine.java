package dev.warren.loadtest.measure;

import java.util.Locale;

/**
 * The shape of the machine that a report was made on.
 *
 * @param cpu the processor's name
 * @param memoryBytes all of its memory
 * @param fileLimit how many files this process may open
 */
public record Machine(String cpu, int cores, long memoryBytes, String kernel, String java, long fileLimit) {
    /** The machine that this runs on. */
    public static Machine here() {
        return new Machine(
                value("/proc/cpuinfo", "model name"),
                (int) ProcFiles.read("/proc/cpuinfo")
                        .lines()
                        .filter(line -> line.startsWith("processor"))
                        .count(),
                kiloBytes(value("/proc/meminfo", "MemTotal")) * 1024,
                ProcFiles.read("/proc/sys/kernel/osrelease").trim(),
                System.getProperty("java.vendor.version", System.getProperty("java.version", "")),
                FileLimit.current());
    }

    /** One line for people. */
    public String text() {
        return String.format(
                Locale.ROOT,
                "%d cores (%s), %.0f GiB, Linux %s, Java %s, at most %d open files",
                cores,
                cpu,
                memoryBytes / (double) (1 << 30),
                kernel,
                java,
                fileLimit);
    }

    private static String value(String file, String key) {
        return ProcFiles.read(file)
                .lines()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(line.indexOf(':') + 1).trim())
                .findFirst()
                .orElse("unknown");
    }

    private static long kiloBytes(String text) {
        String digits = text.replaceAll("[^0-9]", "");
        return digits.isEmpty() ? 0 : Long.parseLong(digits);
    }
}
