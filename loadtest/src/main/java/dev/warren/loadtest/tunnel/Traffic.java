package dev.warren.loadtest.tunnel;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Timeline;
import dev.warren.loadtest.measure.Unit;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What is measured with traffic through a tunnel: TCP, UDP, pings, and the first ping of all. */
final class Traffic {
    private static final int FIRST_PING_SECONDS = 10;
    private static final int PINGS_PER_SECOND = 500;
    private static final int PACED_BYTES = 1300;
    private static final int SMALL_BYTES = 64;
    private static final double BYTES_PER_GB = 1e9;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long SETTLE_MILLIS = 500;

    private final Round round;
    private final TestBed bed;
    private final TunnelSettings settings;
    private final Iperf iperf;
    private final CpuTally tally = new CpuTally();

    Traffic(Round round, TestBed bed) {
        this.round = round;
        this.bed = bed;
        this.settings = round.settings();
        this.iperf = new Iperf(bed.left(), bed.right(), bed.right().innerAddress());
    }

    void run() throws IOException, InterruptedException {
        round.tell("starting both ends");
        try (Daemon near = Daemon.start(settings.ends().near(), bed.left());
                Daemon far = Daemon.start(settings.ends().far(), bed.right())) {
            Keys keys = connect();
            if (round.wants(Part.MEMORY)) {
                Thread.sleep(SETTLE_MILLIS);
                resident("RSS idle", near, far);
            }
            firstPing(new long[] {near.processId(), far.processId()});
            warmUp(keys);
            load(near, far);
        }
    }

    private void warmUp(Keys keys) throws IOException, InterruptedException {
        round.tell("warming up");
        TunnelSettings.Ends ends = settings.ends();
        HandshakePractice.run(bed.right(), bed.left(), keys.left(), ends.near().name(), round.random());
        HandshakePractice.run(bed.left(), bed.right(), keys.right(), ends.far().name(), round.random());
        if (round.wants(Part.TCP, Part.UDP, Part.PING) && settings.warmUpSeconds() > 0) {
            iperf.run(settings.warmUpSeconds(), List.of("-P", "4"));
            iperf.run(settings.warmUpSeconds(), List.of("-P", "4", "-R"));
        }
    }

    private void load(Daemon near, Daemon far) throws IOException, InterruptedException {
        long[] daemons = {near.processId(), far.processId()};
        if (round.wants(Part.PING)) {
            pings(daemons);
        }
        if (round.wants(Part.TCP)) {
            tcp("TCP 1 stream", List.of(), near, far);
            tcp("TCP 1 stream reverse", List.of("-R"), far, near);
            tcp("TCP 4 streams", List.of("-P", "4"), near, far);
            tcp("TCP 4 streams reverse", List.of("-P", "4", "-R"), far, near);
            tally.report(round.findings());
        }
        if (round.wants(Part.UDP)) {
            udp(daemons);
        }
        if (round.wants(Part.MEMORY) && round.wants(Part.TCP, Part.UDP)) {
            resident("RSS after load", near, far);
        }
    }

    private Keys connect() throws IOException {
        try (NodePrivateKey left = NodePrivateKey.generate(round.random());
                NodePrivateKey right = NodePrivateKey.generate(round.random())) {
            configure(bed.left(), left, bed.right(), right);
            configure(bed.right(), right, bed.left(), left);
            return new Keys(left.publicKey(), right.publicKey());
        }
    }

    private static void configure(End end, NodePrivateKey key, End other, NodePrivateKey otherKey) throws IOException {
        String endpoint = other.outerAddress() + ":" + PeerText.PORT;
        end.configure(new PeerText(key)
                .peer(otherKey.publicKey(), other.innerAddress(), endpoint)
                .toString());
        end.address();
    }

    /** The first ping waits for the handshake, the first of both processes. */
    private void firstPing(long[] daemons) throws IOException, InterruptedException {
        String limit = Integer.toString(FIRST_PING_SECONDS);
        PingReport first = round.watched("first ping", daemons, () -> ping(1, "-W", limit));
        if (first.nanos().isEmpty()) {
            throw new UserError(settings.ends().subject() + ": no handshake was completed within " + FIRST_PING_SECONDS
                    + " s, as no ping came through the tunnel");
        }
        if (round.wants(Part.HANDSHAKE)) {
            round.findings()
                    .figure("first ping, with handshake", (double) first.nanos().getFirst(), Unit.NANOS, Better.LOWER);
        }
    }

