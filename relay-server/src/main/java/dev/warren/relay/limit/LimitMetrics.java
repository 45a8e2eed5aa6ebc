package dev.warren.relay.limit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** What a relay counts about its limits. */
public final class LimitMetrics {
    private final MeterRegistry registry;
    private final Counter waits;
    private final Counter acceptFailures;
    private final AtomicInteger waiting = new AtomicInteger();
    private final Map<Refusal, Counter> refusals = new EnumMap<>(Refusal.class);

    /** Registers all of it with {@code registry}. */
    public LimitMetrics(MeterRegistry registry) {
        this.registry = registry;
        waits = Counter.builder("warren.relay.client.rate.waits")
                .description("Times that a client was over its rate and was not read from for a while")
                .register(registry);
        acceptFailures = Counter.builder("warren.relay.accept.failures")
                .description("Attempts to accept a connection that failed, as for want of file descriptors")
                .register(registry);
        Gauge.builder("warren.relay.client.rate.waiting", waiting, AtomicInteger::get)
                .description("Connections that are not read from at the moment, as their clients are over their rate")
                .register(registry);
        for (Refusal refusal : Refusal.values()) {
            refusals.put(
                    refusal,
                    Counter.builder("warren.relay.refused")
                            .description("Connections and logins that a limit refused, by reason")
                            .tag("reason", refusal.name().toLowerCase(Locale.ROOT))
                            .register(registry));
        }
    }

    /** Shows the figures of {@code limits}. */
    void watch(LiveLimits limits) {
        Gauge.builder("warren.relay.client.rate.limit.bytes", limits, live -> live.current()
                        .client()
                        .bytesPerSecond())
                .description("Bytes a second that one client may send; 0 = no limit")
                .register(registry);
        Gauge.builder("warren.relay.logins.pending", limits, live -> live.logins()
                        .size())
                .description("Connections that are not logged in")
                .register(registry);
    }

    void refused(Refusal reason) {
        Objects.requireNonNull(refusals.get(reason)).increment();
    }

    /** A connection could not be accepted. */
    public void acceptFailed() {
        acceptFailures.increment();
    }

    /** A client must wait. */
    public void waitBegins() {
        waits.increment();
        waiting.incrementAndGet();
    }

    /** A client that had to wait may go on, or has left. */
    public void waitEnds() {
        waiting.decrementAndGet();
    }
}
