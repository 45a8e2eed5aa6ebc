package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.SIGINT;
import static dev.warren.platform.linux.Constants.SIGTERM;

/** The signals that ask a process to end. The JVM answers the first of them by running its shutdown hooks. */
public final class StopSignals {
    private StopSignals() {}

    /**
     * From now on SIGTERM and SIGINT end the process at once, as for a program that does not handle them: for a
     * shutdown hook that takes its time, so that whoever asks twice need not wait.
     */
    public static void endAtOnce() {
        Libc.signalDefault(SIGTERM);
        Libc.signalDefault(SIGINT);
    }
}
