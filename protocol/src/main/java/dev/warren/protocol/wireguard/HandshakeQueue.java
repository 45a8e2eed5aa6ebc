package dev.warren.protocol.wireguard;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Handshake messages that wait to be worked on, in three lines. Under load is what the kernel's driver calls so: so many
 * wait as are an eighth of its queue, or did within the last second; or would, if none were turned away before.
 */
final class HandshakeQueue {
    /** From here on there is load: an eighth of the kernel's MAX_QUEUED_INCOMING_HANDSHAKES. */
    static final int BUSY_LENGTH = 4096 / 8;

    /** Of so many turns one begins with {@link Line#STRANGER}, and one with {@link Line#OTHER}; all others in order. */
    private static final int ROUND = 8;

    private static final Line[] LINES = Line.values();
    private static final int LAST = LINES.length - 1;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final Map<Line, Deque<Waiting>> lines = new EnumMap<>(Line.class);
    private int length;
    private int turns;
    private long busyUntilNanos = Long.MIN_VALUE;

    HandshakeQueue() {
        for (Line line : LINES) {
            lines.put(line, new ArrayDeque<>());
        }
    }

    /** Where a message waits; whoever is in one of the first two is worked on without a cookie. */
    enum Line {
        /** From somebody who is expected, or has proved its address. */
        EXPECTED(1024),
        /**
         * From a network of which nobody came lately; as many as {@link QuietNetworks} ever lets in at once. The newest goes
         * first: a flood begins with as many of these as it has networks, and whoever comes behind them would wait for
         * all of them; who waits long tries again.
         */
        STRANGER(QuietNetworks.PLACES),
        /** All others. */
        OTHER(2048);

        private final int capacity;

        Line(int capacity) {
            this.capacity = capacity;
        }
    }

    /** A message that waits. */
    static final class Waiting {
        /** What it is. */
        final MessageType type;
        /** All of it, nobody else's. */
        final byte[] bytes;
        /** Where it came from. */
        final Origin origin;
        /** Where it waits. */
        final Line line;

        Waiting(MessageType type, byte[] bytes, Origin origin, Line line) {
            this.type = type;
            this.bytes = bytes;
            this.origin = origin;
            this.line = line;
        }
    }

    int length() {
        return length;
    }

    boolean hasRoom(Line line) {
        return queue(line).size() < line.capacity;
    }

    /** Only with room. */
    void add(Waiting message) {
        queue(message.line).add(message);
        length++;
    }

    /** The next one; null when there is none. */
    @Nullable
    Waiting take() {
        turns++;
        int turn = turns % ROUND;
        int begin = turn == 0 ? LAST : turn == ROUND / 2 ? 1 : 0;
        for (int i = 0; i < LINES.length; i++) {
            Line line = LINES[(begin + i) % LINES.length];
            Waiting next =
                    line == Line.STRANGER ? queue(line).pollLast() : queue(line).poll();
            if (next != null) {
                length--;
                return next;
            }
        }
        return null;
    }

    /** Looks how long the queue is now. */
    void noteLoad(long nowNanos) {
        if (length >= BUSY_LENGTH) {
            busyUntilNanos = nowNanos + SECOND_NANOS;
        }
    }

    /** What is turned away before it gets here would have waited too. */
    void noteTurnedAway(long nowNanos) {
        busyUntilNanos = nowNanos + SECOND_NANOS;
    }

    /** Whether we are under load. */
    boolean isBusy(long nowNanos) {
        return nowNanos < busyUntilNanos;
    }

    private Deque<Waiting> queue(Line line) {
        Deque<Waiting> queue = lines.get(line);
        if (queue == null) {
            throw new IllegalArgumentException("there is no line " + line);
        }
        return queue;
    }
}
