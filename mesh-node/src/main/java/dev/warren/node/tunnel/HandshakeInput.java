package dev.warren.node.tunnel;

import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.GroBatch;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.PayloadFilter;
import dev.warren.platform.linux.PayloadFilter.Word;
import dev.warren.platform.linux.Poller;
import dev.warren.platform.linux.SourceGate;
import dev.warren.platform.linux.UdpFeatures;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpSocket;
import dev.warren.protocol.udprelay.GeneveHeader;
import dev.warren.protocol.wireguard.QuietNetworks;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handshake messages, which anybody can send and which cost a hundred times what a packet does: they have sockets of
 * their own ({@link UdpSocket#divert}), so that a flood of them leaves the packets' buffer alone, and a bounded part of
 * the thread's time. Belongs to the datapath thread.
 *
 * <p>In each turn they are read, and worked on for an eighth of the time that all else took, or {@link #LEAST_NANOS} when
 * that is more; over all they get a quarter of the time. Then they wait, and what the kernel's buffer has no room for
 * meanwhile is lost. Where the kernel allows it, a gate is in front of the buffer ({@link SourceGate}), so that there
 * is room for those who come newly. While it turns some away, those it lets through are gathered: one by one they would
 * wake the thread, and find all that they take in nobody's cache.
 */
final class HandshakeInput {
    /** At least one message, even if it is a peer's: three key agreements. */
    private static final long LEAST_NANOS = 100_000;

    private static final int TURN_DIVISOR = 8;
    private static final int TIME_DIVISOR = 4;
    /** What may be saved up of the quarter, and what is waited for once all is spent. */
    private static final long MOST_SAVED_NANOS = 4_000_000;

    private static final long WORTHWHILE_NANOS = 500_000;

    private static final int SLOTS = 64;
    /** A handshake message behind a relay's header has 156 bytes. */
    private static final int SLOT_BYTES = 256;
    /** Batches that are read before one message is worked on: who may go first is only known once it is read. */
    private static final int READS = 8;

    /** The kernel grants the double and counts 768 bytes for each: 10,000 messages, 50 ms of 200,000 a second. */
    private static final int BUFFER_BYTES = 4 << 20;

    /**
     * As the device's own choice: of strangers, whose places there are as many, and of those who are expected. Of the
     * others as many as can be answered without taking much from the packets. All together about fit into the buffer.
     */
    private static final SourceGate.Limits GATE = new SourceGate.Limits(
            QuietNetworks.WIDE_PLACES,
            QuietNetworks.NARROW_PLACES,
            QuietNetworks.REST_NANOS,
            4096,
            new SourceGate.Rate(20, 5),
            new SourceGate.Rate(250, 1024));

    /** How often it is looked whether a gate has turned anybody away. */
    private static final long LOOK_NANOS = 100_000_000L;

    private static final long EXPECT_NANOS = 1_000_000_000L;

    /** How long it is a flood, once a gate has turned somebody away. */
    private static final long FLOOD_NANOS = 1_000_000_000L;

    /** How long messages are gathered in a flood. */
    private static final long GATHER_NANOS = 10_000_000L;

    private static final Logger LOG = LoggerFactory.getLogger(HandshakeInput.class);

    private final Poller poller;
    private final DatapathCounters counters;
    private final TunOutput tunOutput;
    private final int firstToken;
    private final GroBatch batch = new GroBatch(SLOTS, SLOT_BYTES);
    private final @Nullable UdpSocket[] sockets = new UdpSocket[2];
    private final @Nullable SourceGate[] gates = new SourceGate[2];
    private final long[] turnedAway = new long[2];
    private final boolean[] readable = new boolean[2];
    private final long secret = new SecureRandom().nextLong();
    private final Set<Long> told = new HashSet<>();
    private long lookedNanos;
    private long expectedNanos;
    private long savedNanos = MOST_SAVED_NANOS;
    private long countedNanos;
    private long floodUntilNanos = Long.MIN_VALUE;
    private long gatherUntilNanos = Long.MIN_VALUE;
    private boolean paused;

    /** Two tokens of {@code poller} are its own, from {@code firstToken} on. */
    HandshakeInput(Poller poller, DatapathCounters counters, TunOutput tunOutput, int firstToken) {
        this.poller = poller;
        this.counters = counters;
        this.tunOutput = tunOutput;
        this.firstToken = firstToken;
    }

    /** The first three kinds of message, also behind the header of a UDP relay. */
    private static PayloadFilter filter() {
        List<List<Word>> kinds = new ArrayList<>();
        long header = GeneveHeader.bits(false, GeneveHeader.WIREGUARD, 0);
        for (int kind = 1; kind <= 3; kind++) {
            kinds.add(List.of(new Word(0, -1, kind << 24)));
            kinds.add(List.of(
                    new Word(0, -1, (int) (header >>> Integer.SIZE)), new Word(GeneveHeader.LENGTH, -1, kind << 24)));
        }
        return new PayloadFilter(kinds);
    }

    /** Takes the handshake messages off {@code packets}, the socket of a family; null takes the family away. */
    void replace(int family, @Nullable UdpSocket packets) throws LinuxException {
        UdpSocket before = sockets[family];
        sockets[family] = null;
        readable[family] = false;
        boolean _ = look(family);
        SourceGate gate = gates[family];
        gates[family] = null;
        if (gate != null) {
            gate.close();
        }
        if (before != null) {
            before.close();
        }
        if (packets == null) {
            return;
        }
        try {
            UdpSocket socket = packets.divert(filter(), new UdpOptions(BUFFER_BYTES, 1, 0));
            sockets[family] = socket;
            UdpFeatures _ = socket.enable(new UdpFeatures(false, true, false));
            poller.add(socket.descriptor(), firstToken + family, !paused, false);
            guard(family, socket);
        } catch (LinuxException unknown) {
            // They come with the packets then, and still wait for their part of the time.
            LOG.debug("handshakes have no socket of their own: {}", unknown.getMessage());
        }
    }

    private void guard(int family, UdpSocket socket) {
        try {
            gates[family] = socket.guard(GATE, secret);
            turnedAway[family] = 0;
            told.clear();
        } catch (LinuxException refused) {
            LOG.debug("a flood of handshakes can fill their buffer: {}", refused.getMessage());
        }
    }

    /** Has the gates know those who are expected. The kernel forgets the least heard of when they are too many. */
    private void expect(Set<Long> sources) {
        for (long source : sources) {
            if (!told.add(source)) {
                continue;
            }
            SourceGate gate = gates[source >>> Integer.SIZE == 0 ? 0 : 1];
            try {
                if (gate != null) {
                    gate.expect(source);
                }
            } catch (LinuxException refused) {
                LOG.debug("a source is not expected by the gate: {}", refused.getMessage());
            }
        }
        if (told.size() > GATE.sources()) {
            told.clear();
        }
    }

    /** Counts what a gate has turned away since the last time; whether that is any. */
    private boolean look(int family) {
        SourceGate gate = gates[family];
        if (gate == null) {
            return false;
        }
        long all = gate.turnedAway();
        long since = all - turnedAway[family];
        turnedAway[family] = all;
        counters.add(DatapathCounter.HANDSHAKES_TURNED_AWAY, since);
        return since > 0;
    }

    /** One of the two sockets can be read. */
    void ready(int token) {
        readable[token - firstToken] = true;
    }

    /** Reads and works until this turn's time is over, which began at {@code turnNanos}. */
    void turn(PacketEngine engine, long turnNanos) throws LinuxException {
        if (paused ? turnNanos < gatherUntilNanos : !readable[0] && !readable[1] && !isWaiting(engine)) {
            return;
        }
        long startNanos = Clock.bootTimeNanos();
        savedNanos = Math.min(MOST_SAVED_NANOS, savedNanos + (startNanos - countedNanos) / TIME_DIVISOR);
        countedNanos = startNanos;
        if (!paused || savedNanos >= WORTHWHILE_NANOS) {
            long workNanos = Math.max(LEAST_NANOS, (startNanos - turnNanos) / TURN_DIVISOR);
            // Nobody watched them meanwhile.
            readable[0] |= paused;
            readable[1] |= paused;
            // A thread that was not let run meanwhile is not to pay for all of that.
            savedNanos = Math.max(-MOST_SAVED_NANOS, savedNanos - (run(engine, startNanos, workNanos) - startNanos));
            if (startNanos < floodUntilNanos && !isWaiting(engine)) {
                gatherUntilNanos = startNanos + GATHER_NANOS;
            }
        }
        boolean pauses = savedNanos <= 0 || startNanos < gatherUntilNanos;
        if (pauses != paused && (pauses || savedNanos >= WORTHWHILE_NANOS)) {
            paused = pauses;
            watch();
        }
        readable[0] = false;
        readable[1] = false;
        look(engine, startNanos);
    }

    private static boolean isWaiting(PacketEngine engine) {
        return engine.handshakes().isWaiting();
    }

    private void look(PacketEngine engine, long nowNanos) {
        if (nowNanos - lookedNanos >= LOOK_NANOS) {
            lookedNanos = nowNanos;
            boolean areSome = look(0);
            areSome |= look(1);
            if (areSome) {
                floodUntilNanos = nowNanos + FLOOD_NANOS;
                engine.handshakes().turnedAway(nowNanos);
            }
        }
        if (nowNanos - expectedNanos >= EXPECT_NANOS) {
            expectedNanos = nowNanos;
            expect(engine.handshakes().expectedSources());
        }
    }

    /** When the next turn is wanted, though no socket says so; {@code Long.MAX_VALUE} for never. */
    long deadlineNanos(PacketEngine engine) {
        if (paused) {
            return Math.max(gatherUntilNanos, countedNanos + TIME_DIVISOR * (WORTHWHILE_NANOS - savedNanos));
        }
        return isWaiting(engine) ? 0 : Long.MAX_VALUE;
    }

    void close() {
        for (SourceGate gate : gates) {
            if (gate != null) {
                gate.close();
            }
        }
        for (UdpSocket socket : sockets) {
            if (socket != null) {
                socket.close();
            }
        }
    }

    /** Answers when it was done. */
    private long run(PacketEngine engine, long startNanos, long workNanos) throws LinuxException {
        for (int family = 0; family < sockets.length; family++) {
            UdpSocket socket = sockets[family];
            for (int i = 0; i < READS && socket != null && readable[family]; i++) {
                readable[family] = read(engine, socket, startNanos);
            }
        }
        long nowNanos = Clock.bootTimeNanos();
        long endNanos = nowNanos + workNanos;
        while (nowNanos < endNanos && engine.handshakes().workOnOne(nowNanos)) {
            nowNanos = Clock.bootTimeNanos();
        }
        return nowNanos;
    }

    /** Reads one batch; whether there may be more. */
    private boolean read(PacketEngine engine, UdpSocket socket, long nowNanos) throws LinuxException {
        int count = socket.receive(batch);
        try {
            for (int i = 0; i < count; i++) {
                hand(engine, i, nowNanos);
            }
        } finally {
            // A packet that came before the filter was there may be among them: it lies where the next batch goes.
            tunOutput.flush();
        }
        counters.add(DatapathCounter.UDP_RECEIVED, count);
        return count == batch.slots();
    }

    private void hand(PacketEngine engine, int index, long nowNanos) {
        InetSocketAddress source = batch.source(index);
        int length = batch.length(index);
        if (source == null || length < 0) {
            counters.increment(DatapathCounter.UDP_TRUNCATED);
            return;
        }
        engine.onUdp(
                source,
                batch.localAddress(index),
                batch.ecn(index),
                batch.memory(),
                batch.offset(index),
                length,
                nowNanos);
    }

    private void watch() throws LinuxException {
        for (int family = 0; family < sockets.length; family++) {
            UdpSocket socket = sockets[family];
            if (socket != null) {
                poller.change(socket.descriptor(), firstToken + family, !paused, false);
            }
        }
    }
}
