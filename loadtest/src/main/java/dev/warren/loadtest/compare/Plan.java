package dev.warren.loadtest.compare;

/**
 * How often and how long a spec's cells run.
 *
 * @param practice runs of each server before the first that counts, so that a JVM has compiled what is hot
 * @param rounds pairs of runs in each cell
 * @param duration of one run, as the workload's settings write it
 * @param warmup before each run, in the same way
 * @param fresh whether the servers are started anew for each run
 * @param allowedLossPercent above which a pair gives no ratio of throughput or CPU
 * @param retries how often a run that was not clean is repeated
 */
record Plan(
        int practice,
        int rounds,
        String duration,
        String warmup,
        boolean fresh,
        double allowedLossPercent,
        int retries) {
    /** Fewer clean pairs than these give no ratio: one pair shows no spread. */
    static final int LEAST_PAIRS = 2;

    Plan withRounds(int number) {
        return new Plan(practice, number, duration, warmup, fresh, allowedLossPercent, retries);
    }

    Plan withRetries(int number) {
        return new Plan(practice, rounds, duration, warmup, fresh, allowedLossPercent, number);
    }

    Plan withDuration(String text) {
        return new Plan(practice, rounds, text, warmup, fresh, allowedLossPercent, retries);
    }
}
