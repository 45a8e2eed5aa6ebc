package dev.warren.relay.limit;

import dev.warren.protocol.key.NodePublicKey;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.MDC.MDCCloseable;

/**
 * Lets connections in as far as the limits in force allow. Any thread may call it; its own lock guards it, which is
 * taken when connections come and go and never for a packet.
 */
public final class ConnectionGate {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionGate.class);
    private static final long NANOS_BETWEEN_LINES = TimeUnit.MINUTES.toNanos(1);
    private static final String EVERYBODY = "";

    private final LiveLimits limits;
    private final Quota<String> total = new Quota<>();
    private final Quota<Source> sources = new Quota<>();
    private final Quota<NodePublicKey> keys = new Quota<>();
    private @Nullable Long saidNanos;

    ConnectionGate(LiveLimits limits) {
        this.limits = limits;
    }

    /** A connection from {@code address}: null when it may come in, and must {@link #left} then; else why not. */
    public @Nullable Refusal enter(InetAddress address) {
        return counted(enterNow(Source.of(address), System.nanoTime()), address);
    }

    /** A connection that had come in is over. */
    public synchronized void left(InetAddress address) {
        total.leave(EVERYBODY);
        sources.leave(Source.of(address));
    }

    /** A client proved its key: null when it may log in, and must {@link #loggedOut} then; else why not. */
    public @Nullable Refusal logIn(NodePublicKey key) {
        Quota.Answer answer;
        synchronized (this) {
            answer = keys.enter(key, limits.current().key(), System.nanoTime());
        }
        return counted(
                switch (answer) {
                    case IN -> null;
                    case TOO_MANY -> Refusal.KEY_CONNECTIONS;
                    case TOO_FAST -> Refusal.KEY_RATE;
                },
                key);
    }

    /** A connection that had logged in is over. */
    public synchronized void loggedOut(NodePublicKey key) {
        keys.leave(key);
    }

    private synchronized @Nullable Refusal enterNow(Source source, long nowNanos) {
        Limits now = limits.current();
        // One address that is refused must not use up what all have together.
        Quota.Answer alone = sources.enter(source, now.source(), nowNanos);
        if (alone != Quota.Answer.IN) {
            return alone == Quota.Answer.TOO_MANY ? Refusal.SOURCE_CONNECTIONS : Refusal.SOURCE_RATE;
        }
        Quota.Answer together = total.enter(EVERYBODY, now.total(), nowNanos);
        if (together != Quota.Answer.IN) {
            sources.leave(source);
            return together == Quota.Answer.TOO_MANY ? Refusal.TOTAL_CONNECTIONS : Refusal.TOTAL_RATE;
        }
        return null;
    }

    private @Nullable Refusal counted(@Nullable Refusal refusal, Object whom) {
        if (refusal != null) {
            limits.metrics().refused(refusal);
            if (maySpeak(System.nanoTime())) {
                try (MDCCloseable _ = MDC.putCloseable("source", whom.toString());
                        MDCCloseable _ = MDC.putCloseable("reason", refusal.toString())) {
                    LOG.warn(
                            "a limit refuses connections, the latest of {}: {}; the metrics count them", whom, refusal);
                }
            }
        }
        return refusal;
    }

    /** Once a minute: whoever is refused comes back. */
    private synchronized boolean maySpeak(long nowNanos) {
        if (saidNanos != null && nowNanos - saidNanos < NANOS_BETWEEN_LINES) {
            return false;
        }
        saidNanos = nowNanos;
        return true;
    }
}
