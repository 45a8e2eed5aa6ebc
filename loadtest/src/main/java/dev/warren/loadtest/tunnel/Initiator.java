package dev.warren.loadtest.tunnel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.warren.platform.linux.Clock;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.DropReason;
import dev.warren.protocol.wireguard.Origin;
import dev.warren.protocol.wireguard.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * One WireGuard device that starts handshakes: our own state machine on a UDP socket of its own, driven by the thread
 * that calls. What it measures is the time between the initiation's way into the socket and the response's way out.
 */
final class Initiator implements AutoCloseable, Device.Output {
    private static final int MTU_BYTES = 1420;
    private static final int INITIATION_TYPE = 1;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NANOS_PER_MILLI = 1_000_000L;

    private final DatagramSocket socket;
    private final InetSocketAddress responder;
    private final NodePublicKey responderKey;
    private final RandomGenerator random;
    private final NodePrivateKey key;
    private Device device;
    private Peer peer;
    private final DatagramPacket received = new DatagramPacket(new byte[2048], 2048);
    private long initiatedNanos;
    private int initiations;
    private boolean established;

    /** A device that knows one peer, at {@code responder}; it owns {@code socket} from now on. */
    Initiator(
            DatagramSocket socket,
            InetSocketAddress responder,
            NodePublicKey responderKey,
            RandomGenerator random,
            long nowNanos) {
        this.socket = socket;
        this.responder = responder;
        this.responderKey = responderKey;
        this.random = random;
        this.key = NodePrivateKey.generate(random);
        this.device = new Device(key, MTU_BYTES, random, this);
        this.peer = know(nowNanos);
    }

    private Peer know(long nowNanos) {
        Instant wall = Instant.now();
        device.setUnixOffset(wall.getEpochSecond() * NANOS_PER_SECOND + wall.getNano() - nowNanos);
        return device.addPeer(responderKey, nowNanos);
    }

    /** Forgets all but its key, as if it had been started anew: the next handshake need not wait for five seconds. */
    void startAnew(long nowNanos) {
        device.close();
        device = new Device(key, MTU_BYTES, random, this);
        peer = know(nowNanos);
        initiations = 0;
        established = false;
    }

    NodePublicKey publicKey() {
        return device.publicKey();
    }

    /** How many initiations the handshake took. */
    int initiations() {
        return initiations;
    }

    /**
     * Shakes hands, with WireGuard's own retries, and confirms the session by a keepalive. Returns the nanoseconds from
     * the first initiation to the response, or -1 when none came in time.
     */
    long shakeHands(long limitNanos) throws IOException {
        long endNanos = Clock.bootTimeNanos() + limitNanos;
        device.initiate(peer, Clock.bootTimeNanos());
        while (!established) {
            long nowNanos = Clock.bootTimeNanos();
            if (nowNanos >= endNanos) {
                return -1;
            }
            long waitNanos = Math.min(device.nextDeadlineNanos(), endNanos) - nowNanos;
            socket.setSoTimeout((int) Math.max(1, waitNanos / NANOS_PER_MILLI));
            long receivedNanos = receive();
            if (established) {
                return receivedNanos - initiatedNanos;
            }
            device.poll(Clock.bootTimeNanos());
        }
        return -1;
    }

    private long receive() throws IOException {
        try {
            received.setLength(received.getData().length);
            socket.receive(received);
            long receivedNanos = System.nanoTime();
            device.receive(
                    MemorySegment.ofArray(received.getData()),
                    0,
                    received.getLength(),
                    0,
                    new Origin.Direct(responder),
                    Clock.bootTimeNanos());
            return receivedNanos;
        } catch (SocketTimeoutException nothing) {
            return 0;
        }
    }

    @Override
    public void transmit(Peer to, MemorySegment memory, long offset, int length, int trafficClass) {
        if (memory.get(JAVA_BYTE, offset) == INITIATION_TYPE) {
            initiatedNanos = initiations == 0 ? System.nanoTime() : initiatedNanos;
            initiations++;
        }
        try {
            socket.send(new DatagramPacket(memory.asSlice(offset, length).toArray(JAVA_BYTE), length, responder));
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    @Override
    public void established(Peer with, long nowNanos) {
        established = true;
    }

    @Override
    public void reply(Origin origin, byte[] buffer, int offset, int length) {
        // Nobody starts a handshake with this device, so it never sends a cookie.
    }

    @Override
    public void deliver(Peer from, MemorySegment memory, long offset, int length) {
        // The other side has nothing to say but keepalives.
    }

    @Override
    public void authenticated(Peer from, Origin origin, boolean handshake, long nowNanos) {
        // It does not roam.
    }

    @Override
    public void dropped(DropReason reason) {
        // Whatever it was, WireGuard's timers try again.
    }

    @Override
    public void close() {
        device.close();
        key.close();
        socket.close();
    }
}
