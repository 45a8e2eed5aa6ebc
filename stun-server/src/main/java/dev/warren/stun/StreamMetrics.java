package dev.warren.stun;

import dev.warren.protocol.stun.Disposition;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the STUN server counts of its TCP and TLS connections, since it started; in Prometheus' spelling:
 *
 * <ul>
 *   <li>{@code warren_stun_stream_connections_total{outcome}}: connections that came, {@code accepted} or refused.
 *   <li>{@code warren_stun_stream_closed_total{reason}}: accepted connections that ended, by whose doing.
 *   <li>{@code warren_stun_stream_open}: connections that are open now.
 *   <li>{@code warren_stun_stream_messages_total{disposition}}: whole messages, by what became of them (the names of
 *       {@link Disposition} in lower case).
 * </ul>
 */
final class StreamMetrics {
    /** What became of a connection at the door. */
    enum Outcome {
        /** It came in. */
        ACCEPTED,
        /** Its source has as many as one may have. */
        REFUSED_SOURCE,
        /** There are as many as there may be. */
        REFUSED_TOTAL,
        /** The kernel gave none, mostly for want of file descriptors. */
        FAILED
    }

    /** Why a connection ended. */
    enum Reason {
        /** The client closed it. */
        CLIENT,
        /** The client closed it in the middle of a message. */
        CUT_OFF,
        /** No whole message for too long. */
        IDLE,
        /** It brought more bytes than one may. */
        BYTES,
        /** What came is no STUN. */
        NOT_STUN,
        /** A message is longer than any that we answer. */
        TOO_LONG,
        /** The client does not read what it is answered. */
        SLOW,
        /** The connection or its TLS broke. */
        FAILED,
        /** The server stops. */
        STOPPED
    }

    private final Map<Outcome, Counter> outcomes;
    private final Map<Reason, Counter> reasons;
    private final Map<Disposition, Counter> messages;
    private final AtomicInteger open = new AtomicInteger();

    StreamMetrics(MeterRegistry registry) {
        outcomes = counters(Outcome.class, outcome -> Counter.builder("warren.stun.stream.connections")
                .description("TCP and TLS connections that came, by outcome (accepted, refused_*, failed)")
                .tag("outcome", tag(outcome))
                .register(registry));
        reasons = counters(Reason.class, reason -> Counter.builder("warren.stun.stream.closed")
                .description("TCP and TLS connections that ended, by reason")
                .tag("reason", tag(reason))
                .register(registry));
        messages = counters(Disposition.class, disposition -> Counter.builder("warren.stun.stream.messages")
                .description("Messages over TCP and TLS, by what became of them (answered_*, refused_*, ignored_*)")
                .tag("disposition", tag(disposition))
                .register(registry));
        Gauge.builder("warren.stun.stream.open", open, AtomicInteger::get)
                .description("TCP and TLS connections that are open")
                .register(registry);
    }

    void came(Outcome outcome) {
        increment(outcomes.get(outcome));
        if (outcome == Outcome.ACCEPTED) {
            open.incrementAndGet();
        }
    }

    void ended(Reason reason) {
        increment(reasons.get(reason));
        open.decrementAndGet();
    }

    void message(Disposition disposition) {
        increment(messages.get(disposition));
    }

    private static void increment(@Nullable Counter counter) {
        if (counter != null) {
            counter.increment();
        }
    }

    private static <E extends Enum<E>> Map<E, Counter> counters(Class<E> type, Function<E, Counter> make) {
        Map<E, Counter> counters = new EnumMap<>(type);
        Arrays.stream(type.getEnumConstants()).forEach(value -> counters.put(value, make.apply(value)));
        return counters;
    }

    private static String tag(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
