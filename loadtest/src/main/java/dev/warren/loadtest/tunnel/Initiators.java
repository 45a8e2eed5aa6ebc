package dev.warren.loadtest.tunnel;

import dev.warren.loadtest.measure.FileLimit;
import dev.warren.platform.config.UserError;
import dev.warren.platform.linux.Clock;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.HdrHistogram.Histogram;

/** Many initiators at one end of a bed, each with its own key and socket, and one responder at the other end. */
final class Initiators implements AutoCloseable {
    /** Five tries of WireGuard's, 5 s apart. */
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(25);
    /** The time between two starts: 400 handshakes a second put nobody "under load", which would ask for cookies. */
    private static final long PACE_NANOS = 2_500_000;

    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final List<Initiator> all = new ArrayList<>();
    private final String implementation;

    private Initiators(String implementation) {
        this.implementation = implementation;
    }

    /**
     * So many initiators at {@code from}; nothing is sent yet.
     *
     * @param implementation who answers, for error messages
     */
    static Initiators open(
            int count, End from, End to, NodePublicKey responder, String implementation, RandomGenerator random)
            throws IOException {
        FileLimit.require(count, count + " WireGuard sessions, each with its own socket");
        InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral(to.outerAddress()), PeerText.PORT);
        Initiators initiators = new Initiators(implementation);
        try {
            for (int i = 0; i < count; i++) {
                DatagramSocket socket = socket(from);
                initiators.all.add(new Initiator(socket, address, responder, random, Clock.bootTimeNanos()));
            }
            return initiators;
        } catch (IOException | RuntimeException failed) {
            initiators.close();
            throw failed;
        }
    }

    /** The keys, in the order of the handshakes. */
    List<NodePublicKey> publicKeys() {
        return all.stream().map(Initiator::publicKey).toList();
    }

    /** The first initiator's handshake, in nanoseconds; a UserError when it never completes. */
    long first() throws IOException {
        return shakeHands(all.getFirst());
    }

    /** The first initiator's handshake; -1 when it does not complete in time. */
    long firstWithin(long limitNanos) throws IOException {
        return all.getFirst().shakeHands(limitNanos);
    }

    /** The handshakes of all others, one after the other. */
    Histogram others() throws IOException {
        return histogram(all.subList(1, all.size()));
    }

    /** All of them once more, as if they had been started anew. */
    void again() throws IOException {
        all.forEach(initiator -> initiator.startAnew(Clock.bootTimeNanos()));
        var _ = histogram(all);
    }

    private Histogram histogram(List<Initiator> some) throws IOException {
        Histogram histogram = new Histogram(LONGEST_NANOS, 3);
        long nextNanos = System.nanoTime();
        for (Initiator initiator : some) {
            LockSupport.parkNanos(nextNanos - System.nanoTime());
            nextNanos = Math.max(nextNanos + PACE_NANOS, System.nanoTime());
            histogram.recordValue(Math.min(LONGEST_NANOS, shakeHands(initiator)));
        }
        return histogram;
    }

    /** How many handshakes took more than one initiation. */
    long retried() {
        return all.stream().filter(initiator -> initiator.initiations() > 1).count();
    }

    private long shakeHands(Initiator initiator) throws IOException {
        long nanos = initiator.shakeHands(LIMIT_NANOS);
        if (nanos < 0) {
            throw new UserError(implementation + " did not complete a handshake within "
                    + TimeUnit.NANOSECONDS.toSeconds(LIMIT_NANOS) + " s, after " + initiator.initiations()
                    + " initiations");
        }
        return nanos;
    }

    private static DatagramSocket socket(End end) throws IOException {
        InetAddress address = InetAddress.ofLiteral(end.outerAddress());
        return end.network().call(() -> new DatagramSocket(0, address));
    }

    @Override
    public void close() {
        all.forEach(Initiator::close);
    }
}
