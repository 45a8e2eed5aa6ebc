package dev.warren.relay.client;

import dev.warren.protocol.derp.Frame;
import io.netty.channel.Channel;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Tells one client while other connections use its key too, and when that is over. Two machines with one key throw each
 * other out of the traffic; a connection that comes and goes must not make this one's client hear of it all the time,
 * so it is told at most once in {@value #SECONDS_BETWEEN} s. Owned by the connection's event loop.
 */
final class DuplicateNotice {
    static final int SECONDS_BETWEEN = 10;

    static final String TEXT = "Another connection uses this node's key as well, and packets go to the one that wrote"
            + " last. Each machine needs a key of its own.";

    private static final Frame SHARED = new Frame.Health(TEXT);
    private static final Frame OVER = new Frame.Health("");
    private static final long NANOS_BETWEEN = TimeUnit.SECONDS.toNanos(SECONDS_BETWEEN);

    private final Channel channel;
    private final Outbox outbox;
    private boolean shared;
    private boolean told;
    private boolean waiting;
    private long mayTellNanos = System.nanoTime();

    DuplicateNotice(Channel channel, Outbox outbox) {
        this.channel = channel;
        this.outbox = outbox;
    }

    /** Whether others use the key now. Any thread; calls take effect in their order. */
    void shared(boolean now) {
        try {
            channel.eventLoop().execute(() -> {
                shared = now;
                update();
            });
        } catch (RejectedExecutionException stopping) {
            // The relay ends, and this connection with it.
        }
    }

    private void update() {
        if (told && !shared) {
            told = false;
            outbox.notice(OVER);
        } else if (shared && !told && !waiting) {
            long nanos = mayTellNanos - System.nanoTime();
            if (nanos <= 0) {
                told = true;
                mayTellNanos = System.nanoTime() + NANOS_BETWEEN;
                outbox.notice(SHARED);
            } else {
                waiting = true;
                var _ = channel.eventLoop().schedule(this::waited, nanos, TimeUnit.NANOSECONDS);
            }
        }
    }

    private void waited() {
        waiting = false;
        update();
    }
}
