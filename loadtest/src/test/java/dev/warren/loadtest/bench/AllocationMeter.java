package dev.warren.loadtest.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What an operation allocates on the thread that runs it, as the JVM counts, on average over many. Warm-up goes on until
 * the compiler has done its work, which on a busy machine takes a while: until two blocks in a row are clean, or many
 * were not.
 */
final class AllocationMeter {
    /** Less than one smallest object (16 bytes) in thirty-two operations. */
    static final double NOTHING = 0.5;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int BLOCK = 20_000;
    private static final int MAX_BLOCKS = 30;
    private static final int MEASURED = 200_000;
    private static final int ATTEMPTS = 5;

    private AllocationMeter() {}

    /** Bytes that one run of {@code operation} allocates. */
    static double bytesPerOperation(Runnable operation) {
        int clean = 0;
        for (int block = 0; block < MAX_BLOCKS && clean < 2; block++) {
            clean = average(operation, BLOCK) < NOTHING ? clean + 1 : 0;
        }
        double least = average(operation, MEASURED);
        for (int again = 1; again < ATTEMPTS && least >= NOTHING; again++) {
            // What the compiler did not know to be needless at its first attempt, it may at its next.
            least = Math.min(least, average(operation, MEASURED));
        }
        return least;
    }

    private static double average(Runnable operation, int times) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < times; i++) {
            operation.run();
        }
        return (double) (THREADS.getCurrentThreadAllocatedBytes() - before) / times;
    }
}
