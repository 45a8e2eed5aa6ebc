package dev.warren.node.offload;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What an operation allocates on this thread, as the JVM counts. */
final class Allocation {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int BLOCK = 2_000;
    private static final int ATTEMPTS = 30;

    private Allocation() {}

    /** Bytes that the best of some blocks of many runs allocates: the first warm up, in some the compiler works. */
    static long ofManyRuns(Runnable operation) {
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < ATTEMPTS && least > 0; attempt++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < BLOCK; i++) {
                operation.run();
            }
            least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }
}
