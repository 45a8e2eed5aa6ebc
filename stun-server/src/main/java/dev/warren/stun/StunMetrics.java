package dev.warren.stun;

import dev.warren.protocol.stun.Disposition;
import dev.warren.stun.StunCounts.Family;
import dev.warren.stun.StunCounts.Unsent;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;

/**
 * Everything that the STUN server counts, since it started; in Prometheus' spelling:
 *
 * <ul>
 *   <li>{@code warren_stun_datagrams_total{disposition,family}}: datagrams received, by what became of them (the names
 *       of {@link Disposition} in lower case, and {@code ignored_oversize}) and by {@code ipv4} or {@code ipv6}.
 *       Garbage shows as {@code ignored_*}.
 *   <li>{@code warren_stun_unsent_total{reason}}: answers that were made and did not leave: {@code queue_full} means
 *       that this machine is too slow, {@code send_failed} mostly that sources are forged, {@code rate_limited} that
 *       their prefix has had its share.
 *   <li>{@code warren_stun_received_bytes_total}, {@code warren_stun_sent_bytes_total}: UDP payload, without headers.
 *   <li>{@code warren_stun_kernel_drops_total}: datagrams that the kernel dropped because the server did not read them
 *       in time.
 * </ul>
 */
final class StunMetrics {
    private final MeterRegistry registry;
    private final List<StunCounts> counts = new CopyOnWriteArrayList<>();
    private final List<StunSocket> sockets = new CopyOnWriteArrayList<>();

    StunMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (Family family : Family.values()) {
            for (Disposition disposition : Disposition.values()) {
                datagrams(tag(disposition), family, each -> each.datagramsOf(disposition, family));
            }
            datagrams("ignored_oversize", family, each -> each.oversizeOf(family));
        }
        for (Unsent reason : Unsent.values()) {
            register(counter("unsent", each -> each.unsentOf(reason))
                    .description("Answers that were made and did not leave, by reason")
                    .tag("reason", tag(reason)));
        }
        register(counter("received.bytes", StunCounts::receivedBytes)
                .description("UDP payload bytes received, whatever became of them"));
        register(counter("sent.bytes", StunCounts::sentBytes)
                .description("UDP payload bytes handed to the socket as answers"));
        register(FunctionCounter.builder("warren.stun.kernel.drops", sockets, all -> all.stream()
                        .mapToLong(StunSocket::droppedByKernel)
                        .sum())
                .description("Datagrams that the kernel dropped before the server read them"));
    }

    /** Counts for one more thread. */
    StunCounts newCounts() {
        StunCounts fresh = new StunCounts();
        counts.add(fresh);
        return fresh;
    }

    /** Asks the kernel about this socket too. */
    void watch(StunSocket socket) {
        sockets.add(socket);
    }

    private void datagrams(String disposition, Family family, ToLongFunction<StunCounts> value) {
        register(counter("datagrams", value)
                .description("Datagrams received, by what became of them (answered_*, refused_*, ignored_*) and family")
                .tag("disposition", disposition)
                .tag("family", tag(family)));
    }

    private FunctionCounter.Builder<List<StunCounts>> counter(String name, ToLongFunction<StunCounts> value) {
        return FunctionCounter.builder("warren.stun." + name, counts, all -> all.stream()
                .mapToLong(value)
                .sum());
    }

    private void register(FunctionCounter.Builder<?> counter) {
        counter.register(registry);
    }

    private static String tag(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
