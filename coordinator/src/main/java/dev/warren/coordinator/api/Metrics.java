package dev.warren.coordinator.api;

import dev.warren.coordinator.Core;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** The coordinator's metrics, each described where it is made. */
public final class Metrics {
    private final MeterRegistry registry;
    private final AtomicInteger watchers = new AtomicInteger();
    private final Counter frames;
    private final Counter slow;

    /** Registers them with {@code registry}; the gauges read {@code core}'s snapshot. */
    public Metrics(MeterRegistry registry, Core core) {
        this.registry = registry;
        this.frames = Counter.builder("warren.coordinator.watch.frames")
                .description("Frames written to watchers, keep-alives included")
                .register(registry);
        this.slow = Counter.builder("warren.coordinator.watch.dropped")
                .description("Watchers that were disconnected because they did not read")
                .register(registry);
        Gauge.builder("warren.coordinator.watchers", watchers, AtomicInteger::get)
                .description("Open watch streams")
                .register(registry);
        Gauge.builder("warren.coordinator.nodes", core, c -> c.snapshot()
                        .nodes()
                        .size())
                .description("Nodes of the mesh")
                .register(registry);
        Gauge.builder("warren.coordinator.nodes.online", core, Metrics::online)
                .description("Nodes of the mesh that are online")
                .register(registry);
        Gauge.builder("warren.coordinator.relays", core, Metrics::relays)
                .description("Relays in the map, fixed ones and those with a lease")
                .register(registry);
        Gauge.builder("warren.coordinator.relays.leased", core, c -> c.leaseTotals()
                        .count())
                .description("Relays in the map by a lease")
                .register(registry);
        Gauge.builder("warren.coordinator.relays.capacity", core, c -> c.leaseTotals()
                        .capacity())
                .description("Connections that the relays with a lease take at most, of those that have a limit")
                .register(registry);
        Gauge.builder("warren.coordinator.revision", core, c -> c.snapshot().revision())
                .description("Revision of the topology that was published last")
                .register(registry);
    }

    /** A request was answered; {@code outcome} is {@code ok} or the error's code. */
    public void answered(String request, String outcome) {
        Counter.builder("warren.coordinator.requests")
                .description("Requests answered, by what was asked and how it went")
                .tag("request", request)
                .tag("outcome", outcome)
                .register(registry)
                .increment();
    }

    void watchBegan() {
        watchers.incrementAndGet();
    }

    void watchEnded() {
        watchers.decrementAndGet();
    }

    void frameWritten() {
        frames.increment();
    }

    void watcherDropped() {
        slow.increment();
    }

    private static double relays(Core core) {
        return core.snapshot().relays().regions().values().stream()
                .mapToLong(region -> region.relays().size())
                .sum();
    }

    private static double online(Core core) {
        return core.snapshot().nodes().values().stream()
                .filter(node -> node.online())
                .count();
    }
}
