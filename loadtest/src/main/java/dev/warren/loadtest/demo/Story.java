package dev.warren.loadtest.demo;

import dev.warren.node.control.NodeStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/** The whole story that {@code warren demo --check} tells, on a running mesh. */
final class Story {
    private static final long DIRECT_LIMIT_MILLIS = 15_000;
    private static final long ANSWER_LIMIT_MILLIS = 10_000;
    /** How long a ping may be silent when a path is lost. */
    private static final long SILENCE_LIMIT_MILLIS = 10_000;
    /** A healed path is found again by the agents' regular tries. */
    private static final long HEAL_LIMIT_MILLIS = 45_000;

    private static final long TRANSFER_BYTES = 100_000_000;
    private static final Duration TRANSFER_LIMIT = Duration.ofSeconds(45);
    private static final long SETTLE_MILLIS = 1_500;
    private static final long POLL_MILLIS = 20;
    private static final String DIRECT = "direct";
    private static final String RELAY = "relay";

    private final Mesh mesh;
    private final Internet internet;
    private final Checklist list;

    Story(Mesh mesh, Internet internet, Checklist list) {
        this.mesh = mesh;
        this.internet = internet;
        this.list = list;
    }

    /** Checks everything that can be checked while the mesh runs. */
    void run() {
        list.line("a - b: direct through both NATs", this::directThroughNats);
        list.line("a - d: direct over the LAN", this::directOverLan);
        for (String other : List.of("a", "b", "d")) {
            list.line(other + " - c: through the relay, over TCP", () -> relayed(other));
        }
        list.line("a - b: UDP cut, a running ping goes on", this::cutAndHeal);
        list.line("a - c: relay killed and started again", this::relayRestart);
        list.line("100 MB over TCP, a to b (two NATs)", () -> transfer("a", "b", DIRECT));
        list.line("100 MB over TCP, a to d (LAN)", () -> transfer("a", "d", DIRECT));
        list.line("100 MB over TCP, a to c (relay)", () -> transfer("a", "c", RELAY));
        list.line("wg show agrees with warren status", this::wireGuardAgrees);
    }

    private String directThroughNats() throws IOException {
        Machine a = mesh.machine("a");
        try (PingProbe ping = PingProbe.start(a, address("a", "b"))) {
            NodeStatus.Peer b = await("a", "b", peer -> peer.path().equals(DIRECT), DIRECT_LIMIT_MILLIS);
            double directSeconds = (System.nanoTime() - ping.startedNanos()) / 1e9;
            double firstSeconds = (ping.awaitAnswer(0, ANSWER_LIMIT_MILLIS) - ping.startedNanos()) / 1e9;
            NodeStatus.Peer back = await("b", "a", peer -> peer.path().equals(DIRECT), DIRECT_LIMIT_MILLIS);
            expectAddress(b, Internet.HOME_OF_B);
            expectAddress(back, Internet.HOME_OF_A);
            return String.format(
                    Locale.ROOT,
                    "%s and %s; first answer %.2f s, direct %.2f s after the first packet",
                    String.valueOf(b.address()),
                    String.valueOf(back.address()),
                    firstSeconds,
                    directSeconds);
        }
    }

    private String directOverLan() throws IOException {
        try (PingProbe ping = PingProbe.start(mesh.machine("a"), address("a", "d"))) {
            NodeStatus.Peer d = await(
                    "a",
                    "d",
                    peer -> peer.path().equals(DIRECT) && isAt(peer, Internet.D_ON_THE_LAN),
                    DIRECT_LIMIT_MILLIS);
            double seconds = (System.nanoTime() - ping.startedNanos()) / 1e9;
            ping.awaitAnswer(0, ANSWER_LIMIT_MILLIS);
            return String.format(
                    Locale.ROOT, "%s, %.2f s after the first packet", String.valueOf(d.address()), seconds);
        }
    }

    private String relayed(String other) throws IOException {
        try (PingProbe ping = PingProbe.start(mesh.machine(other), address(other, "c"))) {
            long answer = ping.awaitAnswer(0, ANSWER_LIMIT_MILLIS);
            // Long enough for a direct path to be found, were there one.
            Service.pause(SETTLE_MILLIS);
            NodeStatus.Peer c = await(other, "c", peer -> peer.path().equals(RELAY), ANSWER_LIMIT_MILLIS);
            return String.format(
                    Locale.ROOT,
                    "relay %d, %s; first answer after %.2f s",
                    c.relayRegion(),
                    latency(c),
                    (answer - ping.startedNanos()) / 1e9);
        }
    }

