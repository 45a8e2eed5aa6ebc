package dev.warren.relay.mesh;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** What is counted of the link to one relay; the label {@code relay} is its HOST:PORT. */
final class LinkMetrics {
    private final MeterRegistry registry;
    private final AtomicInteger up = new AtomicInteger();
    private final Gauge shown;
    private final Counter failures;

    LinkMetrics(MeterRegistry registry, String relay) {
        this.registry = registry;
        shown = Gauge.builder("warren.relay.mesh.link.up", up, AtomicInteger::get)
                .description("1 while the link to that relay of the region stands, else 0")
                .tag("relay", relay)
                .register(registry);
        failures = Counter.builder("warren.relay.mesh.link.failures")
                .description("Connections to that relay of the region that broke, or could not be made")
                .tag("relay", relay)
                .register(registry);
    }

    void up() {
        up.set(1);
    }

    /** It broke, or did not come up. */
    void failed() {
        up.set(0);
        failures.increment();
    }

    /** It is not wanted any more. */
    void stopped() {
        up.set(0);
    }

    /** The relay has left the region: no series shows a link to it. One that comes anew makes it again. */
    void forget() {
        registry.remove(shown);
    }
}
