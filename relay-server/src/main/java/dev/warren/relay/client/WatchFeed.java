package dev.warren.relay.client;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What a relay of the region that watches this one is still to be told: first who was there when it began to watch,
 * then everybody who came or went since. {@link #tell} may be called by any thread, the rest on the connection's loop.
 */
final class WatchFeed {
    /**
     * Implementation: 32,000 clients that go and come back at once. A watcher that is further behind starts anew, which
     * costs no more than what it would have to be told.
     */
    static final int MAX_CHANGES = 65_536;

    /** Implementation: of frames of 56 bytes, so that a flood takes one buffer in 290 of them. */
    private static final int BATCH_BYTES = 16 << 10;

    private final Channel channel;
    private final Runnable overflow;
    /** Guarded by itself. */
    private final Queue<Frame> changes = new ArrayDeque<>();

    private final AtomicBoolean turnScheduled = new AtomicBoolean();
    private List<Frame.PeerPresent> first;
    private int told;
    private boolean turning;

    /**
     * A feed that begins with {@code first}.
     *
     * @param overflow called once, by any thread, when the watcher is too far behind
     */
    WatchFeed(Channel channel, List<Frame.PeerPresent> first, Runnable overflow) {
        this.channel = channel;
        this.first = first;
        this.overflow = overflow;
    }

    /** Somebody came or went. */
    void tell(Frame change) {
        boolean tooMany;
        synchronized (changes) {
            if (changes.size() > MAX_CHANGES) {
                return;
            }
            changes.add(change);
            tooMany = changes.size() > MAX_CHANGES;
        }
        if (tooMany) {
            overflow.run();
        } else {
            scheduleTurn();
        }
    }

    void scheduleTurn() {
        if (turnScheduled.compareAndSet(false, true)) {
            try {
                channel.eventLoop().execute(this::turn);
            } catch (RejectedExecutionException stopping) {
                // The relay ends, and this connection with it.
                turnScheduled.set(false);
            }
        }
    }

    /** Writes what may be written; to be called when the channel is writable again. */
    void turn() {
        if (turning) {
            // A flush below made the channel writable: the turn that flushed goes on by itself.
            return;
        }
        turnScheduled.set(false);
        turning = true;
        while (channel.isActive() && channel.isWritable()) {
            ByteBuf batch = nextBatch();
            if (batch == null) {
                break;
            }
            var _ = channel.writeAndFlush(batch, channel.voidPromise());
        }
        turning = false;
    }

    private @Nullable ByteBuf nextBatch() {
        Frame frame = next();
        if (frame == null) {
            return null;
        }
        ByteBuf batch = channel.alloc().buffer(BATCH_BYTES);
        while (frame != null) {
            batch.writeBytes(FrameCodec.encode(frame));
            boolean full = batch.readableBytes() >= BATCH_BYTES - 64;
            frame = full ? null : next();
        }
        return batch;
    }

    private @Nullable Frame next() {
        if (told < first.size()) {
            return first.get(told++);
        }
        first = List.of();
        synchronized (changes) {
            return changes.poll();
        }
    }
}
