package dev.warren.protocol.stun;

import dev.warren.protocol.stun.StunClient.Retransmission;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Whether datagrams to one's own mapped address come back (RFC 5780 section 4.5): each of two sockets sends to the
 * mapped address of the other, several times, for a filter lets the one in once the other has gone out.
 */
final class HairpinDiscovery {
    /** At 0, 0.2 and 0.6 s; nothing is further away than the NAT, so what has not come after 1.2 s does not come. */
    private static final Retransmission TIMES = new Retransmission(200_000_000, 3, 600_000_000);

    private final DiscoveryExchange[] bySocket;
    private boolean seen;

    HairpinDiscovery(Exchanges exchanges, InetSocketAddress mapped0, InetSocketAddress mapped1, long nowNanos) {
        this.bySocket = new DiscoveryExchange[] {
            exchanges.send(0, mapped1, TIMES, nowNanos), exchanges.send(1, mapped0, TIMES, nowNanos)
        };
    }

    /** Takes a datagram; true when it is what the other socket sent. */
    boolean receive(int socket, byte[] buffer, int offset, int length) {
        if (socket >= bySocket.length
                || !StunCodec.looksLike(buffer, offset, length)
                || Bytes.u16(buffer, offset) != MessageType.BINDING_REQUEST.code()
                || !TransactionId.of(buffer, offset + StunCodec.ID_OFFSET).equals(bySocket[1 - socket].id())) {
            return false;
        }
        seen = true;
        return true;
    }

    boolean isDone() {
        return seen || (bySocket[0].isOver() && bySocket[1].isOver());
    }

    /** Null as long as it is not known. */
    @Nullable
    Boolean hairpinning() {
        return isDone() ? (Boolean) seen : null;
    }
}
