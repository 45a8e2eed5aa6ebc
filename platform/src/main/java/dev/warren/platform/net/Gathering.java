package dev.warren.platform.net;

import io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.TimeUnit;

/**
 * How long an event loop near its limit lets packets gather before it looks for them again, as a network card moderates
 * its interrupts. A packet that is read, routed and written on its own costs two system calls; three that have come over
 * one connection meanwhile cost hardly more than one. So once the loop's thread is busy for {@value #BUSY_PERCENT} % of
 * the time, a pause grows while a read brings few packets and shrinks while it brings many; it ends when the thread is
 * busy for less than {@value #CALM_PERCENT} %. A loop with time to spare looks at once, and adds nothing to latency.
 *
 * <p>Belongs to its event loop's thread. Times are parameters.
 */
public final class Gathering {
    /** The longest pause unless told otherwise: what it adds to a packet's way is half of it on average. */
    public static final int STANDARD_MICROS = 500;

    static final int BUSY_PERCENT = 75;
    static final int CALM_PERCENT = 40;
    /** Packets a second that a busy loop has at least for a pause to help. */
    static final int MIN_RATE = 20_000;

    private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long LEAST_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
    // Measured with a small packet of each of 20 clients at a time: with 4 and 8 a packet cost a third more, and with
    // 16 and
    // 32 no less.
    private static final int FEW = 8;
    private static final int MANY = 16;
    private static final int PERCENT = 100;
    private static final FastThreadLocal<Gathering> CURRENT = new FastThreadLocal<>() {
        @Override
        protected Gathering initialValue() {
            return new Gathering(0);
        }
    };

    private final long mostNanos;
    private long windowNanos;
    private long windowCpuNanos;
    private int reads;
    private int packets;
    private long pauseNanos;

    /** At most {@code mostMicros} a pause; 0 for none ever. */
    Gathering(int mostMicros) {
        mostNanos = TimeUnit.MICROSECONDS.toNanos(mostMicros);
    }

    /** The calling event loop's; one that never pauses on other threads. */
    public static Gathering current() {
        return CURRENT.get();
    }

    /** Makes this the calling thread's. */
    void enter() {
        CURRENT.set(this);
    }

    /** Something was read from a connection. */
    public void read() {
        reads++;
    }

    /** A packet was in it. */
    public void packet() {
        packets++;
    }

    /** Whether {@link #adapt} should be called: a while has passed since it was last. */
    boolean isDue(long nowNanos) {
        return nowNanos - windowNanos >= WINDOW_NANOS;
    }

    /**
     * Sets the pause by what happened since the last call.
     *
     * @param cpuNanos the CPU time that the loop's thread has used so far
     */
    void adapt(long nowNanos, long cpuNanos) {
        long elapsed = nowNanos - windowNanos;
        long busyPercent = (cpuNanos - windowCpuNanos) * PERCENT / elapsed;
        boolean calm = busyPercent < (pauseNanos == 0 ? BUSY_PERCENT : CALM_PERCENT);
        if (calm || packets * TimeUnit.SECONDS.toNanos(1) < MIN_RATE * elapsed) {
            pauseNanos = 0;
        } else if (packets < FEW * (long) reads) {
            pauseNanos = Math.min(mostNanos, Math.max(LEAST_NANOS, pauseNanos * 5 / 4));
        } else if (packets > MANY * (long) reads) {
            pauseNanos = pauseNanos <= LEAST_NANOS ? 0 : pauseNanos * 3 / 4;
        }
        windowNanos = nowNanos;
        windowCpuNanos = cpuNanos;
        reads = 0;
        packets = 0;
    }

    /** How long to pause when the loop has done all there was to do; 0 for not at all. */
    long pauseNanos() {
        return pauseNanos;
    }
}
