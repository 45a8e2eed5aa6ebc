package dev.warren.protocol.stun;

import dev.warren.protocol.stun.BehaviorDiscovery.Outgoing;
import dev.warren.protocol.stun.StunClient.Retransmission;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One transaction of a discovery from one of its sockets. */
final class DiscoveryExchange {
    private final int socket;
    private final StunClient client;
    private final TransactionId id;
    private @Nullable InetSocketAddress other;
    private boolean misplaced;
    private long lastSentNanos;

    /** A request from {@code socket} to {@code to}, to be answered by {@code from}. */
    DiscoveryExchange(
            int socket,
            InetSocketAddress to,
            InetSocketAddress from,
            byte[] request,
            Retransmission retransmission,
            long nowNanos) {
        this.socket = socket;
        this.client = new StunClient(to, from, request, retransmission, nowNanos);
        this.id = TransactionId.of(request, StunCodec.ID_OFFSET);
    }

    /** Adds the request to {@code due} when it is; true when something has happened. */
    boolean poll(long nowNanos, List<Outgoing> due) {
        if (isOver() || client.nextDeadlineNanos() > nowNanos) {
            return false;
        }
        byte[] request = client.poll(nowNanos);
        if (request != null) {
            lastSentNanos = nowNanos;
            due.add(new Outgoing(socket, client.server(), request));
        }
        return true;
    }

    /** Takes a datagram; true when it answers this. */
    boolean receive(int at, byte[] buffer, int offset, int length, InetSocketAddress from, long nowNanos) {
        if (at != socket || isOver()) {
            return false;
        }
        if (client.receive(buffer, offset, length, from, nowNanos)) {
            if (StunCodec.decode(buffer, offset, length) instanceof StunMessage message) {
                byte[] value = message.raw(AttributeType.OTHER_ADDRESS);
                other = value == null ? null : AddressValue.read(value);
            }
            return true;
        }
        BindingAnswer answer = from.equals(client.server()) ? BindingAnswer.parse(buffer, offset, length) : null;
        misplaced = answer != null && answer.id().equals(id);
        return misplaced;
    }

    long nextDeadlineNanos() {
        return isOver() ? Long.MAX_VALUE : client.nextDeadlineNanos();
    }

    boolean isOver() {
        return misplaced || !(client.state() instanceof StunClient.Waiting);
    }

    /** Whether the server cannot or will not do what it was asked: it refuses, or answers from the usual address. */
    boolean isUnsupported() {
        return misplaced || client.state() instanceof StunClient.Refused;
    }

    /** Whose address was asked. */
    InetSocketAddress server() {
        return client.server();
    }

    TransactionId id() {
        return id;
    }

    /** When the request went out last. */
    long lastSentNanos() {
        return lastSentNanos;
    }

    /** Our address as the server saw it; null when there is no answer, or a refusal. */
    @Nullable
    InetSocketAddress mapped() {
        return client.state() instanceof StunClient.Answered answered ? answered.mapped() : null;
    }

    /** The server's OTHER-ADDRESS, when it differs in address and port, so that it can be tested with. */
    @Nullable
    InetSocketAddress other() {
        InetSocketAddress told = other;
        InetSocketAddress server = client.server();
        boolean usable = told != null
                && told.getAddress().getClass() == server.getAddress().getClass()
                && !told.getAddress().equals(server.getAddress())
                && told.getPort() != server.getPort()
                && told.getPort() != 0
                && !told.getAddress().isAnyLocalAddress()
                && !told.getAddress().isMulticastAddress()
                && told.getAddress().isLoopbackAddress() == server.getAddress().isLoopbackAddress();
        return usable ? told : null;
    }
}
