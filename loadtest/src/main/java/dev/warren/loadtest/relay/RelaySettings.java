package dev.warren.loadtest.relay;

import dev.warren.loadtest.measure.Targets;
import dev.warren.loadtest.relay.wire.Target;
import dev.warren.loadtest.relay.wire.Trust;
import dev.warren.platform.config.UserError;
import dev.warren.platform.tls.Pin;
import java.util.Map;
import java.util.Optional;

/**
 * A load on one relay.
 *
 * @param trust what its certificate must be
 * @param pid the relay's process; 0 when it is not known
 * @param threads threads of the generator
 */
public record RelaySettings(Target target, Trust trust, long pid, int threads, Span span, Job job) {
    private static final int MAX_BURST = 1024;
    private static final int MAX_WINDOW = 1 << 20;
    private static final int MAX_THREADS = 64;
    private static final String USUAL_SIZE = "100";

    /** How long traffic runs before it is measured, and how long it is measured; nanoseconds. */
    public record Span(long warmupNanos, long durationNanos) {}

    /** What the clients do. */
    public sealed interface Job permits Traffic, Storm, Idle {}

    /** They send each other packets, {@code burst} in one write. */
    public record Traffic(Pairs pairs, PacketMix packets, int burst, Pace pace, Slow slow) implements Job {}

    /** They connect, log in and leave: {@code rate} a second, or {@code parallel} at a time when that is 0. */
    public record Storm(double rate, int parallel) implements Job {}

    /** They do nothing. */
    public record Idle(int clients) implements Job {}

    /**
     * Who sends to whom.
     *
     * @param count senders
     * @param fanIn senders to each receiver
     * @param clients all that are logged in
     */
    public record Pairs(int count, int fanIn, int clients) {
        /** How many receive. */
        public int receivers() {
            return Math.ceilDiv(count, fanIn);
        }
    }

    /** When packets are sent. */
    public sealed interface Pace permits Closed, Open {}

    /** As soon as fewer than {@code window} of a pair are in flight. */
    public record Closed(int window) implements Pace {}

    /** {@code packetsPerSecond} over all pairs, whatever comes back. */
    public record Open(double packetsPerSecond) implements Pace {}

    /** The first {@code receivers} of the receivers read only {@code bytesPerSecond}. */
    public record Slow(int receivers, long bytesPerSecond) {}

    /**
     * Reads settings by the names of the command's options, without dashes. Throws {@link UserError} for what is
     * unknown, wrong or does not go together.
     */
    public static RelaySettings parse(Map<String, String> texts) {
        Values values = new Values(texts);
        Target target = Target.parse(values.text(RelayOption.TARGET)
                .orElseThrow(() -> new UserError("say which relay: --target http://HOST:PORT, or https://")));
        Targets.requireLocal(target.resolve(), values.flag(RelayOption.ALLOW_REMOTE));
        Span span = new Span(values.nanos(RelayOption.WARMUP), values.nanos(RelayOption.DURATION));
        if (span.durationNanos() <= 0) {
            throw Values.wrong(RelayOption.DURATION, "0", "a time above zero");
        }
        int threads = atMost(MAX_THREADS, values, RelayOption.THREADS);
        long pid = values.has(RelayOption.PID) ? values.number(RelayOption.PID, 1) : 0;
        return new RelaySettings(target, trust(values), pid, threads, span, job(values, threads, pid));
    }

    private static Trust trust(Values values) {
        boolean insecure = values.flag(RelayOption.INSECURE);
        Optional<String> pin = values.text(RelayOption.PIN);
        if (insecure && pin.isPresent()) {
            throw new UserError("--insecure accepts any certificate and --pin only one; give one of them");
        }
        if (pin.isEmpty()) {
            return insecure ? new Trust.Anything() : new Trust.Authorities();
        }
        try {
            return new Trust.Pinned(Pin.parse(pin.get()));
        } catch (IllegalArgumentException wrong) {
            throw new UserError(String.valueOf(wrong.getMessage()), wrong);
        }
    }

    private static Job job(Values values, int threads, long pid) {
        boolean storm = values.has(RelayOption.CONNECT_STORM);
        boolean idle = values.has(RelayOption.IDLE);
        if (storm && idle) {
            throw new UserError("--connect-storm and --idle are two loads; give one of them");
        }
        if (idle) {
            if (pid == 0) {
                throw new UserError("--idle looks at the relay's memory: say which process it is with --pid");
            }
            return new Idle(values.number(RelayOption.IDLE, 1));
        }
        if (storm) {
            return new Storm(values.rate(RelayOption.CONNECT_STORM, true), values.number(RelayOption.PARALLEL, 1));
        }
        return traffic(values, threads);
    }

    private static Traffic traffic(Values values, int threads) {
        Pairs pairs = pairs(values, threads);
        int burst = atMost(MAX_BURST, values, RelayOption.BURST);
        Slow slow = new Slow(values.number(RelayOption.SLOW_RECEIVERS, 0), values.number(RelayOption.SLOW_RATE, 1));
        if (slow.receivers() > pairs.receivers()) {
            throw new UserError("there are only " + pairs.receivers() + " receivers, so " + slow.receivers()
                    + " of them cannot be slow; lower --slow-receivers");
        }
        return new Traffic(pairs, packets(values), burst, pace(values, burst), slow);
    }

    private static Pairs pairs(Values values, int threads) {
        int count = values.number(RelayOption.PAIRS, 1);
        int fanIn = values.number(RelayOption.FAN_IN, 1);
        int needed = count + Math.ceilDiv(count, fanIn);
        int clients = values.has(RelayOption.CLIENTS) ? values.number(RelayOption.CLIENTS, 1) : needed;
        if (clients < needed) {
            throw new UserError(
                    count + " pairs take " + needed + " clients; raise --clients " + clients + ", or lower --pairs");
        }
        if (Math.ceilDiv(count, fanIn) < threads) {
            throw new UserError("both ends of a pair live on one thread, so " + threads + " threads need " + threads
                    + " receivers; lower --threads, or raise --pairs");
        }
        return new Pairs(count, fanIn, clients);
    }

    private static PacketMix packets(Values values) {
        if (values.has(RelayOption.SIZE) && values.has(RelayOption.MIX)) {
            throw new UserError("--size gives one size and --mix several; give one of them");
        }
        String sizes = values.text(RelayOption.MIX)
                .or(() -> values.text(RelayOption.SIZE))
                .orElse(USUAL_SIZE);
        return PacketMix.parse(sizes, values.number(RelayOption.DISCO, 0));
    }

    private static Pace pace(Values values, int burst) {
        if (values.has(RelayOption.RATE)) {
            if (values.has(RelayOption.WINDOW)) {
                throw new UserError("--rate sends whatever comes back and --window waits for it; give one of them");
            }
            return new Open(values.rate(RelayOption.RATE, false));
        }
        int window = atMost(MAX_WINDOW, values, RelayOption.WINDOW);
        if (burst > window) {
            throw new UserError("a burst of " + burst + " never fits into a window of " + window
                    + "; raise --window, or lower --burst");
        }
        return new Closed(window);
    }

    private static int atMost(int most, Values values, RelayOption option) {
        int number = values.number(option, 1);
        if (number > most) {
            throw Values.wrong(option, String.valueOf(number), "a whole number from 1 to " + most);
        }
        return number;
    }
}
