package dev.warren.loadtest.stun;

import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.Poller;
import dev.warren.platform.linux.ReceiveBatch;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Sends and receives on all flows. Belongs to one thread, which it keeps as busy as the load asks for. */
final class Engine implements AutoCloseable {
    /** A request without an answer is given up after so long. */
    static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** No answer comes near this; one that is longer is no answer. */
    static final int SLOT_BYTES = 576;

    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** Going to sleep and waking up takes about that long, so it is not worth it for less. */
    private static final long SLEEP_NANOS = TimeUnit.MICROSECONDS.toNanos(60);
    /**
     * So long after the last datagram the next is awaited without sleeping. It costs a server on the same machine a
     * microsecond or two to wake somebody up, which one on another machine doesn't pay.
     */
    private static final long SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
    /** A wait that is longer than a system call was a sleep. */
    private static final long SLEPT_NANOS = TimeUnit.MICROSECONDS.toNanos(4);

    private final List<Flow> flows;
    private final Poller poller;
    private final ReceiveBatch batch;
    private final long spinNanos;
    private final long startNanos = Clock.bootTimeNanos();
    private long nextTickNanos = startNanos;
    private long activeNanos = startNanos;
    private long idleNanos;

    /** An engine for {@code flows}, which stay the caller's to close; {@code spin} waits for answers without sleep. */
    Engine(List<Flow> flows, int batch, boolean spin) throws LinuxException {
        this.flows = List.copyOf(flows);
        this.spinNanos = spin ? SPIN_NANOS : 0;
        this.batch = new ReceiveBatch(batch, SLOT_BYTES);
        this.poller = Poller.open();
        for (int i = 0; i < flows.size(); i++) {
            poller.add(flows.get(i).descriptor(), i, true, false);
        }
    }

    /** Told every 20 ms of a run. */
    @FunctionalInterface
    interface Ticks {
        void tick(long nowNanos);
    }

    /**
     * Drives the load at {@code pace} until {@code untilNanos}. What was due by then is sent in any case, late if need
     * be: a load that was held up must not look like a smaller one.
     */
    void drive(Pace pace, long untilNanos, Ticks ticks) throws LinuxException {
        for (Flow flow : flows) {
            pace.onRoom(flow, Clock.bootTimeNanos());
        }
        long now = Clock.bootTimeNanos();
        long endNanos = untilNanos + TIMEOUT_NANOS;
        while (now < untilNanos || (pace.nextNanos() < untilNanos && now < endNanos)) {
            if (now >= nextTickNanos) {
                nextTickNanos = now + TICK_NANOS;
                tick(pace, now);
                ticks.tick(now);
            }
            if (pace.onTime(now, untilNanos)) {
                now = Clock.bootTimeNanos();
                activeNanos = now;
            }
            now = await(pace, now, untilNanos);
        }
    }

    /** Waits for answers until none can come any more; a second at most. */
    void drain() throws LinuxException {
        Pace ended = new Pace.Ended();
        long end = Clock.bootTimeNanos() + TIMEOUT_NANOS + TICK_NANOS;
        while (inFlight() > 0 && Clock.bootTimeNanos() < end) {
            drive(ended, Math.min(end, Clock.bootTimeNanos() + TICK_NANOS), _ -> {});
        }
        flows.forEach(flow -> flow.expire(Long.MAX_VALUE));
    }

    /** How long it had nothing to do so far, in nanoseconds. */
    long idleNanos() {
        return idleNanos;
    }

    /** Throws a UserError when a target has shown that it is no STUN server. */
    void checkTargets(boolean atEnd) {
        Duration elapsed = Duration.ofNanos(Clock.bootTimeNanos() - startNanos);
        for (Flow flow : flows) {
            flow.health().check(elapsed, atEnd);
        }
    }

    @Override
    public void close() {
        poller.close();
    }

    private int inFlight() {
        int sum = 0;
        for (Flow flow : flows) {
            sum += flow.inFlight();
        }
        return sum;
    }

    private void tick(Pace pace, long nowNanos) throws LinuxException {
        for (Flow flow : flows) {
            flow.expire(nowNanos - TIMEOUT_NANOS);
            pace.onRoom(flow, nowNanos);
            flow.flush(nowNanos);
        }
        checkTargets(false);
    }

    /** Waits for what comes next and takes the answers that are there; gives the time. */
    private long await(Pace pace, long before, long untilNanos) throws LinuxException {
        long due = Math.min(Math.min(pace.nextNanos(), nextTickNanos), untilNanos);
        boolean spin = due - before < SLEEP_NANOS || before - activeNanos < spinNanos;
        int ready = poller.await(spin ? before : due);
        long now = Clock.bootTimeNanos();
        if (ready == 0 || now - before > SLEPT_NANOS) {
            idleNanos += now - before;
        }
        for (int i = 0; i < ready; i++) {
            Flow flow = flows.get(poller.token(i));
            int count = flow.read(batch, now);
            now = Clock.bootTimeNanos();
            flow.take(batch, count, now);
            pace.onRoom(flow, now);
            activeNanos = now;
        }
        return now;
    }
}
