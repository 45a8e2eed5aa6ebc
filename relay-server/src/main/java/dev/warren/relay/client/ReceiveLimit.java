package dev.warren.relay.client;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.TokenBucket;
import dev.warren.relay.limit.Limits;
import dev.warren.relay.limit.LiveLimits;
import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holds one client to the rate in force by not reading from it while it is over, so that TCP slows it down and nothing
 * is dropped. Every frame is charged when its header is there, its payload read or not. Owned by the connection's event
 * loop.
 */
final class ReceiveLimit {
    /** What happens to the reading; on the event loop. */
    interface Reader {
        /** The client is over its rate. */
        void waits();

        /** It may be read from again. */
        void readsOn();
    }

    /** A client that waits out a long debt must notice when the limit is raised or lifted. */
    private static final long MAX_STEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LiveLimits limits;
    private final Channel channel;
    private final Reader reader;
    private Limits.Rate rate = Limits.Rate.NONE;
    private @Nullable TokenBucket bucket;
    private boolean waiting;
    private boolean closed;

    /** A limit on {@code channel}, which {@code reader} reads. */
    ReceiveLimit(LiveLimits limits, Channel channel, Reader reader) {
        this.limits = limits;
        this.channel = channel;
        this.reader = reader;
    }

    /** A frame with {@code payload} bytes behind its header has begun. */
    void charge(long payload) {
        TokenBucket from = bucketInForce();
        if (from != null) {
            long count = Math.min(Frame.HEADER_LENGTH + payload, Limits.Rate.MAX_CHARGE);
            long nanos = from.take(count, System.nanoTime());
            if (nanos > 0 && !waiting) {
                waiting = true;
                limits.metrics().waitBegins();
                channel.config().setAutoRead(false);
                reader.waits();
                checkIn(nanos);
            }
        }
    }

    /** Whether nothing more must be taken from the client at the moment. */
    boolean isWaiting() {
        return waiting;
    }

    /** The connection is over. */
    void close() {
        closed = true;
        endWait();
    }

    private void checkIn(long nanos) {
        var _ = channel.eventLoop().schedule(this::check, Math.min(nanos, MAX_STEP_NANOS), TimeUnit.NANOSECONDS);
    }

    private void check() {
        if (closed) {
            return;
        }
        TokenBucket from = bucketInForce();
        long nanos = from == null ? 0 : from.debtNanos(System.nanoTime());
        if (nanos > 0) {
            checkIn(nanos);
        } else {
            endWait();
            reader.readsOn();
        }
    }

    private void endWait() {
        if (waiting) {
            waiting = false;
            limits.metrics().waitEnds();
        }
    }

    private @Nullable TokenBucket bucketInForce() {
        Limits.Rate now = limits.current().client();
        if (!now.equals(rate)) {
            follow(now);
        }
        return bucket;
    }

    private void follow(Limits.Rate next) {
        rate = next;
        if (!next.isLimited()) {
            bucket = null;
        } else if (bucket == null) {
            bucket = new TokenBucket(next.bytesPerSecond(), next.burstBytes(), System.nanoTime());
        } else {
            bucket.change(next.bytesPerSecond(), next.burstBytes(), System.nanoTime());
        }
    }
}
