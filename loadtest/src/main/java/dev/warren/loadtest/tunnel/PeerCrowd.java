package dev.warren.loadtest.tunnel;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Unit;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.key.NodePrivateKey;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * What is measured of one daemon with many peers: the handshakes, which our own generator starts, and the memory they
 * cost. Each measurement has a process of its own at the right end.
 */
final class PeerCrowd {
    private static final long SETTLE_MILLIS = 500;
    private static final long CONFIRM_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long POLL_MILLIS = 50;

    private final Round round;
    private final TestBed bed;
    private final Implementation implementation;
    private final TunnelSettings.Crowd crowd;

    PeerCrowd(Round round, TestBed bed) {
        this.round = round;
        this.bed = bed;
        this.implementation = round.settings().ends().far();
        this.crowd = round.settings().crowd();
    }

    void run() throws IOException, InterruptedException {
        if (round.wants(Part.HANDSHAKE)) {
            coldHandshake();
        }
        sessions();
        if (round.wants(Part.MEMORY)) {
            configuredOnly();
        }
    }

    /** The first handshake in the life of a process. */
    private void coldHandshake() throws IOException, InterruptedException {
        try (NodePrivateKey key = NodePrivateKey.generate(round.random());
                Daemon daemon = Daemon.start(implementation, bed.right());
                Initiators one = initiators(1, key)) {
            configure(new PeerText(key).peers(one.publicKeys()));
            long nanos = round.watched("cold handshake", new long[] {daemon.processId()}, one::first);
            round.findings().figure("handshake cold", (double) nanos, Unit.NANOS, Better.LOWER);
        }
    }

    /** Many peers: configured, then in session. */
    private void sessions() throws IOException, InterruptedException {
        String count = String.format(Locale.ROOT, "%,d", crowd.sessions());
        round.tell(count + " peers are made");
        try (NodePrivateKey key = NodePrivateKey.generate(round.random());
                Daemon daemon = Daemon.start(implementation, bed.right());
                Initiators all = initiators(crowd.sessions(), key)) {
            configure(new PeerText(key));
            long empty = residentBytes(daemon);
            bed.right().configure(new PeerText(key).peers(all.publicKeys()).toString());
            memory("RSS of " + count + " peers configured", daemon, empty);
            if (round.wants(Part.HANDSHAKE)) {
                HandshakePractice.run(bed.left(), bed.right(), key.publicKey(), implementation.name(), round.random());
            }
            long[] daemons = {daemon.processId()};
            Histogram warm = round.watched(count + " handshakes", daemons, () -> {
                all.first();
                return all.others();
            });
            expectSessions(crowd.sessions());
            memory("RSS of " + count + " peers in session", daemon, empty);
            if (round.wants(Part.HANDSHAKE)) {
                round.findings().latency("handshake warm", warm);
                if (all.retried() > 0) {
                    round.findings().note(all.retried() + " of " + count + " handshakes took more than one initiation");
                }
            }
        }
    }

    /** Very many peers, which nobody plays. */
    private void configuredOnly() throws IOException, InterruptedException {
        String count = String.format(Locale.ROOT, "%,d", crowd.configured());
        round.tell(count + " peers are configured");
        try (NodePrivateKey key = NodePrivateKey.generate(round.random());
                Daemon daemon = Daemon.start(implementation, bed.right())) {
            configure(new PeerText(key));
            long empty = residentBytes(daemon);
            String text = new PeerText(key)
                    .strangers(crowd.configured(), round.random())
                    .toString();
            long startNanos = System.nanoTime();
            bed.right().configure(text);
            long tookNanos = System.nanoTime() - startNanos;
            memory("RSS of " + count + " peers configured", daemon, empty);
            round.findings().figure("wg setconf of " + count + " peers", (double) tookNanos, Unit.NANOS, Better.LOWER);
        }
    }

    private Initiators initiators(int count, NodePrivateKey key) throws IOException {
        return Initiators.open(count, bed.left(), bed.right(), key.publicKey(), implementation.name(), round.random());
    }

    private void configure(PeerText text) throws IOException {
        bed.right().configure(text.toString());
        bed.right().address();
    }

    private void memory(String name, Daemon daemon, long empty) throws InterruptedException {
        if (round.wants(Part.MEMORY)) {
            round.findings().figure(name, (double) residentBytes(daemon) - empty, Unit.BYTES, Better.LOWER);
        }
    }

    private static long residentBytes(Daemon daemon) throws InterruptedException {
        Thread.sleep(SETTLE_MILLIS);
        return daemon.probe().residentBytes();
    }

    /** Makes sure that the daemon itself says so; the last keepalives may still be on their way. */
    private void expectSessions(int expected) throws IOException, InterruptedException {
        long endNanos = System.nanoTime() + CONFIRM_NANOS;
        long there = sessionsShown();
        while (there < expected) {
            if (System.nanoTime() > endNanos) {
                throw new UserError(implementation.name() + " shows " + there + " completed handshakes of " + expected
                        + " that were answered (wg show latest-handshakes)");
            }
            Thread.sleep(POLL_MILLIS);
            there = sessionsShown();
        }
    }

    private long sessionsShown() throws IOException {
        return countSessions(bed.right().run("wg", "show", bed.right().interfaceName(), "latest-handshakes"));
    }

    /** Counts the peers with a handshake in the output of {@code wg show latest-handshakes}. */
    static long countSessions(String latestHandshakes) {
        return latestHandshakes
                .lines()
                .map(line -> List.of(line.strip().split("\\s+", -1)))
                .filter(fields -> fields.size() == 2 && !fields.getLast().equals("0"))
                .count();
    }
}
