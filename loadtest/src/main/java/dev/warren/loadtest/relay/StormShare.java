package dev.warren.loadtest.relay;

import dev.warren.loadtest.relay.RelaySettings.Storm;
import dev.warren.loadtest.relay.wire.Connection;
import dev.warren.loadtest.relay.wire.InboundFrames;
import dev.warren.loadtest.relay.wire.Loop;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.TcpOptions;
import dev.warren.protocol.key.NodePrivateKey;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** One thread's share of a connect storm: connects, logs in, closes, again and again. */
final class StormShare implements Share<StormShare.Count>, Connection.Owner {
    private static final int KEYS = 1024;
    private static final int SHORTEST_WRITE = 4096;
    private static final double NANOS_PER_SECOND = 1e9;
    /** Connections at a time in a storm of a given rate; those beyond wait, and their wait counts. */
    private static final int MOST_AT_A_TIME = 2000;

    private final RelaySettings settings;
    private final Storm storm;
    private final Count count;
    private final Map<Connection, Long> beganNanos = new HashMap<>();
    private List<NodePrivateKey> keys = List.of();
    private @Nullable Loop loop;
    private Schedule schedule = new Schedule(0, 0, 0, 0);
    private long begun;
    private long through;
    private volatile long done;

    /** What was counted. */
    static final class Count {
        final Histogram latency = new Histogram(Tally.bounded(Long.MAX_VALUE), 3);
        final long[] perInterval;
        final Map<String, Long> failures = new TreeMap<>();
        long connects;
        String protection = "";

        Count(int intervals) {
            perInterval = new long[intervals];
        }

        void add(Count other) {
            latency.add(other.latency);
            for (int i = 0; i < perInterval.length; i++) {
                perInterval[i] += other.perInterval[i];
            }
            other.failures.forEach((reason, times) -> failures.merge(reason, times, Long::sum));
            connects += other.connects;
            protection = other.protection;
        }
    }

    StormShare(RelaySettings settings, Storm storm) {
        this.settings = settings;
        this.storm = storm;
        count = new Count(Schedule.intervals(settings.span()));
    }

    @Override
    public void prepare() throws LinuxException {
        Loop ours = new Loop(settings.target(), settings.trust(), SHORTEST_WRITE, Loop.Use.LOGINS);
        loop = ours;
        keys = Crowd.keys(KEYS, new SecureRandom());
        // One first, so that a target that is no relay is said before the storm.
        Connection one =
                new Crowd(ours, settings.target()).open(keys.subList(0, 1), 0).getFirst();
        count.protection = one.protection();
        one.close();
    }

    @Override
    public Count run(Schedule times) throws LinuxException {
        schedule = times;
        Loop ours = java.util.Objects.requireNonNull(loop, "prepare comes first");
        long now;
        while ((now = Clock.bootTimeNanos()) < times.untilNanos()) {
            ours.turn(Math.min(begin(ours, now), times.untilNanos()));
        }
        // Those that are under way still count if they fail, or in their latency.
        while (!beganNanos.isEmpty() && (now = Clock.bootTimeNanos()) < times.drainedNanos()) {
            ours.turn(times.drainedNanos());
        }
        if (!beganNanos.isEmpty()) {
            count.failures.merge("it was not through 5 seconds after the end", (long) beganNanos.size(), Long::sum);
        }
        return count;
    }

    @Override
    public long done() {
        return done;
    }

    @Override
    public void close() {
        if (loop != null) {
            loop.close();
        }
    }

    /** Begins what is due; when the next one is. */
    private long begin(Loop ours, long nowNanos) throws LinuxException {
        if (storm.rate() == 0) {
            while (beganNanos.size() < Math.ceilDiv(storm.parallel(), settings.threads())) {
                connect(ours, Clock.bootTimeNanos());
            }
            return Long.MAX_VALUE;
        }
        double step = NANOS_PER_SECOND * settings.threads() / storm.rate();
        long due = schedule.startNanos() + (long) (begun * step);
        while (due <= nowNanos && beganNanos.size() < MOST_AT_A_TIME) {
            connect(ours, due);
            due = schedule.startNanos() + (long) (begun * step);
        }
        return beganNanos.size() < MOST_AT_A_TIME ? due : Long.MAX_VALUE;
    }

    private void connect(Loop ours, long intendedNanos) throws LinuxException {
        NodePrivateKey key = keys.get((int) (begun++ % keys.size()));
        beganNanos.put(ours.connect(key, TcpOptions.DEFAULT, this), intendedNanos);
    }

    @Override
    public void opened(Connection connection) {
        long now = Clock.bootTimeNanos();
        Long began = beganNanos.remove(connection);
        connection.close();
        done = ++through;
        if (began == null) {
            return;
        }
        long into = now - schedule.fromNanos();
        if (into >= 0 && now < schedule.untilNanos()) {
            count.connects++;
            count.perInterval[(int) (into / Schedule.intervalNanos(settings.span()))]++;
        }
        if (began >= schedule.fromNanos() && began < schedule.untilNanos()) {
            count.latency.recordValue(Tally.bounded(now - began));
        }
    }

    @Override
    public void packet(Connection connection, InboundFrames packet) {
        // Nobody sends packets in a storm.
    }

    @Override
    public void ended(Connection connection, String reason) {
        beganNanos.remove(connection);
        count.failures.merge(reason, 1L, Long::sum);
    }
}
