package dev.warren.relay.client;

import io.netty.channel.Channel;
import java.util.concurrent.TimeUnit;

/** Notices when a channel takes no bytes for too long while some wait. Owned by the channel's event loop. */
public final class StallWatch {
    private final Channel channel;
    private final long limitMillis;
    private final Runnable stalled;
    private long sinceNanos;
    private boolean isFull;
    private boolean timing;

    /** Runs {@code stalled}, once, when the channel stayed full for {@code limitMillis}. */
    public StallWatch(Channel channel, long limitMillis, Runnable stalled) {
        this.channel = channel;
        this.limitMillis = limitMillis;
        this.stalled = stalled;
    }

    /** To be called whenever the channel's writability changed. */
    public void changed() {
        isFull = !channel.isWritable();
        if (isFull) {
            sinceNanos = System.nanoTime();
            watch(limitMillis);
        }
    }

    /** One timer at a time, however often the channel is full and empty again. */
    private void watch(long inMillis) {
        if (!timing) {
            timing = true;
            var _ = channel.eventLoop().schedule(this::check, inMillis, TimeUnit.MILLISECONDS);
        }
    }

    private void check() {
        timing = false;
        if (!isFull || !channel.isActive()) {
            return;
        }
        long left = limitMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sinceNanos);
        if (left <= 0) {
            stalled.run();
        } else {
            watch(left);
        }
    }
}
