package dev.warren.loadtest.bench;

import dev.warren.protocol.wireguard.ReplayWindow;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The check of a data message's counter. */
@Title("Replay check")
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ReplayBench {
    private final ReplayWindow window = new ReplayWindow();
    private long counter;

    /** Counters in order. */
    @Benchmark
    @Title("next counter")
    public boolean inOrder() {
        return window.accept(++counter);
    }

    /** Blocks of 64 counters, each block backwards. */
    @Benchmark
    @Title("counter of a reordered stream")
    public boolean reordered() {
        return window.accept(counter++ ^ 63);
    }
}
