package dev.warren.node.tunnel;

/** Waiting for a thread's end where an interruption must not leave things half closed. */
final class Threads {
    private Threads() {}

    /** Waits until {@code thread} has ended; an interruption is kept for later. */
    static void joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
