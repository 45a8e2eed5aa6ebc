package dev.warren.loadtest.relay;

import dev.warren.loadtest.relay.wire.Connection;
import dev.warren.loadtest.relay.wire.InboundFrames;
import dev.warren.loadtest.relay.wire.Loop;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.LinuxException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The packets of one thread: sends at the pace that was asked for, and counts what comes. */
final class Engine implements Connection.Owner {
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Loop loop;
    private final Flow[] flows;
    private final List<Flow> ours;
    private final Pacer pacer;
    private final SlowReaders slowReaders;
    private final Tally tally;
    private final Flow[] touched;
    private final long intervalNanos;
    private int touchedCount;
    private Schedule schedule = new Schedule(0, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
    private long heardNanos;
    private volatile long delivered;

    /**
     * An engine for {@code ours}.
     *
     * @param all how many flows all threads have together
     */
    Engine(Loop loop, List<Flow> ours, int all, Pacer pacer, SlowReaders slowReaders, RelaySettings.Span span) {
        this.loop = loop;
        this.ours = ours;
        this.pacer = pacer;
        this.slowReaders = slowReaders;
        flows = new Flow[all];
        ours.forEach(flow -> flows[flow.id()] = flow);
        touched = new Flow[ours.size()];
        intervalNanos = Schedule.intervalNanos(span);
        tally = new Tally(Schedule.intervals(span));
    }

    /** Packets that arrived so far; from any thread. */
    long delivered() {
        return delivered;
    }

    /** Runs the schedule and returns what was counted. */
    Tally run(Schedule times) throws LinuxException {
        schedule = times;
        turnUntil(times.startNanos());
        if (times.fromNanos() > times.startNanos()) {
            pacer.start(times, tally);
            turnUntil(times.fromNanos());
            ours.forEach(flow -> flow.ledger().measure());
        } else {
            ours.forEach(flow -> flow.ledger().measure());
            pacer.start(times, tally);
        }
        turnUntil(times.untilNanos());
        pacer.pump(times.untilNanos()); // What was due while the thread slept last.
        pacer.stop();
        heardNanos = Clock.bootTimeNanos();
        drain();
        for (Flow flow : ours) {
            (flow.isSlow() ? tally.slow : tally.normal).settle(flow.ledger());
        }
        tally.notSent = pacer.notSent();
        tally.protection = ours.getFirst().sender().protection();
        return tally;
    }

    private void turnUntil(long endNanos) throws LinuxException {
        long now;
        while ((now = Clock.bootTimeNanos()) < endNanos) {
            turn(now, endNanos);
        }
    }

    private void turn(long nowNanos, long endNanos) throws LinuxException {
        long pace = pacer.pump(nowNanos);
        long slow = slowReaders.read(nowNanos);
        loop.turn(Math.min(endNanos, Math.min(pace, slow)));
        delivered = tally.normal.packets + tally.slow.packets;
    }

    /**
     * Waits for what is on its way, until it is there, nothing comes any more or the time is over. What waits for slow
     * receivers would take forever, and is not waited for.
     */
    private void drain() throws LinuxException {
        long now;
        while ((now = Clock.bootTimeNanos()) < schedule.drainedNanos()
                && now - heardNanos < SILENCE_NANOS
                && !isSettled()) {
            turn(now, now + CHECK_NANOS);
        }
    }

    private boolean isSettled() {
        return pacer.notSent() == 0
                && ours.stream()
                        .noneMatch(flow -> flow.isAlive()
                                && !flow.isSlow()
                                && (flow.sender().isBlocked() || flow.ledger().inFlight() > 0));
    }

    @Override
    public void opened(Connection connection) {
        // All are open before the traffic begins.
    }

    @Override
    public void packet(Connection connection, InboundFrames packet) {
        int id = packet.flow();
        Flow flow = id >= 0 && id < flows.length ? flows[id] : null;
        if (flow == null || flow.receiver() != connection || flow.source() != packet.source()) {
            tally.strangers++;
            return;
        }
        if (flow.ledger().arrived(packet.sequence())) {
            count(flow.isSlow() ? tally.slow : tally.normal, packet);
        }
        if (!flow.touched) {
            flow.touched = true;
            touched[touchedCount++] = flow;
        }
    }

    private void count(Tally.Group group, InboundFrames packet) {
        long now = loop.nowNanos();
        long sent = packet.sentNanos();
        long into = now - schedule.fromNanos();
        if (into >= 0 && now < schedule.untilNanos()) {
            group.packets++;
            group.bytes += packet.size();
            group.perInterval[(int) (into / intervalNanos)]++;
        }
        if (sent >= schedule.fromNanos() && sent < schedule.untilNanos()) {
            group.latency.recordValue(Tally.bounded(now - sent));
        }
    }

    @Override
    public void readDone(Connection connection) {
        heardNanos = loop.nowNanos();
        for (int i = 0; i < touchedCount; i++) {
            Flow flow = touched[i];
            flow.touched = false;
            flow.heardNanos = heardNanos;
            pacer.arrived(flow);
        }
        touchedCount = 0;
    }

    @Override
    public void stranger(Connection connection) {
        tally.strangers++;
    }

    @Override
    public void unblocked(Connection connection) {
        pacer.unblocked(connection);
    }

    @Override
    public void ended(Connection connection, String reason) {
        tally.connectionsLost++;
        tally.firstLoss = tally.firstLoss == null ? reason : tally.firstLoss;
    }
}
