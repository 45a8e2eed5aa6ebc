package dev.warren.loadtest.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;

/** Promises that are checked one after the other, one printed line each; a broken one does not stop the rest. */
final class Checklist {
    /** Checks one promise: gives the figure to print, or throws with the reason why it does not hold. */
    @FunctionalInterface
    interface Check {
        String figure() throws IOException;
    }

    private final PrintWriter out;
    private int kept;
    private int broken;

    Checklist(PrintWriter out) {
        this.out = out;
    }

    /** Checks a promise and prints its line. */
    void line(String promise, Check check) {
        try {
            print("ok", promise, check.figure());
            kept++;
        } catch (IOException reason) {
            print("FAILED", promise, String.valueOf(reason.getMessage()));
            broken++;
        }
    }

    /** Whether every promise so far holds. */
    boolean holds() {
        return broken == 0;
    }

    /** The last line. */
    void summary(long seconds) {
        out.printf(Locale.ROOT, "%n%d of %d hold, in %d s.%n", kept, kept + broken, seconds);
        out.flush();
    }

    private void print(String result, String promise, String figure) {
        out.printf(Locale.ROOT, "%-7s %-46s %s%n", result, promise, figure);
        out.flush();
    }
}
