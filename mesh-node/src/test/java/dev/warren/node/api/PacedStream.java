package dev.warren.node.api;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.DatagramChannel;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * UDP datagrams with sequence numbers from one machine to another at a steady rate. No more of them are under way at once
 * than the receiver's socket can hold, so a busy machine makes the stream slower but never makes it lose one; whatever is
 * missing in the end was lost by somebody else.
 */
final class PacedStream implements AutoCloseable {
    private static final int LENGTH = 1250;
    private static final int MOST_UNDER_WAY = 48;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final DatagramChannel sender;
    private final DatagramChannel receiver;
    private final InetSocketAddress to;
    private final int packets;
    private final long intervalNanos;
    private final BitSet received = new BitSet(); // the receiving thread's, until it has ended
    private final AtomicInteger arrived = new AtomicInteger();
    private final Thread receiving;
    private int repeated;
    private long startNanos;
    private long endNanos;

    /** {@code packets} of 1250 bytes, so many bits of them a second. */
    PacedStream(TestMachine from, TestMachine toMachine, InetSocketAddress to, int packets, long bitsPerSecond)
            throws IOException {
        this.to = to;
        this.packets = packets;
        this.intervalNanos = TimeUnit.SECONDS.toNanos(1) * LENGTH * Byte.SIZE / bitsPerSecond;
        this.receiver = toMachine.inside(() -> DatagramChannel.open().bind(to));
        this.sender = from.inside(DatagramChannel::open);
        receiver.setOption(StandardSocketOptions.SO_RCVBUF, 4 << 20);
        receiving = Thread.ofPlatform().name("receiving").start(this::receive);
    }

    /** Sends all, and waits until they have arrived or no more come. */
    void run() throws IOException, InterruptedException {
        ByteBuffer packet = ByteBuffer.allocateDirect(LENGTH);
        startNanos = System.nanoTime();
        for (int number = 0; number < packets; number++) {
            if (!awaitRoom(number - MOST_UNDER_WAY)) {
                break; // what is missing does not come any more: the count says so
            }
            long dueNanos = startNanos + number * intervalNanos;
            // Several at once after a sleep: a sleep takes longer than the gap between two packets.
            while (dueNanos - System.nanoTime() > intervalNanos) {
                LockSupport.parkNanos(dueNanos - System.nanoTime());
            }
            packet.clear().putInt(0, number);
            sender.send(packet, to);
        }
        awaitRoom(packets - 1);
        endNanos = System.nanoTime();
        receiver.close();
        receiving.join();
    }

    /** Waits until more than {@code number} have arrived; false when nothing came for long. */
    private boolean awaitRoom(int number) {
        int before = arrived.get();
        long sinceNanos = System.nanoTime();
        for (int now = before; now <= number; now = arrived.get()) {
            if (now != before) {
                before = now;
                sinceNanos = System.nanoTime();
            } else if (System.nanoTime() - sinceNanos > PATIENCE_NANOS) {
                return false;
            }
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(50));
        }
        return true;
    }

    private void receive() {
        ByteBuffer packet = ByteBuffer.allocateDirect(2 * LENGTH);
        try {
            while (true) {
                receiver.receive(packet.clear());
                int number = packet.getInt(0);
                if (packet.position() != LENGTH || received.get(number)) {
                    repeated++;
                } else {
                    received.set(number);
                    arrived.incrementAndGet();
                }
            }
        } catch (AsynchronousCloseException ended) {
            // The end, as it should be.
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    /** How many of all never arrived; after {@link #run}. */
    int lost() {
        return packets - received.cardinality();
    }

    /** How many came twice or in pieces. */
    int repeated() {
        return repeated;
    }

    double megabitsPerSecond() {
        return (double) received.cardinality() * LENGTH * Byte.SIZE * 1000 / (endNanos - startNanos);
    }

    @Override
    public void close() throws IOException {
        sender.close();
        receiver.close();
    }
}
