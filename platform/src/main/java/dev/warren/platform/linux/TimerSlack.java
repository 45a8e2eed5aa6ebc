package dev.warren.platform.linux;

import static dev.warren.platform.linux.Constants.PR_GET_TIMERSLACK;
import static dev.warren.platform.linux.Constants.PR_SET_TIMERSLACK;

/** How late the kernel may wake the calling thread from a sleep, so as to wake several at once (prctl(2)). */
public final class TimerSlack {
    private TimerSlack() {}

    /** Sets it; the kernel's own choice for a new thread is 50,000. Without effect where the kernel refuses. */
    public static void setNanos(long nanos) {
        int _ = Libc.prctl(PR_SET_TIMERSLACK, nanos);
    }

    /** The slack in force, or a negated error number. */
    public static long nanos() {
        return Libc.prctl(PR_GET_TIMERSLACK, 0);
    }
}
