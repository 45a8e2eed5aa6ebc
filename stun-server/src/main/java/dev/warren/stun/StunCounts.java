package dev.warren.stun;

import dev.warren.protocol.stun.Disposition;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** What one thread of the server counts; others may read it at any time. */
@SuppressWarnings("EnumOrdinal") // Places in an array that nobody else sees.
final class StunCounts {
    /** The families of senders. */
    enum Family {
        IPV4,
        IPV6;

        static Family of(byte[] address) {
            return address.length == 4 ? IPV4 : IPV6;
        }

        private static final int NUMBER = values().length;
    }

    /** Why an answer did not leave. */
    enum Unsent {
        /** More answers are waiting than the socket's queue may hold. */
        QUEUE_FULL,
        /** The kernel refused it: no route, or a forged source that cannot be sent to. */
        SEND_FAILED,
        /** The sender's prefix has had its share: see {@link AnswerLimit}. */
        RATE_LIMITED
    }

    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int RECEIVED_BYTES = 0;
    private static final int SENT_BYTES = 1;
    private static final int OVERSIZE = 2;
    private static final int UNSENT = OVERSIZE + Family.NUMBER;
    private static final int DATAGRAMS = UNSENT + Unsent.values().length;
    /** No other thread's counts in the same cache line. */
    private static final int PADDING = 16;

    private final long[] counts = new long[PADDING + DATAGRAMS + Disposition.values().length * Family.NUMBER + PADDING];

    void received(Disposition disposition, Family family, int bytes) {
        add(datagrams(disposition, family), 1);
        add(RECEIVED_BYTES, bytes);
    }

    /** A datagram that was longer than any request is, and of which {@code bytes} were read. */
    void oversize(Family family, int bytes) {
        add(OVERSIZE + family.ordinal(), 1);
        add(RECEIVED_BYTES, bytes);
    }

    void sent(int bytes) {
        add(SENT_BYTES, bytes);
    }

    void unsent(Unsent reason) {
        add(UNSENT + reason.ordinal(), 1);
    }

    long datagramsOf(Disposition disposition, Family family) {
        return get(datagrams(disposition, family));
    }

    long unsentOf(Unsent reason) {
        return get(UNSENT + reason.ordinal());
    }

    long oversizeOf(Family family) {
        return get(OVERSIZE + family.ordinal());
    }

    long receivedBytes() {
        return get(RECEIVED_BYTES);
    }

    long sentBytes() {
        return get(SENT_BYTES);
    }

    private static int datagrams(Disposition disposition, Family family) {
        return DATAGRAMS + disposition.ordinal() * Family.NUMBER + family.ordinal();
    }

    private void add(int index, long amount) {
        // Only this thread writes, so that reading and writing need not be one.
        COUNT.setOpaque(counts, PADDING + index, counts[PADDING + index] + amount);
    }

    private long get(int index) {
        return (long) COUNT.getOpaque(counts, PADDING + index);
    }
}
