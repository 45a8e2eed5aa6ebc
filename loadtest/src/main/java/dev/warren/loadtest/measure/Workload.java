package dev.warren.loadtest.measure;

import java.io.IOException;

/** A load that can be run again and again. */
public interface Workload {
    /**
     * Runs it once, in bounded time.
     *
     * @throws IOException when the target can't be reached or stops speaking its protocol
     */
    Result run(Progress progress) throws IOException, InterruptedException;
}
