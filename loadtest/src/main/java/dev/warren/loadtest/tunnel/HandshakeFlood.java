package dev.warren.loadtest.tunnel;

import dev.warren.platform.linux.GsoBatch;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.LocalSource;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpSocket;
import dev.warren.protocol.crypto.Blake2s;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A flood of WireGuard handshake initiations, each from another address, with a right first MAC and nothing behind it: what
 * somebody can send who knows a server's public key and no more. As fast as one thread can, or at a rate.
 *
 * <p>The false addresses are made by a local route for a whole block in the end's own namespace: the kernel lets nobody
 * send from an address that is not the machine's, so that a flood can't leave the test bed.
 */
public final class HandshakeFlood implements AutoCloseable {
    private static final int INITIATION_BYTES = 148;
    private static final int MAC_BYTES = 16;
    private static final int MAC1_AT = INITIATION_BYTES - 2 * MAC_BYTES;
    private static final int INITIATION_TYPE = 1;
    private static final int MESSAGES = 1 << 16;
    /** So many false addresses, which are made beforehand: the sending thread is to do nothing else. */
    private static final int SOURCES = 1 << 17;

    private static final int BATCH = 64;
    /** At a rate, messages come evenly: between two bursts of 64, others would find the way free. */
    private static final int BATCHES_PER_SECOND = 5000;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final UdpSocket socket;
    private final InetSocketAddress target;
    private final LocalSource[] sources;
    private final MemorySegment messages;
    private final int batchSize;
    private final long nanosPerBatch;
    private final long endNanos;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Thread thread;
    private volatile @Nullable String failure;

    private HandshakeFlood(
            UdpSocket socket,
            InetSocketAddress target,
            IpPrefix sources,
            NodePublicKey key,
            long perSecond,
            long limitNanos,
            SplittableRandom random) {
        this.socket = socket;
        this.target = target;
        this.sources = sources(sources, random);
        this.messages = messages(key, random);
        this.batchSize = perSecond == 0 ? BATCH : Math.clamp(perSecond / BATCHES_PER_SECOND, 1, BATCH);
        this.nanosPerBatch = perSecond == 0 ? 0 : batchSize * NANOS_PER_SECOND / perSecond;
        this.endNanos = System.nanoTime() + limitNanos;
        this.thread = Thread.ofPlatform().name("handshake-flood").unstarted(this::run);
    }

    /**
     * Floods {@code target}, whose key is {@code key}, from now until {@link #close} or {@code limitNanos} have gone.
     *
     * @param sources the block that the false addresses are from; it becomes local at {@code from}
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
        boolean isIpv6 = sources.address() instanceof Inet6Address;
        from.run("ip", "route", "replace", "local", sources.toString(), "dev", "lo");
        if (isIpv6) {
            // A local route lets the kernel receive for the block; to send from it takes this as well.
            from.run("sysctl", "-q", "-w", "net.ipv6.ip_nonlocal_bind=1");
        }
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral(isIpv6 ? "::" : "0.0.0.0"), 0);
        UdpSocket socket = from.network().call(() -> UdpSocket.bind(any, UdpOptions.DEFAULT));
        HandshakeFlood flood = new HandshakeFlood(socket, target, sources, key, perSecond, limitNanos, random);
        flood.thread.start();
        return flood;
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
        GsoBatch batch = new GsoBatch(BATCH, 64, false);
        int next = 0;
        int source = 0;
        long dueNanos = System.nanoTime();
        try {
            while (!stopped.get() && System.nanoTime() < endNanos) {
                if (nanosPerBatch > 0 && System.nanoTime() < dueNanos) {
                    Thread.onSpinWait();
                    continue;
                }
                dueNanos = Math.max(dueNanos, System.nanoTime() - NANOS_PER_SECOND / 100) + nanosPerBatch;
                for (int i = 0; i < batchSize; i++) {
                    batch.add(target, sources[source], 0, messages, (long) next * INITIATION_BYTES, INITIATION_BYTES);
                    next = (next + 1) % MESSAGES;
                    source = (source + 1) % SOURCES;
                }
                while (!socket.send(batch, (_, errno) -> failure = "the kernel refused a message: error " + errno)) {
                    Thread.onSpinWait();
                }
                sent.addAndGet(batchSize);
            }
        } catch (LinuxException broken) {
            failure = broken.getMessage();
        }
    }

    private static LocalSource[] sources(IpPrefix block, SplittableRandom random) {
        LocalSource[] sources = new LocalSource[SOURCES];
        for (int i = 0; i < SOURCES; i++) {
            sources[i] = new LocalSource(address(block, random), 0);
        }
        return sources;
    }

    /** Any address of a block. */
    private static InetAddress address(IpPrefix block, SplittableRandom random) {
        byte[] fixed = block.address().getAddress();
        byte[] address = new byte[fixed.length];
        random.nextBytes(address);
        for (int i = 0; i < address.length; i++) {
            int free = 0xff >>> Math.clamp(block.bits() - (long) Byte.SIZE * i, 0, Byte.SIZE);
            address[i] = (byte) (fixed[i] | (address[i] & free));
        }
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException impossible) {
            throw new AssertionError("so many bytes are an address", impossible);
        }
    }

    /** So many different messages, one behind the other. */
    private static MemorySegment messages(NodePublicKey key, SplittableRandom random) {
        byte[] macKey = Blake2s.hash("mac1----".getBytes(StandardCharsets.US_ASCII), key.bytes());
        byte[] message = new byte[INITIATION_BYTES];
        MemorySegment all = Arena.ofAuto().allocate((long) MESSAGES * INITIATION_BYTES, 8);
        for (int i = 0; i < MESSAGES; i++) {
            random.nextBytes(message);
            Arrays.fill(message, 0, Integer.BYTES, (byte) 0);
            message[0] = INITIATION_TYPE;
            byte[] mac =
                    new Blake2s(MAC_BYTES, macKey).update(message, 0, MAC1_AT).finish();
            System.arraycopy(mac, 0, message, MAC1_AT, MAC_BYTES);
            Arrays.fill(message, MAC1_AT + MAC_BYTES, INITIATION_BYTES, (byte) 0);
            MemorySegment.copy(message, 0, all, ValueLayout.JAVA_BYTE, (long) i * INITIATION_BYTES, message.length);
        }
        return all;
    }

    @Override
    public void close() {
        stopped.set(true);
        try {
            thread.join();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
        socket.close();
    }
}
