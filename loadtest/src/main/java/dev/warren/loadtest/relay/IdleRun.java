package dev.warren.loadtest.relay;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.FileLimit;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Unit;
import dev.warren.loadtest.relay.RelaySettings.Idle;
import dev.warren.loadtest.relay.wire.Connection;
import dev.warren.loadtest.relay.wire.InboundFrames;
import dev.warren.loadtest.relay.wire.Loop;
import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.LinuxException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A crowd that does nothing, and what it costs the relay to have it. */
final class IdleRun {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int BATCH = 250;
    private static final int SHORTEST_WRITE = 4096;

    private final RelaySettings settings;
    private final Idle idle;
    private int lost;
    private @Nullable String firstLoss;

    IdleRun(RelaySettings settings, Idle idle) {
        this.settings = settings;
        this.idle = idle;
    }

    Result run(Progress progress) throws LinuxException {
        FileLimit.require(idle.clients(), idle.clients() + " clients");
        CostMeter meter = new CostMeter(settings.pid());
        try (Loop loop = new Loop(settings.target(), settings.trust(), SHORTEST_WRITE, Loop.Use.LOGINS)) {
            long before = meter.residentBytes();
            meter.start();
            List<Connection> clients = connect(loop, progress);
            Cost connecting = meter.stop();
            Connection.Owner watch = new Watch();
            clients.forEach(client -> client.hand(watch));
            progress.step(idle.clients() + " clients are logged in; letting the relay settle");
            rest(loop, settings.span().warmupNanos());
            meter.start();
            long with = meter.residentBytes();
            progress.step("watching what they cost when they do nothing");
            rest(loop, settings.span().durationNanos());
            Cost resting = meter.stop();
            return result(clients.getFirst().protection(), before, with, connecting, resting);
        } finally {
            progress.done();
        }
    }

    private List<Connection> connect(Loop loop, Progress progress) throws LinuxException {
        Crowd crowd = new Crowd(loop, settings.target());
        SecureRandom random = new SecureRandom();
        List<Connection> clients = new ArrayList<>();
        while (clients.size() < idle.clients()) {
            int more = Math.min(BATCH, idle.clients() - clients.size());
            clients.addAll(crowd.open(Crowd.keys(more, random), 0));
            progress.step(clients.size() + " of " + idle.clients() + " clients are logged in");
        }
        return clients;
    }

    private static void rest(Loop loop, long nanos) throws LinuxException {
        long until = Clock.bootTimeNanos() + nanos;
        while (Clock.bootTimeNanos() < until) {
            loop.turn(until);
        }
    }

    private Result result(String protection, long before, long with, Cost connecting, Cost resting) {
        Result.Builder result = Result.builder("relay", settings.target().toString())
                .setting("transport", protection)
                .setting("idle clients", idle.clients());
        CommonFigures.common(result, settings);
        result.figure("bytes per idle client", (with - before) / (double) idle.clients(), Unit.BYTES, Better.LOWER)
                .figure("server memory before", (double) before, Unit.BYTES, Better.LOWER)
                .figure("server memory with them", (double) with, Unit.BYTES, Better.LOWER)
                .figure("time to connect all", connecting.seconds() * NANOS_PER_SECOND, Unit.NANOS, Better.LOWER)
                .figure("connects", idle.clients() / connecting.seconds(), Unit.CONNECTS_PER_SECOND, Better.HIGHER)
                .figure(
                        "server CPU per connect",
                        connecting.serverCpuNanos() / (double) idle.clients(),
                        Unit.NANOS,
                        Better.LOWER)
                .figure("server cores when idle", resting.serverCores(), Unit.CORES, Better.LOWER);
        result.note(String.format(
                Locale.ROOT,
                "memory was read %d s after the last login; a runtime with garbage may give some back later",
                TimeUnit.NANOSECONDS.toSeconds(settings.span().warmupNanos())));
        result.figure("generator cores", resting.ownCores(), Unit.CORES, Better.NEITHER)
                .unclean(resting.complaints());
        if (lost > 0) {
            result.unclean(CommonFigures.times(lost, "idle client") + " cut off; the first one: " + firstLoss);
        }
        return result.build();
    }

    private final class Watch implements Connection.Owner {
        @Override
        public void opened(Connection connection) {
            // All of them are.
        }

        @Override
        public void packet(Connection connection, InboundFrames packet) {
            // Nobody sends.
        }

        @Override
        public void ended(Connection connection, String reason) {
            lost++;
            firstLoss = firstLoss == null ? reason : firstLoss;
        }
    }
}