    private String cutAndHeal() throws IOException {
        try (PingProbe ping = PingProbe.start(mesh.machine("a"), address("a", "b"))) {
            ping.awaitAnswer(0, ANSWER_LIMIT_MILLIS);
            await("a", "b", peer -> peer.path().equals(DIRECT), DIRECT_LIMIT_MILLIS);
            long cut = System.nanoTime();
            internet.cut();
            String silence;
            try {
                await("a", "b", peer -> peer.path().equals(RELAY), SILENCE_LIMIT_MILLIS);
                ping.awaitAnswer(System.nanoTime(), SILENCE_LIMIT_MILLIS);
                silence = silence(ping, cut);
                Service.pause(SETTLE_MILLIS);
                await("a", "b", peer -> peer.path().equals(RELAY), 0);
            } finally {
                internet.heal();
            }
            long healed = System.nanoTime();
            await("a", "b", peer -> peer.path().equals(DIRECT), HEAL_LIMIT_MILLIS);
            double directSeconds = (System.nanoTime() - healed) / 1e9;
            ping.awaitAnswer(System.nanoTime(), ANSWER_LIMIT_MILLIS);
            return String.format(
                    Locale.ROOT,
                    "silent for %s, then by relay; direct again %.1f s after the cut healed",
                    silence,
                    directSeconds);
        }
    }

    private String relayRestart() throws IOException {
        try (PingProbe ping = PingProbe.start(mesh.machine("a"), address("a", "c"))) {
            ping.awaitAnswer(0, ANSWER_LIMIT_MILLIS);
            mesh.killRelay();
            Service.pause(SETTLE_MILLIS);
            long restart = System.nanoTime();
            mesh.startRelay();
            double listening = (System.nanoTime() - restart) / 1e9;
            double reachable = (ping.awaitAnswer(restart, SILENCE_LIMIT_MILLIS) - restart) / 1e9;
            return String.format(
                    Locale.ROOT,
                    "c answered %.1f s after the start (the relay listened after %.1f s)",
                    reachable,
                    listening);
        }
    }

    private String transfer(String from, String to, String path) throws IOException {
        Transfer.Outcome outcome =
                Transfer.run(mesh.machine(from), mesh.machine(to), address(from, to), TRANSFER_BYTES, TRANSFER_LIMIT);
        if (!outcome.sent().equals(outcome.received())) {
            throw new IOException(
                    "SHA-256 of what was sent is " + outcome.sent() + ", of what arrived " + outcome.received());
        }
        NodeStatus.Peer peer = await(from, to, known -> known.path().equals(path), ANSWER_LIMIT_MILLIS);
        return String.format(
                Locale.ROOT,
                "%.1f s, %.0f Mbit/s, SHA-256 %s..., path %s",
                outcome.durationNanos() / 1e9,
                outcome.megabitsPerSecond(),
                outcome.received().substring(0, 8),
                peer.path());
    }

    private String wireGuardAgrees() throws IOException {
        int peers = 0;
        for (String name : Mesh.NAMES) {
            peers += WireGuardView.compare(mesh.machine(name));
        }
        return String.format(
                Locale.ROOT, "%d peers on %d nodes: keys, endpoints, addresses, bytes", peers, Mesh.NAMES.size());
    }

    /** Waits until what {@code machine} says about {@code peer} satisfies {@code wanted}. */
    private NodeStatus.Peer await(String machine, String peer, Predicate<NodeStatus.Peer> wanted, long limitMillis)
            throws IOException {
        long end = System.nanoTime() + limitMillis * 1_000_000;
        while (true) {
            NodeStatus.Peer known = PairTable.peer(mesh.machine(machine).status(), peer);
            if (known != null && wanted.test(known)) {
                return known;
            }
            if (System.nanoTime() > end) {
                throw new IOException(String.format(
                        Locale.ROOT,
                        "not so within %.0f s; %s says: %s",
                        limitMillis / 1e3,
                        machine,
                        String.valueOf(known)));
            }
            mesh.mustRun();
            Service.pause(POLL_MILLIS);
        }
    }

    /** The first mesh address of {@code peer}, as {@code machine} knows it. */
    private String address(String machine, String peer) throws IOException {
        NodeStatus.Peer known = await(machine, peer, found -> !found.addresses().isEmpty(), ANSWER_LIMIT_MILLIS);
        return Machine.bare(known.addresses().getFirst());
    }

    private static String silence(PingProbe ping, long sinceNanos) throws IOException {
        long silentNanos = ping.longestSilenceNanos(sinceNanos);
        if (silentNanos > SILENCE_LIMIT_MILLIS * 1_000_000) {
            throw new IOException(String.format(Locale.ROOT, "the ping was silent for %.1f s", silentNanos / 1e9));
        }
        return String.format(Locale.ROOT, "%.1f s", silentNanos / 1e9);
    }

    private static void expectAddress(NodeStatus.Peer peer, String host) throws IOException {
        if (!isAt(peer, host)) {
            throw new IOException(peer.name() + " was expected at " + host + " but is at " + peer.address());
        }
    }

    private static boolean isAt(NodeStatus.Peer peer, String host) {
        String address = peer.address();
        return address != null && address.startsWith(host + ":");
    }

    private static String latency(NodeStatus.Peer peer) {
        Double millis = peer.latencyMillis();
        return millis == null ? "latency not measured" : String.format(Locale.ROOT, "%.1f ms", millis);
    }
}
