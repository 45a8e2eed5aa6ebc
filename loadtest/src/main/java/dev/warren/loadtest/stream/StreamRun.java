package dev.warren.loadtest.stream;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.LatencyCurve;
import dev.warren.loadtest.measure.ProcessProbe;
import dev.warren.loadtest.measure.QuietWatch;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Timeline;
import dev.warren.loadtest.measure.Unit;
import dev.warren.loadtest.tunnel.End;
import dev.warren.loadtest.tunnel.Iperf;
import dev.warren.loadtest.tunnel.IperfReport;
import dev.warren.loadtest.tunnel.PingReport;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.HdrHistogram.Histogram;

/** The stream and the ping beside it, and what there is to say about them. */
final class StreamRun {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double BYTES_PER_GB = 1e9;
    private static final int FIRST_PING_SECONDS = 20;
    private static final int PINGS_PER_SECOND = 100;
    private static final String PING_INTERVAL = "0.01";
    /** The stream has begun by then, and has not ended before the pings have. */
    private static final long PING_DELAY_MILLIS = 300;

    private static final int PINGS_SPARED = PINGS_PER_SECOND / 2;

    private final StreamSettings settings;
    private final RelayNetwork relay;
    private final StreamBed bed;
    private final Pair pair;
    private final ProcessProbe relayProbe;
    private final ProcessProbe endsProbe;
    private final Iperf iperf;

    StreamRun(StreamSettings settings, RelayNetwork relay, StreamBed bed, Pair pair) {
        this.settings = settings;
        this.relay = relay;
        this.bed = bed;
        this.pair = pair;
        this.relayProbe = ProcessProbe.of(settings.pid());
        this.endsProbe = ProcessProbe.of(pair.pids());
        this.iperf = new Iperf(bed.left(), bed.right(), pair.address());
    }

    /** What a step's CPU and counters were at one moment. */
    record Moment(long relayNanos, long endsNanos, long ownNanos, long forwarded, Pair.Counts counts) {}

    /** Waits until the ends reach each other, and lets a stream run that does not count. */
    void warmUp() throws IOException, InterruptedException {
        PingReport first = ping("-c", "1", "-w", Integer.toString(FIRST_PING_SECONDS));
        if (first.nanos().isEmpty()) {
            throw new IOException(
                    "the ends did not reach each other through the relay within " + FIRST_PING_SECONDS + " s");
        }
        pair.settle();
        if (settings.warmUpSeconds() > 0) {
            iperf.run(settings.warmUpSeconds(), List.of());
        }
    }

    /** Measures; an IOException when what was measured did not go through the relay. */
    void measure(Result.Builder result) throws IOException, InterruptedException {
        QuietWatch watch = QuietWatch.start(settings.pid());
        Moment before = now();
        FutureTask<PingReport> beside = inBackground(this::pingBeside);
        IperfReport stream = iperf.run(settings.seconds(), List.of());
        Moment after = now();
        PingReport pings = await(beside);
        result.unclean(watch.stop().complaints());
        long relayed = requireRelayed(before, after, stream);
        figures(result, stream, pings);
        costs(result, stream, before, after);
        result.figure("through the relay", (double) relayed, Unit.BYTES, Better.NEITHER);
        double droppedBefore = after.counts.droppedBefore() - before.counts.droppedBefore();
        double droppedBehind = after.counts.droppedBehind() - before.counts.droppedBehind();
        result.figure("dropped in front of the relay", droppedBefore, Unit.COUNT, Better.LOWER)
                .figure("dropped behind the relay", droppedBehind, Unit.COUNT, Better.LOWER);
    }

    private Moment now() throws IOException {
        return new Moment(
                relayProbe.cpuNanos(),
                endsProbe.cpuNanos(),
                ProcessProbe.ownCpuNanos(),
                relay.forwardedPackets(),
                pair.counts());
    }

    /** The bytes that came out of the relay at the right end, which are at least those of the stream. */
    static long requireRelayed(Moment before, Moment after, IperfReport stream) throws IOException {
        long relayed = after.counts.relayedBytes() - before.counts.relayedBytes();
        long past = after.forwarded - before.forwarded;
        if (relayed < stream.receivedBytes() || past > 0) {
            throw new IOException("not all of the stream went through the relay: " + stream.receivedBytes()
                    + " bytes arrived, of which the ends had " + relayed + " from the relay, and " + past
                    + " packets were forwarded past it");
        }
        return relayed;
    }

    private void figures(Result.Builder result, IperfReport stream, PingReport pings) {
        Histogram latency = pings.histogram();
        result.figure("TCP 1 stream", stream.bitsPerSecond(), Unit.BITS_PER_SECOND, Better.HIGHER)
                .figure("TCP retransmits", (double) stream.retransmits(), Unit.COUNT, Better.LOWER)
                .figures(LatencyCurve.figures("ping beside", latency))
                .curve(LatencyCurve.of("ping beside", latency))
                .figure("pings lost", (double) pings.lost(), Unit.COUNT, Better.LOWER)
                .timeline(new Timeline("TCP 1 stream", Unit.BITS_PER_SECOND, stream.bitsPerInterval(), 1));
    }

    private void costs(Result.Builder result, IperfReport stream, Moment before, Moment after) {
        double gb = stream.receivedBytes() / BYTES_PER_GB;
        double relaySeconds = (after.relayNanos - before.relayNanos) / NANOS_PER_SECOND;
        // Adapters are threads of this process; the kernel counts iperf3 and ping to it too, once they have ended.
        double endsSeconds = (after.endsNanos - before.endsNanos) / NANOS_PER_SECOND;
        double ownSeconds = (after.ownNanos - before.ownNanos) / NANOS_PER_SECOND;
        result.figure("server CPU per GB", relaySeconds / gb, Unit.CPU_PER_GB, Better.LOWER)
                .figure("server cores", relaySeconds / stream.seconds(), Unit.CORES, Better.NEITHER)
                .figure("ends' cores", endsSeconds / stream.seconds(), Unit.CORES, Better.NEITHER)
                .figure("generator cores", ownSeconds / stream.seconds(), Unit.CORES, Better.NEITHER);
    }

    private PingReport pingBeside() throws IOException, InterruptedException {
        Thread.sleep(PING_DELAY_MILLIS);
        int count = settings.seconds() * PINGS_PER_SECOND - PINGS_SPARED;
        return ping("-i", PING_INTERVAL, "-c", Integer.toString(count), "-W", "2");
    }

    private PingReport ping(String... options) throws IOException, InterruptedException {
        End left = bed.left();
        List<String> command = new java.util.ArrayList<>(
                List.of("timeout", Integer.toString(settings.seconds() + FIRST_PING_SECONDS + 2), "ping", "-n"));
        command.addAll(List.of(options));
        command.add(pair.address());
        return PingReport.parse(Iperf.output(left.on(command)));
    }

    private static <T> FutureTask<T> inBackground(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        Thread.ofVirtual().name("ping-beside").start(future);
        return future;
    }

    private static <T> T await(FutureTask<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            throw new IOException("the ping beside the stream failed: " + failed.getCause(), failed);
        }
    }
}
