package dev.warren.loadtest.tunnel;

import dev.warren.platform.linux.FrameSocket;
import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.Netlink;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A flood of WireGuard handshake initiations, each from another address, with a right first MAC and nothing behind it: what
 * somebody can send who knows a server's public key and no more. As fast as one thread can, or at a rate, between whose
 * bursts the thread sleeps: so a flood takes no more of the machine than its packets do.
 *
 * <p>They are ready frames, put on the cable of a test bed's end, beyond which there is another end of it and nothing
 * else.
 */
public final class HandshakeFlood implements AutoCloseable {
    /** At a rate, messages come evenly: between two bursts of 64, others would find the way free. */
    private static final int BATCHES_PER_SECOND = 1000;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final FrameSocket socket;
    private final DatagramSocket sink;
    private final HandshakeFrames frames;
    private final int batchSize;
    private final long nanosPerBatch;
    private final long endNanos;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Thread thread;
    private volatile @Nullable String failure;

    private HandshakeFlood(
            FrameSocket socket, DatagramSocket sink, HandshakeFrames frames, long perSecond, long limitNanos) {
        this.socket = socket;
        this.sink = sink;
        this.frames = frames;
        this.batchSize = perSecond == 0
                ? FrameSocket.MAX_FRAMES
                : Math.clamp(perSecond / BATCHES_PER_SECOND, 1, FrameSocket.MAX_FRAMES);
        this.nanosPerBatch = perSecond == 0 ? 0 : batchSize * NANOS_PER_SECOND / perSecond;
        this.endNanos = System.nanoTime() + limitNanos;
        this.thread = Thread.ofPlatform().name("handshake-flood").unstarted(this::run);
    }

    /**
     * Floods {@code target}, whose key is {@code key}, from now until {@link #close} or {@code limitNanos} have gone.
     *
     * @param from has to be on the same cable as the target
     * @param sources the block that the false addresses are from; it becomes local at {@code from}, where answers end
     * @param perSecond how many messages a second; 0 for as many as go
     */
    public static HandshakeFlood start(
            End from,
            IpPrefix sources,
            InetSocketAddress target,
            NodePublicKey key,
            long perSecond,
            long limitNanos,
            SplittableRandom random)
            throws IOException {
        String address = target.getAddress().getHostAddress();
        from.run("ip", "route", "replace", "local", sources.toString(), "dev", "lo");
        from.run("ping", "-n", "-q", "-c", "1", "-w", "10", address);
        String neighbour = from.run("ip", "-o", "neighbour", "show", "to", address);
        byte[] station = HexFormat.ofDelimiter(":").parseHex(after("lladdr", neighbour));
        String device = after("dev", neighbour);
        boolean isIpv6 = target.getAddress() instanceof Inet6Address;
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral(isIpv6 ? "::" : "0.0.0.0"), 0);
        // Answers to false addresses end in a socket that nobody reads, so that the kernel does not refuse each by
        // ICMP.
        DatagramSocket sink = from.network().call(() -> new DatagramSocket(any));
        try {
            HandshakeFrames frames = new HandshakeFrames(sources, sink.getLocalPort(), target, station, key, random);
            FrameSocket socket = from.network().call(() -> open(device));
            HandshakeFlood flood = new HandshakeFlood(socket, sink, frames, perSecond, limitNanos);
            flood.thread.start();
            return flood;
        } catch (IOException refused) {
            sink.close();
            throw refused;
        }
    }

    private static FrameSocket open(String device) throws IOException {
        try (Netlink netlink = Netlink.open()) {
            Link link = netlink.link(device);
            if (link == null) {
                throw new IOException("there is no " + device + " to flood from");
            }
            return FrameSocket.open(link);
        }
    }

    /** The word behind another in what {@code ip} says. */
    private static String after(String word, String said) throws IOException {
        List<String> words = List.of(said.strip().split("\\s+", -1));
        int at = words.indexOf(word);
        if (at < 0 || at + 1 == words.size()) {
            throw new IOException("who is to be flooded is on no cable of the flooder's: " + said.strip());
        }
        return words.get(at + 1);
    }

    /** How many messages left so far. */
    public long sent() {
        return sent.get();
    }

    /** Why it ended by itself before its time; null when it did not. */
    public @Nullable String failure() {
        return failure;
    }

    private void run() {
        int next = 0;
        long dueNanos = System.nanoTime();
        try {
            for (long now = dueNanos; !stopped.get() && now < endNanos; now = System.nanoTime()) {
                if (nanosPerBatch > 0 && now < dueNanos) {
                    LockSupport.parkNanos(dueNanos - now);
                    continue;
                }
                dueNanos = Math.max(dueNanos, now - NANOS_PER_SECOND / 100) + nanosPerBatch;
                int taken = socket.send(frames.all(), (long) next * frames.bytes(), frames.bytes(), batchSize);
                sent.addAndGet(taken);
                next += taken;
                if (next > HandshakeFrames.COUNT - batchSize) {
                    next = 0;
                }
            }
        } catch (LinuxException broken) {
            failure = broken.getMessage();
        }
    }

    @Override
    public void close() {
        stopped.set(true);
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
        socket.close();
        sink.close();
    }
}
