package dev.warren.protocol.stun;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One binding transaction over UDP (RFC 8489 section 6.2.1): says when to send the request again, recognises the
 * answer, gives up. Times are monotonic nanoseconds given by the caller. Not thread-safe.
 */
public final class StunClient {
    private final TransactionId id;
    private final InetSocketAddress server;
    private final InetSocketAddress answersFrom;
    private final byte[] request;
    private final Retransmission retransmission;

    private State state = new Waiting();
    private long firstSentNanos;
    private int sent;
    private long nextDeadlineNanos;

    /**
     * When requests are sent again: after {@code timeoutNanos}, then after twice as long as the time before.
     *
     * @param timeoutNanos between the first and the second request (RTO)
     * @param requests how many are sent at most (Rc)
     * @param lastWaitNanos from the last request until giving up (Rm x RTO)
     */
    public record Retransmission(long timeoutNanos, int requests, long lastWaitNanos) {
        private static final long MILLI = 1_000_000;

        /** The times of RFC 8489 section 6.2.1: at 0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s; gives up at 39.5 s. */
        public static final Retransmission RFC_8489 = new Retransmission(500 * MILLI, 7, 16 * 500 * MILLI);
        /** For probing whole lists of servers: at 0, 0.2, 0.6, 1.4 s; gives up at 3 s, as netcheck does. */
        public static final Retransmission PROBE = new Retransmission(200 * MILLI, 4, 1600 * MILLI);

        /** More would make the doubled times meaningless. */
        private static final int MAX_REQUESTS = 16;

        /** Throws IllegalArgumentException for times and counts that are not positive, or more than 16 requests. */
        public Retransmission {
            if (timeoutNanos <= 0 || requests <= 0 || requests > MAX_REQUESTS || lastWaitNanos <= 0) {
                throw new IllegalArgumentException(
                        "retransmission needs positive times and 1 to " + MAX_REQUESTS + " requests");
            }
        }

        private long waitNanos(int sent) {
            return sent >= requests ? lastWaitNanos : timeoutNanos << (sent - 1);
        }
    }

    /** How far the transaction is. */
    public sealed interface State {}

    /** Not answered yet. */
    public record Waiting() implements State {}

    /**
     * Answered.
     *
     * @param mapped our address as the server saw it
     * @param roundTripNanos since the first request: an upper bound when {@code requests} is more than one
     * @param requests how many had been sent
     */
    public record Answered(InetSocketAddress mapped, long roundTripNanos, int requests) implements State {}

    /**
     * The server refused the request.
     *
     * @param code as in ERROR-CODE
     * @param reason the server's words
     */
    public record Refused(int code, String reason) implements State {}

    /** All requests were sent and none was answered. */
    public record TimedOut() implements State {}

    /**
     * A transaction whose first request is due at {@code nowNanos}; {@code request} is one of {@link BindingRequest}.
     */
    public StunClient(InetSocketAddress server, byte[] request, Retransmission retransmission, long nowNanos) {
        this(server, server, request, retransmission, nowNanos);
    }

    /** The same for a request with CHANGE-REQUEST, which is to be answered from another address of the server. */
    StunClient(
            InetSocketAddress server,
            InetSocketAddress answersFrom,
            byte[] request,
            Retransmission retransmission,
            long nowNanos) {
        this.answersFrom = answersFrom;
        this.id = TransactionId.of(request, StunCodec.ID_OFFSET);
        this.server = server;
        this.request = request.clone();
        this.retransmission = retransmission;
        this.nextDeadlineNanos = nowNanos;
    }

    /** The request when it is due to be sent to {@link #server}, else null. */
    public byte @Nullable [] poll(long nowNanos) {
        if (nowNanos < nextDeadlineNanos) {
            return null;
        }
        if (sent == retransmission.requests()) {
            end(new TimedOut());
            return null;
        }
        if (sent == 0) {
            firstSentNanos = nowNanos;
        }
        sent++;
        nextDeadlineNanos = nowNanos + retransmission.waitNanos(sent);
        return request.clone();
    }

    /** When {@link #poll} has something to do next; {@code Long.MAX_VALUE} once the transaction is over. */
    public long nextDeadlineNanos() {
        return nextDeadlineNanos;
    }

    /**
     * Takes a datagram from {@code from}; true when it answers this transaction. An answer counts only if it comes from
     * the address that was asked, or was asked for.
     */
    public boolean receive(byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
        if (!(state instanceof Waiting) || sent == 0 || !from.equals(answersFrom)) {
            return false;
        }
        BindingAnswer answer = BindingAnswer.parse(buffer, offset, length);
        if (answer == null || !answer.id().equals(id)) {
            return false;
        }
        end(
                switch (answer) {
                    case BindingAnswer.Mapped mapped -> new Answered(mapped.address(), nowNanos - firstSentNanos, sent);
                    case BindingAnswer.Refused refused -> new Refused(refused.code(), refused.reason());
                });
        return true;
    }

    /** Where requests go. */
    public InetSocketAddress server() {
        return server;
    }

    /** How far it is. */
    public State state() {
        return state;
    }

    private void end(State last) {
        state = last;
        nextDeadlineNanos = Long.MAX_VALUE;
    }
}
