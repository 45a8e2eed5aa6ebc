package dev.warren.stun;

import dev.warren.protocol.stun.Disposition;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the STUN server counts, since it started; in Prometheus' spelling:
 *
 * <ul>
 *   <li>{@code warren_stun_datagrams_total{disposition,family}}: datagrams received, by what became of them (the names
 *       of {@link Disposition} in lower case) and by {@code ipv4} or {@code ipv6}. Garbage shows as {@code ignored_*}.
 *   <li>{@code warren_stun_unsent_total{reason}}: answers that were made and did not leave: {@code queue_full} means
 *       that this machine is too slow, {@code send_failed} mostly that sources are forged.
 *   <li>{@code warren_stun_received_bytes_total}, {@code warren_stun_sent_bytes_total}: UDP payload, without headers.
 * </ul>
 */
final class StunMetrics {
    /** The families of senders. */
    enum Family {
        IPV4,
        IPV6
    }

    /** Why an answer did not leave. */
    enum Unsent {
        /** More answers are waiting than the socket's queue may hold. */
        QUEUE_FULL,
        /** The kernel refused it: no route, or a forged source that cannot be sent to. */
        SEND_FAILED
    }

    private final Map<Disposition, Map<Family, Counter>> datagrams = new EnumMap<>(Disposition.class);
    private final Map<Unsent, Counter> unsent = new EnumMap<>(Unsent.class);
    private final Counter receivedBytes;
    private final Counter sentBytes;

    StunMetrics(MeterRegistry registry) {
        for (Disposition disposition : Disposition.values()) {
            Map<Family, Counter> byFamily = new EnumMap<>(Family.class);
            for (Family family : Family.values()) {
                byFamily.put(family, datagrams(registry, disposition, family));
            }
            datagrams.put(disposition, byFamily);
        }
        for (Unsent reason : Unsent.values()) {
            unsent.put(reason, unsent(registry, reason));
        }
        receivedBytes = Counter.builder("warren.stun.received.bytes")
                .description("UDP payload bytes received, whatever became of them")
                .register(registry);
        sentBytes = Counter.builder("warren.stun.sent.bytes")
                .description("UDP payload bytes handed to the socket as answers")
                .register(registry);
    }

    void received(Disposition disposition, Family family, int bytes) {
        Map<Family, Counter> byFamily = datagrams.get(disposition);
        if (byFamily != null) {
            increment(byFamily.get(family), 1);
        }
        receivedBytes.increment(bytes);
    }

    void sent(int bytes) {
        sentBytes.increment(bytes);
    }

    void unsent(Unsent reason) {
        increment(unsent.get(reason), 1);
    }

    private static void increment(@Nullable Counter counter, double amount) {
        if (counter != null) {
            counter.increment(amount);
        }
    }

    private static Counter datagrams(MeterRegistry registry, Disposition disposition, Family family) {
        return Counter.builder("warren.stun.datagrams")
                .description("Datagrams received, by what became of them (answered_*, refused_*, ignored_*) and family")
                .tag("disposition", tag(disposition))
                .tag("family", tag(family))
                .register(registry);
    }

    private static Counter unsent(MeterRegistry registry, Unsent reason) {
        return Counter.builder("warren.stun.unsent")
                .description("Answers that were made and did not leave, by reason (queue_full, send_failed)")
                .tag("reason", tag(reason))
                .register(registry);
    }

    private static String tag(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
