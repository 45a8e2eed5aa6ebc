package dev.warren.relay;

import dev.warren.platform.config.Sentences;
import dev.warren.platform.config.UserError;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Objects;
import java.util.SequencedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of a relay that follow its configuration and files while it runs. A part whose new state is broken keeps the
 * old one, and the others change all the same.
 */
final class Reloads {
    private static final Logger LOG = LoggerFactory.getLogger(Reloads.class);

    /** A part that can be exchanged while the relay runs. */
    @FunctionalInterface
    interface Reloadable {
        /**
         * Takes over what {@code next} says and what is in the files that it names. Throws {@link UserError} or {@link
         * IOException} when that cannot be used, and goes on as before.
         */
        void reload(RelayConfig next) throws IOException;
    }

    /** The settings as a whole, before any part looks at them. */
    static final String SETTINGS = "settings";

    private final SequencedMap<String, Reloadable> parts = new LinkedHashMap<>();
    private final MeterRegistry registry;

    Reloads(MeterRegistry registry) {
        this.registry = registry;
        count(SETTINGS, true, 0);
        count(SETTINGS, false, 0);
    }

    /** Adds a part; {@code name} stands in the log and in the metric {@code warren.relay.reloads}. */
    void add(String name, Reloadable part) {
        parts.put(name, part);
        count(name, true, 0);
        count(name, false, 0);
    }

    /** Reloads every part, in the order in which they were added. */
    synchronized void reload(RelayConfig next) {
        parts.forEach((name, part) -> run(name, part, next));
    }

    private void run(String name, Reloadable part, RelayConfig next) {
        try {
            part.reload(next);
            count(name, true, 1);
        } catch (UserError | IOException broken) {
            failed(name, broken);
        }
    }

    /** Reloads the part named {@code name} alone. */
    synchronized void reload(String name, RelayConfig next) {
        run(name, Objects.requireNonNull(parts.get(name)), next);
    }

    /** The settings as a whole could be read. */
    void settingsRead() {
        count(SETTINGS, true, 1);
    }

    /** Something named {@code part} could not be read, and stays as it was. */
    void failed(String part, Exception broken) {
        count(part, false, 1);
        LOG.error("{}: stays as it was, since {}", part, Sentences.describe(broken));
    }

    private void count(String part, boolean done, int times) {
        Counter.builder("warren.relay.reloads")
                .description("Parts of the configuration that were read again, and those that stayed as they were")
                .tag("part", part)
                .tag("result", done ? "done" : "failed")
                .register(registry)
                .increment(times);
    }
}