    private void pings(long[] daemons) throws IOException, InterruptedException {
        PingReport report =
                round.watched("ping", daemons, () -> ping(settings.seconds() * PINGS_PER_SECOND, "-i", "0.002"));
        round.findings().latency("ping", report.histogram());
        round.findings().figure("pings lost", report.lost(), Unit.COUNT, Better.LOWER);
    }

    private PingReport ping(int count, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "timeout",
                Integer.toString(settings.seconds() + 2 * FIRST_PING_SECONDS),
                "ping",
                "-n",
                "-c",
                Integer.toString(count)));
        command.addAll(List.of(options));
        command.add(bed.right().innerAddress());
        return PingReport.parse(Iperf.output(bed.left().on(command)));
    }

    private void tcp(String name, List<String> options, Daemon sender, Daemon receiver)
            throws IOException, InterruptedException {
        long[] daemons = {sender.processId(), receiver.processId()};
        IperfReport report = round.watched(name, daemons, () -> {
            long sentNanos = sender.probe().cpuNanos();
            long receivedNanos = receiver.probe().cpuNanos();
            IperfReport ran = iperf.run(settings.seconds(), options);
            tally.add(
                    ran.receivedBytes(),
                    sender.probe().cpuNanos() - sentNanos,
                    receiver.probe().cpuNanos() - receivedNanos);
            return ran;
        });
        round.findings().figure(name, report.bitsPerSecond(), Unit.BITS_PER_SECOND, Better.HIGHER);
        round.findings().timeline(new Timeline(name, Unit.BITS_PER_SECOND, report.bitsPerInterval(), 1));
    }

    private void udp(long[] daemons) throws IOException, InterruptedException {
        Findings findings = round.findings();
        String paced = "UDP 1300 B at 150 Mbit/s";
        IperfReport steady = round.watched(paced, daemons, () -> datagrams(PACED_BYTES, "150M"));
        double lost = steady.lost(PACED_BYTES);
        findings.figure(paced + " loss", 100 * lost / Math.max(1, steady.sentPackets()), Unit.PERCENT, Better.LOWER);
        findings.figure(paced + " lost", lost, Unit.COUNT, Better.LOWER);

        IperfReport large = round.watched("UDP 1300 B overload", daemons, () -> datagrams(PACED_BYTES, "0"));
        findings.figure("UDP 1300 B delivered", large.bitsPerSecond(), Unit.BITS_PER_SECOND, Better.HIGHER);
        IperfReport small = round.watched("UDP 64 B overload", daemons, () -> datagrams(SMALL_BYTES, "0"));
        findings.figure(
                "UDP 64 B delivered",
                small.bitsPerSecond() / (8 * SMALL_BYTES),
                Unit.PACKETS_PER_SECOND,
                Better.HIGHER);
    }

    private IperfReport datagrams(int bytes, String rate) throws IOException, InterruptedException {
        return iperf.run(settings.seconds(), List.of("-u", "-l", Integer.toString(bytes), "-b", rate));
    }

    /** The larger of both ends. */
    private void resident(String name, Daemon near, Daemon far) {
        long bytes = Math.max(near.probe().residentBytes(), far.probe().residentBytes());
        round.findings().figure(name, (double) bytes, Unit.BYTES, Better.LOWER);
    }

    /** Who the ends are. */
    private record Keys(NodePublicKey left, NodePublicKey right) {}

    /** What the daemons' CPUs paid for TCP, by who sent and who received. */
    private static final class CpuTally {
        private long bytes;
        private long senderNanos;
        private long receiverNanos;

        void add(long moreBytes, long moreSenderNanos, long moreReceiverNanos) {
            bytes += moreBytes;
            senderNanos += moreSenderNanos;
            receiverNanos += moreReceiverNanos;
        }

        void report(Findings findings) {
            findings.figure(
                    "CPU per GB (both daemons)", perGb(senderNanos + receiverNanos), Unit.CPU_PER_GB, Better.LOWER);
            findings.figure("CPU per GB, sending daemon", perGb(senderNanos), Unit.CPU_PER_GB, Better.LOWER);
            findings.figure("CPU per GB, receiving daemon", perGb(receiverNanos), Unit.CPU_PER_GB, Better.LOWER);
        }

        private double perGb(long nanos) {
            return nanos / NANOS_PER_SECOND / (bytes / BYTES_PER_GB);
        }
    }
}
