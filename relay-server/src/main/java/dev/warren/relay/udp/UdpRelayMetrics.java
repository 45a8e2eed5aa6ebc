package dev.warren.relay.udp;

import dev.warren.protocol.udprelay.Allocation;
import dev.warren.protocol.udprelay.Disposition;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What a UDP relay counts. Its thread writes, a few at a time; any thread reads. */
final class UdpRelayMetrics {
    /** Why a datagram that was to be sent was not. */
    enum SendDrop {
        /** The socket's buffer is full: more comes in than the network takes. */
        SOCKET_FULL,
        /** The kernel refused it: no route, or a firewall. */
        REFUSED,
        /** It is for the other family, which has no socket here. */
        NO_ROOM
    }

    private final Map<Disposition, AtomicLong> dispositions = new EnumMap<>(Disposition.class);
    private final AtomicLong forwardedBytes = new AtomicLong();
    private final Map<Allocation, Counter> allocations = new EnumMap<>(Allocation.class);
    private final Map<SendDrop, Counter> sendDrops = new EnumMap<>(SendDrop.class);
    private final Counter queueFull;
    private final Counter ended;
    private final AtomicInteger sessions = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();

    /** Registers all of it with {@code registry}. */
    UdpRelayMetrics(MeterRegistry registry) {
        for (Disposition disposition : Disposition.values()) {
            AtomicLong count = new AtomicLong();
            dispositions.put(disposition, count);
            if (disposition != Disposition.CONTROL) {
                FunctionCounter.builder("warren.udp.relay.datagrams", count, AtomicLong::get)
                        .description("Datagrams that came in, by what was done with them")
                        .tag("disposition", tag(disposition))
                        .register(registry);
            }
        }
        FunctionCounter.builder("warren.udp.relay.forwarded.bytes", forwardedBytes, AtomicLong::get)
                .description("Bytes of forwarded datagrams, their Geneve headers included")
                .register(registry);
        for (Allocation outcome : Allocation.values()) {
            allocations.put(
                    outcome,
                    counter(
                            registry,
                            "warren.udp.relay.allocations",
                            "Requests for a session that came over DERP, by outcome",
                            "outcome",
                            tag(outcome)));
        }
        for (SendDrop reason : SendDrop.values()) {
            sendDrops.put(
                    reason,
                    counter(
                            registry,
                            "warren.udp.relay.send.drops",
                            "Datagrams that were to be sent and were not, by reason",
                            "reason",
                            tag(reason)));
        }
        queueFull = counter(
                registry, "warren.udp.relay.requests.dropped", "Packets to the relay that found its queue full");
        ended = counter(registry, "warren.udp.relay.sessions.ended", "Sessions that ended");
        gauge(registry, "warren.udp.relay.sessions", "Sessions, bound or not", sessions);
        gauge(registry, "warren.udp.relay.sessions.open", "Sessions both of whose ends have been bound", open);
    }

    void received(Disposition disposition, long count) {
        Objects.requireNonNull(dispositions.get(disposition)).addAndGet(count);
    }

    void forwarded(long bytes) {
        forwardedBytes.addAndGet(bytes);
    }

    void allocation(Allocation outcome) {
        Objects.requireNonNull(allocations.get(outcome)).increment();
    }

    void sendDropped(SendDrop reason) {
        Objects.requireNonNull(sendDrops.get(reason)).increment();
    }

    void queueFull() {
        queueFull.increment();
    }

    void sessions(int all, int openOnes, long newlyEnded) {
        sessions.set(all);
        open.set(openOnes);
        ended.increment((double) newlyEnded);
    }

    private static Counter counter(MeterRegistry registry, String name, String description, String... tags) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }

    private static void gauge(MeterRegistry registry, String name, String description, AtomicInteger value) {
        Gauge.builder(name, value, AtomicInteger::get).description(description).register(registry);
    }

    private static String tag(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
