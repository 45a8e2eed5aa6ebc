package dev.warren.loadtest.tunnel;

import dev.warren.loadtest.measure.QuietWatch;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** One whole pass over what is measured, in a test bed of its own with new processes. */
final class Round {
    /** Something that is measured while a watch looks whether the machine is quiet. */
    @FunctionalInterface
    interface Step<T> {
        T take() throws IOException, InterruptedException;
    }

    private final TunnelSettings settings;
    private final RandomGenerator random;
    private final Consumer<String> progress;
    private final Findings findings = new Findings();

    private Round(TunnelSettings settings, RandomGenerator random, Consumer<String> progress) {
        this.settings = settings;
        this.random = random;
        this.progress = progress;
    }

    /** Makes the pass; {@code progress} is told of each step. */
    static Findings run(TunnelSettings settings, RandomGenerator random, Consumer<String> progress)
            throws IOException, InterruptedException {
        Round round = new Round(settings, random, progress);
        try (TestBed bed = TestBed.open(settings.ends())) {
            if (!settings.only().equals(EnumSet.of(Part.FLOOD))) {
                new Traffic(round, bed).run();
            }
            if (round.wants(Part.HANDSHAKE, Part.MEMORY)) {
                new PeerCrowd(round, bed).run();
            }
            if (round.wants(Part.FLOOD)) {
                new Siege(round, bed).run();
            }
        }
        return round.findings;
    }

    TunnelSettings settings() {
        return settings;
    }

    RandomGenerator random() {
        return random;
    }

    Findings findings() {
        return findings;
    }

    /** Whether any of these is measured. */
    boolean wants(Part... parts) {
        return EnumSet.copyOf(Arrays.asList(parts)).stream().anyMatch(settings.only()::contains);
    }

    /** Says what comes next. */
    void tell(String step) {
        progress.accept(step);
    }

    /** Takes a step; when other processes were busy meanwhile, the round does not count. */
    <T> T watched(String step, long[] daemons, Step<T> action) throws IOException, InterruptedException {
        tell(step);
        QuietWatch watch = QuietWatch.start(daemons);
        T found = action.take();
        findings.seen(step, watch.stop());
        return found;
    }
}
