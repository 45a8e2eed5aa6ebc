package dev.warren.loadtest.relay;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What one thread counted; threads' tallies are added up at the end. */
final class Tally {
    /** The longest latency that is told apart: runs are shorter than that. */
    private static final long LONGEST_NANOS = 600_000_000_000L;

    private static final int DIGITS = 3;

    /** What was delivered to one kind of receivers. */
    static final class Group {
        final Histogram latency = new Histogram(LONGEST_NANOS, DIGITS);
        final long[] perInterval;
        long packets;
        long bytes;
        long sent;
        long arrived;
        long outOfOrder;
        long duplicates;

        Group(int intervals) {
            perInterval = new long[intervals];
        }

        void add(Group other) {
            latency.add(other.latency);
            for (int i = 0; i < perInterval.length; i++) {
                perInterval[i] += other.perInterval[i];
            }
            packets += other.packets;
            bytes += other.bytes;
            sent += other.sent;
            arrived += other.arrived;
            outOfOrder += other.outOfOrder;
            duplicates += other.duplicates;
        }

        void settle(Ledger ledger) {
            sent += ledger.sent();
            arrived += ledger.delivered();
            outOfOrder += ledger.outOfOrder();
            duplicates += ledger.duplicates();
        }

        /** Percent of what was sent that never came; NaN when nothing was sent. */
        double lossPercent() {
            return sent == 0 ? Double.NaN : 100.0 * (sent - arrived) / sent;
        }
    }

    final Group normal;
    final Group slow;
    /** How late the thread itself was in an open loop. */
    final Histogram lag = new Histogram(LONGEST_NANOS, DIGITS);

    long strangers;
    long notSent;
    int connectionsLost;

    @Nullable
    String firstLoss;

    String protection = "";

    /** A tally with that many intervals of the measured time. */
    Tally(int intervals) {
        normal = new Group(intervals);
        slow = new Group(intervals);
    }

    void add(Tally other) {
        normal.add(other.normal);
        slow.add(other.slow);
        lag.add(other.lag);
        strangers += other.strangers;
        notSent += other.notSent;
        connectionsLost += other.connectionsLost;
        firstLoss = firstLoss == null ? other.firstLoss : firstLoss;
        protection = other.protection;
    }

    /** A latency as the histograms take it. */
    static long bounded(long nanos) {
        return Math.clamp(nanos, 0, LONGEST_NANOS);
    }
}
