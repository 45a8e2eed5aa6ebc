package dev.warren.platform.net;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Packets that a socket does not take yet, oldest first: bounded in packets, in bytes and in the time that they
 * wait. The time is bounded by CoDel (RFC 8289): when for 100 ms every packet has waited more than 5 ms, packets at the
 * head are dropped, one after the other in shrinking intervals, until the queue is short again. A sender's TCP inside
 * the tunnel sees single losses and slows down; a queue that only overflows makes it lose whole windows. For those that
 * do not slow down, no packet waits for longer than a second.
 *
 * <p>Packets of more than {@value #TUNNEL_BYTES} bytes are no tunnel's but a probe's (derpprobe has 30 of 64 KiB under
 * way and wants to see all of them), and wait as long as they have to. One thread at a time, as its owner sees to; empty, it
 * holds no memory. Times are parameters, in nanoseconds of any one clock.
 */
public final class PacketBacklog {
    /** Why a packet was dropped. */
    public enum Reason {
        /** It was the oldest, and had to make room. */
        FULL,
        /** Packets have waited for too long. */
        LATE,
        /** All were, by {@link #clear}. */
        CLEARED
    }

    /** Takes what is dropped, and releases it. */
    @FunctionalInterface
    public interface Drops {
        /** The packet is the callee's. */
        void dropped(ByteBuf packet, Reason reason);
    }

    /** RFC 8289 section 4.4: TARGET. */
    static final long TARGET_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    /** RFC 8289 section 4.3: INTERVAL. */
    static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Not even a sender that never slows down makes packets wait for longer: then they are of no use to anybody. */
    static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

    // Implementation. The window of a TCP that sends 2 Gbit/s here, of which a smaller queue made it lose whole parts.
    // It is CoDel that keeps the wait short.
    static final int MAX_PACKETS = 4096;
    /** Room for 30 packets of 64 KiB, twice. */
    static final int MAX_BYTES = 4 << 20;
    /** The longest Ethernet frames (jumbo) that a tunnel may be made for. */
    static final int TUNNEL_BYTES = 9_216;

    private static final int FIRST_SLOTS = 64;
    private static final int RECENT_INTERVALS = 16;
    private static final ByteBuf[] NO_FRAMES = {};
    private static final long[] NO_TIMES = {};

    private final Drops drops;
    private @Nullable ByteBuf[] frames = NO_FRAMES;
    private long[] sinceNanos = NO_TIMES;
    private int first;
    private int size;
    private int bytes;

    private boolean dropping;
    private boolean aboveTarget;
    private long actAtNanos;
    private long nextDropNanos;
    private int dropCount;
    private int lastDropCount;

    /** An empty one, which gives to {@code drops} what it drops. */
    public PacketBacklog(Drops drops) {
        this.drops = drops;
    }

    /** Whether nothing waits. */
    public boolean isEmpty() {
        return size == 0;
    }

    /** Packets that wait. */
    public int size() {
        return size;
    }

    /** Bytes of the packets that wait, headers included. */
    public int bytes() {
        return bytes;
    }

    /** Takes {@code frame} over; the oldest make room for it. */
    public void add(ByteBuf frame, long nowNanos) {
        int length = frame.readableBytes();
        while (size > 0 && (size >= MAX_PACKETS || bytes + length > MAX_BYTES)) {
            drops.dropped(pop(), Reason.FULL);
        }
        if (size == frames.length) {
            grow();
        }
        int last = (first + size) & (frames.length - 1);
        frames[last] = frame;
        sinceNanos[last] = nowNanos;
        size++;
        bytes += length;
    }

    /** The next packet to write, which becomes the caller's; null when there is none. RFC 8289 section 5.5. */
    public @Nullable ByteBuf poll(long nowNanos) {
        while (size > 0 && nowNanos - sinceNanos[first] > MAX_WAIT_NANOS && isTunnels(head())) {
            drops.dropped(pop(), Reason.LATE);
        }
        boolean late = isLate(nowNanos);
        if (dropping) {
            dropping = late;
            while (dropping && nowNanos >= nextDropNanos) {
                drops.dropped(pop(), Reason.LATE);
                dropCount++;
                dropping = isLate(nowNanos);
                nextDropNanos += interval();
            }
        } else if (late) {
            drops.dropped(pop(), Reason.LATE);
            isLate(nowNanos);
            startDropping(nowNanos);
        }
        if (size == 0) {
            shrink();
            return null;
        }
        return pop();
    }

    /** Drops all there is. */
    public void clear() {
        while (size > 0) {
            drops.dropped(pop(), Reason.CLEARED);
        }
        shrink();
    }

    /** Whether the first packet, and every one before it for an interval, has waited too long. Section 5.6. */
    private boolean isLate(long nowNanos) {
        if (size == 0 || nowNanos - sinceNanos[first] < TARGET_NANOS || !isTunnels(head())) {
            aboveTarget = false;
            return false;
        }
        if (!aboveTarget) {
            aboveTarget = true;
            actAtNanos = nowNanos + INTERVAL_NANOS;
            return false;
        }
        return nowNanos >= actAtNanos;
    }

    private void startDropping(long nowNanos) {
        dropping = true;
        int recent = dropCount - lastDropCount;
        boolean again = recent > 1 && nowNanos - nextDropNanos < RECENT_INTERVALS * INTERVAL_NANOS;
        dropCount = again ? recent : 1;
        lastDropCount = dropCount;
        nextDropNanos = nowNanos + interval();
    }

    /** Section 5.3: control_law. */
    private long interval() {
        return (long) (INTERVAL_NANOS / Math.sqrt(dropCount));
    }

    private static boolean isTunnels(ByteBuf packet) {
        return packet.readableBytes() <= TUNNEL_BYTES;
    }

    private ByteBuf head() {
        return Objects.requireNonNull(frames[first]);
    }

    private ByteBuf pop() {
        ByteBuf frame = head();
        frames[first] = null;
        first = (first + 1) & (frames.length - 1);
        size--;
        bytes -= frame.readableBytes();
        return frame;
    }

    private void grow() {
        int slots = Math.max(FIRST_SLOTS, 2 * frames.length);
        @Nullable ByteBuf[] moreFrames = new @Nullable ByteBuf[slots];
        long[] moreTimes = new long[slots];
        for (int i = 0; i < size; i++) {
            int from = (first + i) & (frames.length - 1);
            moreFrames[i] = frames[from];
            moreTimes[i] = sinceNanos[from];
        }
        frames = moreFrames;
        sinceNanos = moreTimes;
        first = 0;
    }

    /** A queue that has been long gives its memory back when it is empty. */
    private void shrink() {
        if (frames.length > FIRST_SLOTS) {
            frames = NO_FRAMES;
            sinceNanos = NO_TIMES;
            first = 0;
        }
    }
}
