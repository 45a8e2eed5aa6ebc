package dev.warren.loadtest.tunnel;

import dev.warren.platform.linux.Clock;
import dev.warren.protocol.key.NodePublicKey;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;

/** A peer that nobody has heard of before: our own state machine on a socket of its own at one end of a test bed. */
public final class Newcomer implements AutoCloseable {
    private final Initiator initiator;

    private Newcomer(Initiator initiator) {
        this.initiator = initiator;
    }

    /** One with a new key, at the end's address {@code own}, who knows where {@code responder} is. */
    public static Newcomer open(End at, InetAddress own, InetSocketAddress responder, NodePublicKey responderKey)
            throws IOException {
        DatagramSocket socket = at.network().call(() -> new DatagramSocket(new InetSocketAddress(own, 0)));
        return new Newcomer(new Initiator(socket, responder, responderKey, new SecureRandom(), Clock.bootTimeNanos()));
    }

    /** Its key, for the responder. */
    public NodePublicKey publicKey() {
        return initiator.publicKey();
    }

    /** How many initiations it has sent. */
    public int initiations() {
        return initiator.initiations();
    }

    /** Shakes hands with WireGuard's own retries; the nanoseconds it took, or -1 when it did not succeed in time. */
    public long shakeHands(long limitNanos) throws IOException {
        return initiator.shakeHands(limitNanos);
    }

    @Override
    public void close() {
        initiator.close();
    }
}
