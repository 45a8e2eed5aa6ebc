package dev.warren.loadtest.stun;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What is counted once the warm-up is over. A request counts when it was to be sent after {@link #open}, whenever its
 * answer comes; what can't be tied to a request counts when it arrives after that.
 */
final class Tally {
    private static final long LONGEST_NANOS = 60_000_000_000L;
    private static final int DIGITS = 3;
    private static final int INTERVALS = 20;
    private static final long SHORTEST_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Histogram latency = new Histogram(LONGEST_NANOS, DIGITS);
    private final Histogram lag = new Histogram(LONGEST_NANOS, DIGITS);
    private final WrongCounts wrong = new WrongCounts();
    private final long[] perInterval;
    private final long intervalNanos;
    private long fromNanos = Long.MAX_VALUE;
    private long untilNanos = Long.MAX_VALUE;
    private long sent;
    private long answered;
    private long inTime;
    private long late;
    private long lost;
    private long duplicates;
    private long refused;
    private long seen;

    /** A tally of a run that counts for {@code duration}. */
    Tally(Duration duration) {
        intervalNanos = Math.clamp(duration.toNanos() / INTERVALS, SHORTEST_INTERVAL_NANOS, LONGEST_INTERVAL_NANOS);
        perInterval = new long[(int) (duration.toNanos() / intervalNanos)];
    }

    /** The warm-up is over; requests are sent until {@code untilNanos}, and answers may come after that. */
    void open(long nowNanos, long untilNanos) {
        this.fromNanos = nowNanos;
        this.untilNanos = untilNanos;
    }

    /** Whether the warm-up is over. */
    boolean isOpen() {
        return fromNanos != Long.MAX_VALUE;
    }

    /** A request goes out {@code lagNanos} after it should have. */
    void sent(long atNanos, long lagNanos) {
        if (atNanos >= fromNanos) {
            sent++;
            lag.recordValue(Math.clamp(lagNanos, 0, LONGEST_NANOS));
        }
    }

    /** A right answer to the request of {@code atNanos}. */
    void answered(long atNanos, long nowNanos) {
        seen++;
        if (nowNanos < untilNanos && nowNanos >= fromNanos) {
            inTime++;
            int interval = (int) Math.min((nowNanos - fromNanos) / intervalNanos, perInterval.length);
            if (interval < perInterval.length) {
                perInterval[interval]++;
            }
        }
        if (atNanos >= fromNanos) {
            answered++;
            latency.recordValue(Math.clamp(nowNanos - atNanos, 0, LONGEST_NANOS));
        }
    }

    /** The same for a request that had been given up: it is not lost after all. */
    void late(long atNanos, long nowNanos) {
        if (atNanos >= fromNanos) {
            late++;
            lost--;
        }
        answered(atNanos, nowNanos);
    }

    /** No answer came to the request of {@code atNanos}. */
    void lost(long atNanos) {
        if (atNanos >= fromNanos) {
            lost++;
        }
    }

    void wrong(Wrong reason, long nowNanos) {
        if (nowNanos >= fromNanos) {
            wrong.count(reason);
        }
    }

    void duplicate(long nowNanos) {
        if (nowNanos >= fromNanos) {
            duplicates++;
        }
    }

    /** The kernel refused to send, or the network brought an error back. */
    void refused(long nowNanos) {
        if (nowNanos >= fromNanos) {
            refused++;
        }
    }

    Histogram latency() {
        return latency;
    }

    /** How late requests were sent. */
    Histogram lag() {
        return lag;
    }

    long sent() {
        return sent;
    }

    /** Right answers, whenever they came. */
    long answered() {
        return answered;
    }

    /** Right answers that came before the end. */
    long inTime() {
        return inTime;
    }

    long late() {
        return late;
    }

    long lost() {
        return lost;
    }

    long duplicates() {
        return duplicates;
    }

    long refused() {
        return refused;
    }

    WrongCounts wrong() {
        return wrong;
    }

    /** Right answers since the very start, for the progress. */
    long seen() {
        return seen;
    }

    /** How long it counts. */
    double seconds() {
        return (untilNanos - fromNanos) / 1e9;
    }

    double intervalSeconds() {
        return intervalNanos / 1e9;
    }

    /** Right answers in each interval. */
    long[] perInterval() {
        return perInterval.clone();
    }
}
