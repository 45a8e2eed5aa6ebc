package dev.warren.protocol.testing;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Runs a property many times with different seeds. A failure says which seed it was; {@code -Dwarren.seed=N} runs that
 * one alone. Without it every run of the tests draws fresh seeds.
 */
public final class Seeds {
    private static final String PROPERTY = "warren.seed";
    private static final RandomGeneratorFactory<RandomGenerator> FACTORY =
            RandomGeneratorFactory.of("L64X128MixRandom");

    private Seeds() {}

    /** One run of a property. */
    @FunctionalInterface
    public interface Run {
        /** Draws its input from {@code random} and fails by any exception or assertion. */
        void with(RandomGenerator random) throws Exception;
    }

    /** Runs {@code property} {@code runs} times; rethrows the first failure with its seed in the message. */
    public static void forEach(int runs, Run property) {
        Long fixed = Long.getLong(PROPERTY);
        if (fixed != null) {
            runOnce(fixed, property);
            return;
        }
        SplittableRandom seeds = new SplittableRandom();
        for (int i = 0; i < runs; i++) {
            runOnce(seeds.nextLong(), property);
        }
    }

    /** The generator that belongs to {@code seed}, for tests that need just one. */
    public static RandomGenerator random(long seed) {
        return FACTORY.create(seed);
    }

    private static void runOnce(long seed, Run property) {
        try {
            property.with(random(seed));
        } catch (Exception | AssertionError failure) {
            throw new AssertionError(
                    "failed with seed " + seed + "; repeat with -D" + PROPERTY + "=" + seed + ": "
                            + failure.getMessage(),
                    failure);
        }
    }
}
