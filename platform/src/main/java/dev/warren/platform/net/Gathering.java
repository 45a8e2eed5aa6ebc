package dev.warren.platform.net;

import io.netty.util.concurrent.FastThreadLocal;
import java.util.concurrent.TimeUnit;

/**
 * How long an event loop near its limit lets packets gather before it looks for them again, as a network card moderates
 * its interrupts. A packet that is read, routed and written on its own costs two system calls; three that have come over
 * one connection meanwhile cost hardly more than one. So once the loop's thread is busy for {@value #BUSY_PERCENT} % of
 * the time, it pauses. A loop with time to spare looks at once, and adds nothing to latency.
 *
 * <p>A pause is right as long as no packet is sent later for it: senders that have only so much on its way wait for the
 * loop, which then has less to do and moves less. So while a read brings few packets a longer pause is tried, and kept
 * unless fewer packets a second come; from time to time a shorter one, kept if more come. There is none any more when the
 * thread is busy for less than {@value #CALM_PERCENT} %: pauses save two thirds of its work, and no more.
 *
 * <p>Belongs to its event loop's thread. Times are parameters.
 */
public final class Gathering {
    /** The longest pause unless told otherwise: what it adds to a packet's way is half of it on average. */
    public static final int STANDARD_MICROS = 500;

    static final int BUSY_PERCENT = 75;
    static final int CALM_PERCENT = 20;
    /** Packets a second that a busy loop has at least for a pause to help. */
    static final int MIN_RATE = 20_000;

    // Measured with 16 packets of each of 20 clients on their way: with 8 a packet costs a third more than with 12.
    static final int FEW = 12;
    static final int MANY = 24;
    /** Of the packets a second: what is less of a difference may be chance. */
    static final int NOTICED_PERCENT = 5;
    /** So many windows without a longer pause after one that was too long. */
    static final int REST_WINDOWS = 64;
    /** So many windows from one trial of a shorter pause to the next. */
    static final int SHORTER_WINDOWS = 16;

    private static final long WATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long TRIAL_NANOS = TimeUnit.MILLISECONDS.toNanos(16);
    private static final long LEAST_NANOS = TimeUnit.MICROSECONDS.toNanos(20);
    private static final int PERCENT = 100;
    private static final FastThreadLocal<Gathering> CURRENT = new FastThreadLocal<>() {
        @Override
        protected Gathering initialValue() {
            return new Gathering(0);
        }
    };

    private enum Trial {
        NONE,
        LONGER,
        SHORTER
    }

    private final long mostNanos;
    private long windowNanos;
    private long windowCpuNanos;
    private int reads;
    private int packets;
    private long pauseNanos;

    private Trial trial = Trial.NONE;
    /** The pause before the trial, and how many packets a second came with it. */
    private long formerNanos;

    private long formerRate;
    private int rest;
    private int untilShorter = SHORTER_WINDOWS;

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
        return nowNanos - windowNanos >= (pauseNanos == 0 ? WATCH_NANOS : TRIAL_NANOS);
    }

    /**
     * Sets the pause by what happened since the last call.
     *
     * @param cpuNanos the CPU time that the loop's thread has used so far
     */
    void adapt(long nowNanos, long cpuNanos) {
        long elapsed = nowNanos - windowNanos;
        long busyPercent = (cpuNanos - windowCpuNanos) * PERCENT / elapsed;
        long rate = packets * TimeUnit.SECONDS.toNanos(1) / elapsed;
        if (rate < MIN_RATE || busyPercent < (pauseNanos == 0 ? BUSY_PERCENT : CALM_PERCENT)) {
            pauseNanos = 0;
            trial = Trial.NONE;
            rest = 0;
            untilShorter = SHORTER_WINDOWS;
        } else if (!isTooMuch(rate)) {
            tryAnother(rate);
        }
        windowNanos = nowNanos;
        windowCpuNanos = cpuNanos;
        reads = 0;
        packets = 0;
    }

    /** Judges the trial that ends, if there is one; whether the former pause was better and is back. */
    private boolean isTooMuch(long rate) {
        Trial ended = trial;
        trial = Trial.NONE;
        long noticed = formerRate * NOTICED_PERCENT / PERCENT;
        if (ended == Trial.LONGER && rate < formerRate - noticed) {
            rest = REST_WINDOWS;
        } else if (ended == Trial.SHORTER && rate > formerRate + noticed) {
            rest = REST_WINDOWS;
            untilShorter = 0;
            return false;
        } else if (ended != Trial.SHORTER) {
            return false;
        }
        pauseNanos = formerNanos;
        return true;
    }

    private void tryAnother(long rate) {
        formerNanos = pauseNanos;
        formerRate = rate;
        if (packets > MANY * (long) reads) {
            pauseNanos = shorter();
        } else if (pauseNanos > 0 && --untilShorter <= 0) {
            trial = Trial.SHORTER;
            untilShorter = SHORTER_WINDOWS;
            pauseNanos = shorter();
        } else if (rest > 0) {
            rest--;
        } else if (packets < FEW * (long) reads && pauseNanos < mostNanos) {
            trial = Trial.LONGER;
            pauseNanos = Math.min(mostNanos, Math.max(LEAST_NANOS, pauseNanos * 3 / 2));
        }
    }

    private long shorter() {
        return pauseNanos <= LEAST_NANOS ? 0 : pauseNanos * 2 / 3;
    }

    /** How long to pause when the loop has done all there was to do; 0 for not at all. */
    long pauseNanos() {
        return pauseNanos;
    }
}
