package dev.warren.loadtest.compare;

import dev.warren.loadtest.measure.QuietWatch;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a comparison measures with.
 *
 * @param settleLimit how long to wait for a quiet machine before a run is repeated
 */
record Instruments(Workloads workloads, Watcher watcher, Duration settleLimit) {

    /** Looks whether the machine does anything else. */
    interface Watcher {
        /** Starts to look; the supplier ends it and gives the complaints. {@code pids} are part of the run. */
        Supplier<List<String>> start(long... pids);
    }

    /** The real ones. */
    static Instruments real() {
        Watcher watcher = pids -> {
            QuietWatch watch = QuietWatch.start(pids);
            return () -> watch.stop().complaints();
        };
        return new Instruments(Workloads.real(), watcher, Duration.ofSeconds(30));
    }
}
