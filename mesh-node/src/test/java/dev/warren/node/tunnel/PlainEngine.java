package dev.warren.node.tunnel;

import dev.warren.platform.linux.Clock;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.SourceAddress;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An engine that carries packets as they are to one peer, and fails at a datagram that begins with {@link #BAD}. */
final class PlainEngine implements PacketEngine {
    static final byte BAD = 0;

    private final Datapath datapath;
    private final @Nullable InetSocketAddress peer;
    final List<InetSocketAddress> failed = new CopyOnWriteArrayList<>();
    final List<String> relayed = new CopyOnWriteArrayList<>();
    final List<String> sourcesRefused = new CopyOnWriteArrayList<>();
    final AtomicInteger handshakes = new AtomicInteger();
    final AtomicInteger turnedAway = new AtomicInteger();
    /** When messages of the first kind were read, each time once. */
    final NavigableSet<Long> readNanos = new ConcurrentSkipListSet<>();

    private final HandshakeWork work = new Work();
    volatile long handshakeNanos;
    volatile boolean failing;
    final AtomicInteger polls = new AtomicInteger();
    private volatile long deadlineNanos = Long.MAX_VALUE;

    PlainEngine(Datapath datapath, @Nullable InetSocketAddress peer) {
        this.datapath = datapath;
        this.peer = peer;
    }

    /** Returns when what was asked for before has been flushed: two polls are two turns. */
    void awaitTurn() throws Exception {
        for (int i = 0; i < 2; i++) {
            int before = polls.get();
            datapath.ask(nowNanos -> deadlineNanos = nowNanos).get();
            while (polls.get() == before) {
                Thread.onSpinWait();
            }
        }
    }

    /** Has {@link #poll} called once at that time. */
    void wantPollAt(long nanos) {
        deadlineNanos = nanos;
    }

    @Override
    public void onTun(MemorySegment memory, long offset, int length, long nowNanos) {
        if (failing) {
            throw new IllegalStateException("as the test wants it");
        }
        if (peer != null) {
            datapath.sendUdp(peer, null, 0, memory, offset, length);
        }
    }

    @Override
    public void onUdp(
            InetSocketAddress source,
            @Nullable SourceAddress local,
            int ecn,
            MemorySegment memory,
            long offset,
            int length,
            long nowNanos) {
        if (memory.get(ValueLayout.JAVA_BYTE, offset) == BAD) {
            throw new IllegalStateException("as the test wants it");
        }
        if (memory.get(ValueLayout.JAVA_BYTE, offset) == 1) {
            readNanos.add(nowNanos);
        }
        datapath.deliver(memory, offset, length);
    }

    @Override
    public void onRelay(
            int region, NodePublicKey source, MemorySegment memory, long offset, int length, long nowNanos) {
        relayed.add(region + ":" + length);
        datapath.deliver(memory, offset, length);
    }

    @Override
    public void onSendFailed(Set<InetSocketAddress> destinations, long nowNanos) {
        failed.addAll(destinations);
    }

    @Override
    public HandshakeWork handshakes() {
        return work;
    }

    /** There is always one more, and each takes its time. */
    private final class Work implements HandshakeWork {
        @Override
        public boolean isWaiting() {
            return handshakeNanos > 0;
        }

        @Override
        public boolean workOnOne(long nowNanos) {
            long endNanos = Clock.bootTimeNanos() + handshakeNanos;
            while (Clock.bootTimeNanos() < endNanos) {
                Thread.onSpinWait();
            }
            handshakes.incrementAndGet();
            return handshakeNanos > 0;
        }

        @Override
        public void turnedAway(long nowNanos) {
            turnedAway.incrementAndGet();
        }
    }

    @Override
    public void onSourceRefused(InetSocketAddress destination, SourceAddress source) {
        sourcesRefused.add(destination + " from " + source.address());
    }

    @Override
    public void poll(long nowNanos) {
        polls.incrementAndGet();
        deadlineNanos = Long.MAX_VALUE;
    }

    @Override
    public long nextDeadlineNanos() {
        return deadlineNanos;
    }
}
