package dev.warren.loadtest.tunnel;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Unit;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What a flood of handshakes leaves of a stream at the flooded (right) end, how long new peers wait for their first answer
 * meanwhile, and what memory it costs.
 *
 * <p>What sends the flood, and what the kernel does with each packet, take their time from all others; without a rate it is
 * a core. So the same packets are sent to another port first, where a socket is open and nobody reads: what the stream loses
 * beyond that is what the implementation makes of a flood.
 */
final class Siege {
    private static final int PORT = PeerText.PORT;
    private static final int SILENT_PORT = PORT + 1;
    private static final int NEWCOMERS = 8;
    /** Two tries of WireGuard's, five seconds apart, and the third. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(12);

    private static final double PROMPT_NANOS = 2e9;
    private static final long BETWEEN_MILLIS = 250;
    private static final long AFTER_MILLIS = 2000;
    private static final long LOOK_MILLIS = 50;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int PERCENT = 100;

    private final Round round;
    private final TestBed bed;
    private final TunnelSettings settings;
    private final IpPrefix sources;
    private final boolean isIpv6;
    private final Iperf iperf;

    Siege(Round round, TestBed bed) {
        this.round = round;
        this.bed = bed;
        this.settings = round.settings();
        this.sources = settings.flood().from();
        this.isIpv6 = sources.address() instanceof Inet6Address;
        this.iperf = new Iperf(bed.left(), bed.right(), bed.right().innerAddress());
    }

    /** Whether a flood from {@code block} would have addresses of the bed's. */
    static boolean overlaps(IpPrefix block) {
        List<IpPrefix> own = List.of(
                IpPrefix.parse("10.0.0.0/8"),
                IpPrefix.parse("127.0.0.0/8"), //
                IpPrefix.parse("172.16.0.0/12"),
                IpPrefix.parse("fd09::/16"));
        return own.stream().anyMatch(one -> one.contains(block.address()) || block.contains(one.address()));
    }

    void run() throws IOException, InterruptedException {
        round.tell("starting both ends of the siege");
        try (End flooder = bed.neighbour(3);
                End village = bed.neighbour(4);
                NodePrivateKey nearKey = NodePrivateKey.generate(round.random());
                NodePrivateKey farKey = NodePrivateKey.generate(round.random());
                Daemon near = Daemon.start(settings.ends().near(), bed.left());
                Daemon far = Daemon.start(settings.ends().far(), bed.right())) {
            lay(flooder, village);
            List<Newcomer> newcomers = new ArrayList<>();
            for (int i = 0; i < NEWCOMERS; i++) {
                newcomers.add(Newcomer.open(
                        village,
                        address(villageNetwork(i), 2),
                        new InetSocketAddress(address(villageNetwork(i), 1), PORT),
                        farKey.publicKey()));
            }
            try {
                List<NodePublicKey> keys =
                        newcomers.stream().map(Newcomer::publicKey).toList();
                bed.right()
                        .configure(new PeerText(farKey)
                                .peer(nearKey.publicKey(), bed.left().innerAddress(), "")
                                .peers(keys)
                                .toString());
                bed.left()
                        .configure(new PeerText(nearKey)
                                .peer(
                                        farKey.publicKey(),
                                        bed.right().innerAddress(),
                                        bed.right().outerAddress() + ":" + PORT)
                                .toString());
                bed.left().address();
                bed.right().address();
                measure(
                        new long[] {near.processId(), far.processId()},
                        far,
                        new Attack(flooder, farKey.publicKey()),
                        newcomers);
            } finally {
                newcomers.forEach(Newcomer::close);
            }
        }
    }

    private void measure(long[] daemons, Daemon far, Attack attack, List<Newcomer> newcomers)
            throws IOException, InterruptedException {
        if (settings.warmUpSeconds() > 0) {
            round.tell("warming up");
            stream(settings.warmUpSeconds());
            // A JVM compiles what handshakes take in the first seconds of the first flood.
            try (HandshakeFlood _ = attack.on(PORT)) {
                stream(settings.warmUpSeconds());
            }
        }
        Findings findings = round.findings();
        IperfReport quiet = round.watched("stream without a flood", daemons, () -> stream(settings.seconds()));
        findings.figure("TCP 1 stream, no flood", quiet.bitsPerSecond(), Unit.BITS_PER_SECOND, Better.HIGHER);
        IperfReport beside = round.watched("stream beside a flood of nobody", daemons, () -> besideSilence(attack));
        findings.figure(
                "TCP 1 stream, flood to a port that nobody reads",
                beside.bitsPerSecond(),
                Unit.BITS_PER_SECOND,
                Better.HIGHER);
        long before = far.probe().residentBytes();
        findings.figure("RSS before the flood", (double) before, Unit.BYTES, Better.LOWER);
        IperfReport under = round.watched("stream under the flood", daemons, () -> underAttack(attack, newcomers, far));
        findings.figure("TCP 1 stream, flooded", under.bitsPerSecond(), Unit.BITS_PER_SECOND, Better.HIGHER);
        findings.figure(
                "of the stream without a flood",
                PERCENT * under.bitsPerSecond() / quiet.bitsPerSecond(),
                Unit.PERCENT,
                Better.HIGHER);
        findings.figure(
                "of the stream beside a port that nobody reads",
                PERCENT * under.bitsPerSecond() / beside.bitsPerSecond(),
                Unit.PERCENT,
                Better.HIGHER);
        Thread.sleep(AFTER_MILLIS);
        findings.figure("RSS after the flood", (double) far.probe().residentBytes(), Unit.BYTES, Better.LOWER);
    }

    private IperfReport stream(int seconds) throws IOException, InterruptedException {
        return iperf.run(seconds, List.of());
    }

