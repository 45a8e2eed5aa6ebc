package dev.warren.loadtest.stun;

import dev.warren.loadtest.measure.FileLimit;
import dev.warren.loadtest.measure.ProcessProbe;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.QuietWatch;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Targets;
import dev.warren.loadtest.measure.Unit;
import dev.warren.loadtest.measure.Workload;
import dev.warren.platform.config.HostPort;
import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.LinuxException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Loads STUN servers and checks every answer. */
public final class StunLoad implements Workload {
    /** Together the rings remember the last two million requests: many seconds of any server's work. */
    private static final int REMEMBERED = 1 << 21;

    private static final int LEAST_RING = 1 << 10;
    private static final long STEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final StunSettings settings;
    private final long[] pids;

    /** A load that runs as {@code settings} say. */
    public StunLoad(StunSettings settings) {
        this.settings = settings;
        this.pids = settings.pids().stream().mapToLong(Long::longValue).toArray();
    }

    /**
     * Runs it once.
     *
     * @throws UserError when a target can't be reached, doesn't answer, or is no STUN server
     */
    @Override
    public Result run(Progress progress) throws LinuxException {
        List<Health> targets = targets();
        int sockets = settings.socketCount();
        FileLimit.require(sockets, sockets + " sockets");
        ProcessProbe server = ProcessProbe.of(pids);
        if (!server.alive()) {
            throw new UserError("pid " + settings.pids() + " is no running process: give the server's own");
        }
        Tally tally = new Tally(settings.duration());
        List<Flow> flows = flows(targets, tally);
        try (Engine engine =
                new Engine(flows, settings.shape().batch(), settings.shape().spin())) {
            StunResult result = measure(engine, flows, tally, server, progress);
            engine.drain();
            engine.checkTargets(true);
            return result.build(targets, server.alive());
        } finally {
            flows.forEach(Flow::close);
            progress.done();
        }
    }

    private StunResult measure(Engine engine, List<Flow> flows, Tally tally, ProcessProbe server, Progress progress)
            throws LinuxException {
        Engine.Ticks steps = new Steps(tally, progress);
        LoadShape shape = settings.shape();
        Pace pace = shape.isOpen()
                ? new Pace.Open(flows, shape.rate(), Clock.bootTimeNanos())
                : new Pace.Closed(shape.window(), flows.size());
        engine.drive(pace, after(settings.warmup()), steps);
        QuietWatch quiet = QuietWatch.start(pids);
        Costs start = Costs.now(engine, server);
        long untilNanos = after(settings.duration());
        tally.open(Clock.bootTimeNanos(), untilNanos);
        engine.drive(pace, untilNanos, steps);
        Costs costs = Costs.now(engine, server).since(start);
        return new StunResult(settings, tally, costs, quiet.stop());
    }

    private static long after(Duration duration) {
        return Clock.bootTimeNanos() + duration.toNanos();
    }

    private List<Health> targets() {
        List<Health> targets = new ArrayList<>();
        for (HostPort target : settings.targets()) {
            InetSocketAddress address = target.resolve();
            Targets.requireLocal(address, settings.allowRemote());
            targets.add(new Health(address));
        }
        return targets;
    }

    private List<Flow> flows(List<Health> targets, Tally tally) throws LinuxException {
        int count = settings.socketCount();
        int prefix = new SecureRandom().nextInt();
        RequestTemplate template = new RequestTemplate(settings.shape().form(), prefix);
        int segmentBytes = settings.shape().trains() ? template.length() : 0;
        Flow.Shared shared = new Flow.Shared(
                template,
                prefix,
                ByteBuffer.allocate(Engine.SLOT_BYTES),
                Math.max(LEAST_RING, Integer.highestOneBit(REMEMBERED / count)),
                settings.shape().batch(),
                tally);
        List<Flow> flows = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                flows.add(new Flow(i, OpenSocket.to(targets.get(i % targets.size()), segmentBytes), shared));
            }
            return flows;
        } catch (LinuxException | UserError failed) {
            flows.forEach(Flow::close);
            throw failed;
        }
    }

    /** One line a second. */
    private static final class Steps implements Engine.Ticks {
        private final Tally tally;
        private final Progress progress;
        private long nextNanos;
        private long seen;

        Steps(Tally tally, Progress progress) {
            this.tally = tally;
            this.progress = progress;
            this.nextNanos = Clock.bootTimeNanos() + STEP_NANOS;
        }

        @Override
        public void tick(long nowNanos) {
            if (nowNanos < nextNanos) {
                return;
            }
            double seconds = (nowNanos - nextNanos + STEP_NANOS) / 1e9;
            String rate = Unit.RESPONSES_PER_SECOND.format((tally.seen() - seen) / seconds);
            progress.step((tally.isOpen() ? "" : "warming up: ") + rate + ", lost " + tally.lost());
            seen = tally.seen();
            nextNanos = nowNanos + STEP_NANOS;
        }
    }
}
