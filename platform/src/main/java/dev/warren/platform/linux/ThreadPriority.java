package dev.warren.platform.linux;

/** How much the kernel prefers the calling thread to others (setpriority(2)); Java's own priorities do nothing here. */
public final class ThreadPriority {
    /** In Linux a thread is a process to this call. */
    private static final int PRIO_PROCESS = 0;
    /** Gives way to all that is not as nice. */
    private static final int NICEST = 19;

    private ThreadPriority() {}

    /** From now on the calling thread runs when no other wants to. 0, or a negated error number. */
    public static int yieldToAll() {
        return Libc.setpriority(PRIO_PROCESS, 0, NICEST);
    }
}
