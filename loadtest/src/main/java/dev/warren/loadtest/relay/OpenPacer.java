package dev.warren.loadtest.relay;

import dev.warren.loadtest.relay.wire.Connection;
import dev.warren.platform.linux.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sends at fixed times whatever comes back, the flows in turn. Each burst is stamped with the time at which it was to be
 * sent, however late it is: a stall of the relay then shows as the latency that everybody behind it has. How late the
 * thread itself was is recorded for the bursts that no socket held up.
 */
final class OpenPacer implements Pacer {
    private static final double NANOS_PER_SECOND = 1e9;
    private final List<Flow> flows;
    private final Map<Connection, Flow> bySender = new HashMap<>();
    private final BurstWriter writer;
    private final int burst;
    private final double stepNanos;
    private Schedule schedule = new Schedule(0, 0, 0, 0);
    private Tally tally = new Tally(0);
    /** The burst that is due next; they are numbered over all flows of the thread. */
    private long due;

    private boolean sending;

    /**
     * A pacer.
     *
     * @param packetsPerSecond of all these flows together
     */
    OpenPacer(List<Flow> flows, BurstWriter writer, int burst, double packetsPerSecond) {
        this.flows = flows;
        this.writer = writer;
        this.burst = burst;
        stepNanos = NANOS_PER_SECOND * burst / packetsPerSecond;
        for (int i = 0; i < flows.size(); i++) {
            bySender.put(flows.get(i).sender(), flows.get(i));
            flows.get(i).nextBurst = i;
        }
    }

    @Override
    public void start(Schedule times, Tally counts) {
        schedule = times;
        tally = counts;
        sending = true;
    }

    @Override
    public long pump(long nowNanos) {
        long now = nowNanos;
        long time = timeNanos(due);
        while (time <= now && time < schedule.untilNanos() && sending) {
            Flow flow = flows.get((int) (due % flows.size()));
            if (!flow.sender().isBlocked()) {
                record(now - time);
            }
            due++;
            send(flow);
            time = timeNanos(due);
            now = Clock.bootTimeNanos();
        }
        return sending ? time : Long.MAX_VALUE;
    }

    @Override
    public void arrived(Flow flow) {
        // Nothing that arrives changes when the next burst goes.
    }

    @Override
    public void unblocked(Connection sender) {
        Flow flow = bySender.get(sender);
        if (flow != null) {
            send(flow);
        }
    }

    @Override
    public void stop() {
        sending = false;
    }

    @Override
    public long notSent() {
        long bursts = 0;
        for (Flow flow : flows) {
            if (flow.nextBurst < due) {
                bursts += Math.ceilDiv(due - flow.nextBurst, flows.size());
            }
        }
        return bursts * burst;
    }

    private long timeNanos(long number) {
        return schedule.startNanos() + (long) (number * stepNanos);
    }

    private void record(long lagNanos) {
        if (timeNanos(due) >= schedule.fromNanos()) {
            tally.lag.recordValue(Tally.bounded(lagNanos));
        }
    }

    private void send(Flow flow) {
        Connection sender = flow.sender();
        while (flow.nextBurst < due && !sender.isBlocked() && sender.phase() == Connection.Phase.OPEN) {
            sender.send(writer.write(flow, flow.ledger().send(burst), timeNanos(flow.nextBurst)));
            flow.nextBurst += flows.size();
        }
    }
}