    private IperfReport besideSilence(Attack attack) throws IOException, InterruptedException {
        InetSocketAddress silent = new InetSocketAddress(isIpv6 ? "::" : "0.0.0.0", SILENT_PORT);
        try (DatagramSocket _ = bed.right().network().call(() -> new DatagramSocket(silent));
                HandshakeFlood flood = attack.on(SILENT_PORT)) {
            long startNanos = System.nanoTime();
            IperfReport report = stream(settings.seconds());
            rate("flood to a port that nobody reads", flood, startNanos);
            return report;
        }
    }

    private IperfReport underAttack(Attack attack, List<Newcomer> newcomers, Daemon far)
            throws IOException, InterruptedException {
        AtomicBoolean isOver = new AtomicBoolean();
        try (HandshakeFlood flood = attack.on(PORT);
                ExecutorService crew = Executors.newThreadPerTaskExecutor(
                        Thread.ofPlatform().name("siege-", 0).factory())) {
            long startNanos = System.nanoTime();
            Future<Long> memory = crew.submit(() -> mostResident(far, isOver));
            List<Future<Long>> answers = new ArrayList<>();
            for (int i = 0; i < newcomers.size(); i++) {
                answers.add(crew.submit(arrival(newcomers.get(i), (i + 1) * BETWEEN_MILLIS)));
            }
            try {
                IperfReport report = stream(settings.seconds());
                rate("flood", flood, startNanos);
                newcomers(answers);
                return report;
            } finally {
                isOver.set(true);
                round.findings().figure("RSS under the flood, most", (double) get(memory), Unit.BYTES, Better.LOWER);
            }
        }
    }

    private static Callable<Long> arrival(Newcomer newcomer, long afterMillis) {
        return () -> {
            Thread.sleep(afterMillis);
            return newcomer.shakeHands(PATIENCE_NANOS);
        };
    }

    /** Those that never got an answer count as if it had come when they gave up. */
    private void newcomers(List<Future<Long>> answers) throws IOException, InterruptedException {
        List<Double> nanos = new ArrayList<>();
        for (Future<Long> answer : answers) {
            long took = get(answer);
            nanos.add((double) (took < 0 ? PATIENCE_NANOS : took));
        }
        Findings findings = round.findings();
        long prompt = nanos.stream().filter(took -> took <= PROMPT_NANOS).count();
        findings.figure("new peers answered within 2 s, of " + NEWCOMERS, (double) prompt, Unit.COUNT, Better.HIGHER);
        findings.figure("new peer's first answer p50", Findings.median(nanos), Unit.NANOS, Better.LOWER);
        findings.figure(
                "new peer's first answer max",
                nanos.stream().max(Double::compare).orElse(0.0),
                Unit.NANOS,
                Better.LOWER);
    }

    private void rate(String name, HandshakeFlood flood, long startNanos) {
        double seconds = (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
        round.findings().figure(name, flood.sent() / seconds, Unit.PACKETS_PER_SECOND, Better.HIGHER);
        if (flood.failure() != null) {
            throw new UserError("the flood ended early: " + flood.failure());
        }
    }

    private static long mostResident(Daemon daemon, AtomicBoolean isOver) throws InterruptedException {
        long most = 0;
        while (!isOver.get()) {
            most = Math.max(most, daemon.probe().residentBytes());
            Thread.sleep(LOOK_MILLIS);
        }
        return most;
    }

    private static <T> T get(Future<T> future) throws IOException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            throw new IOException("a part of the siege failed: " + failed.getMessage(), failed);
        }
    }

    /** Addresses on the cables to the flooder and to the new peers, each of these in a network of its own. */
    private void lay(End flooder, End village) throws IOException {
        address(bed.right(), "eth3", address(floodNetwork(), 1));
        address(flooder, "eth0", address(floodNetwork(), 2));
        bed.right()
                .run(
                        "ip",
                        "route",
                        "add",
                        sources.toString(),
                        "via",
                        address(floodNetwork(), 2).getHostAddress());
        for (int i = 0; i < NEWCOMERS; i++) {
            address(bed.right(), "eth4", address(villageNetwork(i), 1));
            address(village, "eth0", address(villageNetwork(i), 2));
        }
    }

    private void address(End end, String link, InetAddress address) throws IOException {
        List<String> command = new ArrayList<>(
                List.of("ip", "address", "add", address.getHostAddress() + (isIpv6 ? "/64" : "/24"), "dev", link));
        if (isIpv6) {
            command.add("nodad");
        }
        end.run(command.toArray(String[]::new));
    }

    private String floodNetwork() {
        return isIpv6 ? "fd09:300::" : "10.9.3.";
    }

    private String villageNetwork(int number) {
        return isIpv6 ? "fd09:" + (400 + number) + "::" : "172." + (16 + number) + ".0.";
    }

    private static InetAddress address(String network, int host) {
        return InetAddress.ofLiteral(network + host);
    }

    /** Who floods, and whose key is in the messages. */
    private final class Attack {
        private final End from;
        private final NodePublicKey key;

        Attack(End from, NodePublicKey key) {
            this.from = from;
            this.key = key;
        }

        HandshakeFlood on(int port) throws IOException {
            InetSocketAddress target = new InetSocketAddress(address(floodNetwork(), 1), port);
            long limitNanos = TimeUnit.SECONDS.toNanos(settings.seconds() + 30L) + PATIENCE_NANOS;
            return HandshakeFlood.start(
                    from,
                    sources,
                    target,
                    key,
                    settings.flood().perSecond(),
                    limitNanos,
                    new SplittableRandom(round.random().nextLong()));
        }
    }
}
