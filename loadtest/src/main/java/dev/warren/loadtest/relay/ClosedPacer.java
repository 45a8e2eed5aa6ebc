package dev.warren.loadtest.relay;

import dev.warren.loadtest.relay.wire.Connection;
import dev.warren.platform.linux.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Keeps a window of packets in flight for each flow. A flow of which nothing arrives for a second, though its window is
 * full, has lost them, and begins anew.
 */
final class ClosedPacer implements Pacer {
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final List<Flow> flows;
    private final Map<Connection, Flow> bySender = new HashMap<>();
    private final BurstWriter writer;
    private final int burst;
    private final int window;
    private boolean sending;
    private long nextCheckNanos;

    ClosedPacer(List<Flow> flows, BurstWriter writer, int burst, int window) {
        this.flows = flows;
        this.writer = writer;
        this.burst = burst;
        this.window = window;
        flows.forEach(flow -> bySender.put(flow.sender(), flow));
    }

    @Override
    public void start(Schedule schedule, Tally tally) {
        sending = true;
        for (Flow flow : flows) {
            flow.heardNanos = Clock.bootTimeNanos();
            fill(flow);
        }
    }

    @Override
    public long pump(long nowNanos) {
        if (!sending) {
            return Long.MAX_VALUE;
        }
        if (nowNanos >= nextCheckNanos) {
            nextCheckNanos = nowNanos + CHECK_NANOS;
            for (Flow flow : flows) {
                restartIfSilent(flow, nowNanos);
            }
        }
        return nextCheckNanos;
    }

    @Override
    public void arrived(Flow flow) {
        fill(flow);
    }

    @Override
    public void unblocked(Connection sender) {
        Flow flow = bySender.get(sender);
        if (flow != null) {
            fill(flow);
        }
    }

    @Override
    public void stop() {
        sending = false;
    }

    @Override
    public long notSent() {
        return 0;
    }

    private void restartIfSilent(Flow flow, long nowNanos) {
        if (!flow.sender().isBlocked() && nowNanos - flow.heardNanos > SILENCE_NANOS) {
            flow.heardNanos = nowNanos;
            flow.ledger().giveUp();
            fill(flow);
        }
    }

    private void fill(Flow flow) {
        Connection sender = flow.sender();
        Ledger ledger = flow.ledger();
        while (sending
                && window - ledger.inFlight() >= burst
                && !sender.isBlocked()
                && sender.phase() == Connection.Phase.OPEN) {
            sender.send(writer.write(flow, ledger.send(burst), Clock.bootTimeNanos()));
        }
    }
}
