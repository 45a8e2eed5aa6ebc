package dev.warren.stun;

import dev.warren.protocol.stun.BindingResponder;
import dev.warren.protocol.stun.Disposition;
import dev.warren.protocol.stun.ResponderConfig;
import dev.warren.stun.StunCounts.Family;
import dev.warren.stun.StunCounts.Unsent;
import org.jspecify.annotations.Nullable;

/**
 * What every socket does with a request, however it came in.
 *
 * @param config of the socket's responder
 * @param counts the socket's own
 * @param limit shared by all sockets; null when everybody is answered
 */
record Answering(ResponderConfig config, StunCounts counts, @Nullable AnswerLimit limit) {
    /** Longer datagrams are cut off and ignored: no STUN request is longer than a packet of the usual MTU. */
    static final int MAX_DATAGRAM_BYTES = 25 * 64;

    boolean isLimited() {
        return limit != null;
    }

    /**
     * Whether the {@code length} bytes of {@code request}, which came from {@code address} and {@code port}, are to be
     * answered with what {@code responder} holds then; counts them.
     */
    boolean answers(BindingResponder responder, byte[] request, int length, byte[] address, int port, long nowNanos) {
        Disposition disposition = responder.handle(request, 0, length, address, port);
        counts.received(disposition, Family.of(address), length);
        if (!disposition.isAnswered()) {
            return false;
        }
        if (limit != null && !limit.tryTake(address, nowNanos)) {
            counts.unsent(Unsent.RATE_LIMITED);
            return false;
        }
        counts.sent(responder.responseLength());
        return true;
    }
}
