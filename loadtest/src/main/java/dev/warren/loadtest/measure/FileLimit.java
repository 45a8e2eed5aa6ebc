package dev.warren.loadtest.measure;

import dev.warren.platform.config.UserError;

/** The limit of open files of this process. */
public final class FileLimit {
    /** The JVM's own files: jars, timers, sockets of the metrics. */
    private static final int OWN_FILES = 100;

    private FileLimit() {}

    /** How many files this process may have open. */
    public static long current() {
        return limit(ProcFiles.read("/proc/self/limits"));
    }

    /**
     * Makes sure that {@code needed} files can be opened.
     *
     * @param forWhat ends the sentence "N file descriptors are needed for ..."
     * @throws UserError naming the limit and the need
     */
    public static void require(int needed, String forWhat) {
        long limit = current();
        if (needed + OWN_FILES > limit) {
            throw new UserError(
                    (needed + OWN_FILES) + " file descriptors are needed for " + forWhat + ", and the limit is " + limit
                            + "; raise it (ulimit -n " + (needed + OWN_FILES) + ") or ask for less");
        }
    }

    static long limit(String limits) {
        return limits.lines()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.trim().split(" +", -1)[3])
                .mapToLong(soft -> soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft))
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }
}
