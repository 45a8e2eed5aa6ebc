package dev.warren.loadtest.relay;

import dev.warren.loadtest.relay.RelaySettings.Traffic;
import dev.warren.loadtest.relay.wire.Connection;
import dev.warren.loadtest.relay.wire.Loop;
import dev.warren.platform.linux.LinuxException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One thread's share of the traffic: its clients, logged in, and the engine that drives them. */
final class Worker implements Share<Tally> {
    /** Small, so that the relay soon has to deal with what a slow receiver does not read. */
    private static final int SLOW_BUFFER_BYTES = 16 << 10;

    private final RelaySettings settings;
    private final Traffic traffic;
    private final int index;
    private final RandomGenerator random = new SecureRandom();
    private @Nullable Loop loop;
    private volatile @Nullable Engine engine;

    Worker(RelaySettings settings, Traffic traffic, int index) {
        this.settings = settings;
        this.traffic = traffic;
        this.index = index;
    }

    @Override
    public void prepare() throws LinuxException {
        Loop ours = new Loop(
                settings.target(),
                settings.trust(),
                BurstWriter.longest(traffic.packets(), traffic.burst()),
                Loop.Use.PACKETS);
        loop = ours;
        Crowd crowd = new Crowd(ours, settings.target());
        List<Connection> slow = crowd.open(Crowd.keys(slowReceivers(), random), SLOW_BUFFER_BYTES);
        List<Connection> receivers = new ArrayList<>(slow);
        receivers.addAll(crowd.open(Crowd.keys(receivers() - slow.size(), random), 0));
        List<Flow> flows = flows(crowd, receivers, slow.size());
        var _ = crowd.open(Crowd.keys(idle(), random), 0);
        Engine ready = new Engine(
                ours,
                flows,
                traffic.pairs().count(),
                pacer(ours, flows),
                new SlowReaders(slow, traffic.slow().bytesPerSecond()),
                settings.span());
        crowd.all().forEach(client -> client.hand(ready));
        engine = ready;
    }

    @Override
    public Tally run(Schedule schedule) throws LinuxException {
        Engine ready = engine;
        if (ready == null) {
            throw new IllegalStateException("prepare comes first");
        }
        return ready.run(schedule);
    }

    @Override
    public long done() {
        Engine running = engine;
        return running == null ? 0 : running.delivered();
    }

    @Override
    public void close() {
        if (loop != null) {
            loop.close();
        }
    }

    private List<Flow> flows(Crowd crowd, List<Connection> receivers, int slow) throws LinuxException {
        int fanIn = traffic.pairs().fanIn();
        List<Flow> flows = new ArrayList<>();
        for (int i = 0; i < receivers.size(); i++) {
            int first = (index + i * settings.threads()) * fanIn;
            int count = Math.min(fanIn, traffic.pairs().count() - first);
            List<Connection> senders = crowd.open(Crowd.keys(count, random), 0);
            for (int j = 0; j < count; j++) {
                flows.add(new Flow(first + j, senders.get(j), receivers.get(i), i < slow));
            }
        }
        return flows;
    }

    private Pacer pacer(Loop ours, List<Flow> flows) {
        BurstWriter writer = new BurstWriter(ours.out(), traffic.packets(), traffic.burst(), random);
        return switch (traffic.pace()) {
            case RelaySettings.Closed closed -> new ClosedPacer(flows, writer, traffic.burst(), closed.window());
            case RelaySettings.Open open ->
                new OpenPacer(
                        flows,
                        writer,
                        traffic.burst(),
                        open.packetsPerSecond() * flows.size() / traffic.pairs().count());
        };
    }

    private int receivers() {
        return share(traffic.pairs().receivers());
    }

    private int slowReceivers() {
        return share(traffic.slow().receivers());
    }

    private int idle() {
        RelaySettings.Pairs pairs = traffic.pairs();
        return share(pairs.clients() - pairs.count() - pairs.receivers());
    }

    /** How many of {@code all}, dealt out to the threads in turn, are ours. */
    private int share(int all) {
        return Math.max(0, Math.ceilDiv(all - index, settings.threads()));
    }
}
