package dev.warren.relay.client;

import dev.warren.platform.net.PacketBacklog;
import dev.warren.platform.net.PacketQueue;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.relay.client.RelayMetrics.Drop;
import dev.warren.relay.client.RelayMetrics.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be written to one client. {@link #packets} and {@link #notice} may be called by any thread; everything
 * else runs on the connection's event loop, which alone touches the two packet queues.
 *
 * <p>While the socket takes bytes nothing waits here: packets go straight into the channel, and one flush is made for
 * all that came in one turn of the loop. When it does not, disco packets wait in a queue of {@value #DISCO_PACKETS},
 * of which the oldest make room for the newest, as in derper, and others in a {@link PacketBacklog}. Notices of gone peers
 * go first, disco next.
 */
final class Outbox {
    /** derper's depth. At 64 KiB a packet that is 2 MiB, the bound in bytes. */
    static final int DISCO_PACKETS = 32;

    /** A packet that waits in a read buffer of more than so many times its length is taken out of it. */
    private static final int WASTE = 4;

    // Implementation: what two event loops may have in flight between them, so that a burst within one turn of the
    // sender's loop does not meet a queue that is empty only a moment later.
    static final int INBOX_PACKETS = 1024;
    private static final int INBOX_BYTES = 4 << 20;
    /** One notice has 38 bytes. A client that cannot take this many has other worries. */
    static final int MAX_NOTICES = 4096;

    private final Channel channel;
    private final RelayMetrics metrics;
    private final ConnectionCounts counts;
    private final PacketQueue inbox = new PacketQueue(INBOX_PACKETS, INBOX_BYTES);
    private final PacketQueue notices = new PacketQueue(MAX_NOTICES, MAX_NOTICES * 64);
    private final Runnable turn = this::turn;
    /** Of the two packet queues; written on the event loop. */
    private volatile int backlogBytes;

    private int discoBytes;

    private final AtomicBoolean turnScheduled = new AtomicBoolean();
    private final Queue<ByteBuf> disco = new ArrayDeque<>(1);
    private final PacketBacklog data = new PacketBacklog(this::dropWaiting);
    private @Nullable ByteBuf pong;
    private boolean turning;
    private boolean closed;

    Outbox(Channel channel, RelayMetrics metrics, ConnectionCounts counts) {
        this.channel = channel;
        this.metrics = metrics;
        this.counts = counts;
    }

    /** Takes over RECV_PACKET frames that lie one behind the other. Any thread. */
    void packets(ByteBuf frames) {
        if (channel.eventLoop().inEventLoop()) {
            turning = true;
            deliver(frames);
            turning = false;
            scheduleTurn();
        } else if (inbox.offer(frames)) {
            scheduleTurn();
        } else {
            drop(frames, Drop.INBOX_FULL);
        }
    }

    /** Queues a small frame in front of all packets. Any thread. */
    void notice(Frame frame) {
        if (notices.offer(Unpooled.wrappedBuffer(FrameCodec.encode(frame)))) {
            scheduleTurn();
        } else {
            metrics.dropped(Drop.NOTICES_FULL, Kind.OTHER);
            counts.dropped(Drop.NOTICES_FULL);
        }
    }

    /** Answers a ping; while an earlier answer waits, there is none. */
    void pong(long data8) {
        if (pong != null) {
            metrics.dropped(Drop.PONG_PENDING, Kind.OTHER);
            counts.dropped(Drop.PONG_PENDING);
            return;
        }
        pong = Unpooled.wrappedBuffer(FrameCodec.encode(new Frame.Pong(data8)));
        scheduleTurn();
    }

    /** Writes what may be written; to be called when the channel is writable again. */
    void turn() {
        if (turning) {
            // A flush below made the channel writable: the turn that flushed goes on by itself, in order.
            return;
        }
        turnScheduled.set(false);
        if (closed) {
            return;
        }
        turning = true;
        do {
            writeBacklog();
            for (ByteBuf frame = inbox.poll(); frame != null; frame = inbox.poll()) {
                deliver(frame);
            }
            channel.flush();
        } while (channel.isWritable() && hasBacklog());
        turning = false;
    }

    /** Drops everything and takes no more. */
    void close() {
        closed = true;
        notices.close();
        for (ByteBuf frame = inbox.poll(); frame != null; frame = inbox.poll()) {
            drop(frame, Drop.DESTINATION_GONE);
        }
        inbox.close();
        while (!disco.isEmpty()) {
            drop(nextDisco(), Drop.DESTINATION_GONE);
        }
        data.clear();
        noteBacklog();
        if (pong != null) {
            pong.release();
            pong = null;
        }
    }

    /** What waits for the client, in the queues and in the channel. Any thread. */
    long queuedBytes() {
        ChannelOutboundBuffer written = channel.unsafe().outboundBuffer();
        return backlogBytes + (written == null ? 0 : written.totalPendingWriteBytes());
    }

    private void scheduleTurn() {
        if (turnScheduled.compareAndSet(false, true)) {
            try {
                channel.eventLoop().execute(turn);
            } catch (RejectedExecutionException stopping) {
                // The relay ends; its connections are closed one by one, and their queues with them.
                turnScheduled.set(false);
            }
        }
    }

    private void deliver(ByteBuf frames) {
        if (closed) {
            drop(frames, Drop.DESTINATION_GONE);
            return;
        }
        boolean behindOthers = !disco.isEmpty() || !data.isEmpty();
        if (!behindOthers && !channel.isWritable()) {
            // Perhaps it only has not been flushed in this turn.
            channel.flush();
        }
        if (!behindOthers && channel.isWritable()) {
            write(frames);
            return;
        }
        int end = frames.writerIndex();
        for (int at = frames.readerIndex(); at < end; at = frames.readerIndex()) {
            enqueue(unpinned(frames.readRetainedSlice(Packets.frameLength(frames, at))));
        }
        frames.release();
        noteBacklog();
    }

    private void enqueue(ByteBuf frame) {
        if (Packets.kind(frame) != Kind.DISCO) {
            data.add(frame, System.nanoTime());
            return;
        }
        if (disco.size() >= DISCO_PACKETS) {
            drop(nextDisco(), Drop.QUEUE_HEAD);
        }
        disco.add(frame);
        discoBytes += frame.readableBytes();
    }

    private ByteBuf nextDisco() {
        ByteBuf frame = disco.remove();
        discoBytes -= frame.readableBytes();
        return frame;
    }

    private void noteBacklog() {
        backlogBytes = discoBytes + data.bytes();
    }

    /** A frame that may wait for long: a short one would keep the whole read buffer that it is a slice of. */
    private ByteBuf unpinned(ByteBuf frame) {
        ByteBuf whole = frame.unwrap();
        if (whole == null || whole.capacity() <= WASTE * frame.readableBytes()) {
            return frame;
        }
        ByteBuf copy = channel.alloc().buffer(frame.readableBytes()).writeBytes(frame);
        frame.release();
        return copy;
    }

    private boolean hasBacklog() {
        return pong != null || !disco.isEmpty() || !data.isEmpty() || !notices.isEmpty() || !inbox.isEmpty();
    }

    private void writeBacklog() {
        for (ByteBuf notice = pollIfWritable(); notice != null; notice = pollIfWritable()) {
            var _ = channel.write(notice, channel.voidPromise());
        }
        if (pong != null && channel.isWritable()) {
            var _ = channel.write(pong, channel.voidPromise());
            pong = null;
        }
        while (channel.isWritable() && !disco.isEmpty()) {
            write(nextDisco());
        }
        long nowNanos = data.isEmpty() ? 0 : System.nanoTime();
        while (channel.isWritable() && !data.isEmpty()) {
            ByteBuf frame = data.poll(nowNanos);
            if (frame != null) {
                write(frame);
            }
        }
        noteBacklog();
    }

    private @Nullable ByteBuf pollIfWritable() {
        return channel.isWritable() ? notices.poll() : null;
    }

    private void write(ByteBuf frames) {
        int packets = Packets.count(frames);
        int bytes = frames.readableBytes() - packets * Packets.START;
        metrics.sent(packets, bytes);
        counts.sent(packets, bytes);
        var _ = channel.write(frames, channel.voidPromise());
    }

    private void dropWaiting(ByteBuf frame, PacketBacklog.Reason reason) {
        drop(
                frame,
                switch (reason) {
                    case FULL -> Drop.QUEUE_HEAD;
                    case LATE -> Drop.QUEUE_DELAY;
                    case CLEARED -> Drop.DESTINATION_GONE;
                });
    }

    private void drop(ByteBuf frames, Drop reason) {
        int end = frames.writerIndex();
        for (int at = frames.readerIndex(); at < end; at += Packets.frameLength(frames, at)) {
            metrics.dropped(reason, Packets.kind(frames, at, Packets.frameLength(frames, at)));
            counts.dropped(reason);
        }
        frames.release();
    }
}
