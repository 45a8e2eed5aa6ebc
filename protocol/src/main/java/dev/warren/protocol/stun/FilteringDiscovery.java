package dev.warren.protocol.stun;

import dev.warren.protocol.stun.NatBehavior.Filtering;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who may send to a mapped address (RFC 5780 section 4.4): a socket that has sent to one address and port of a server
 * asks for an answer from the other address, and for one from the other port. What does not come was filtered.
 */
final class FilteringDiscovery {
    private final Exchanges exchanges;
    private final int socket;
    private final DiscoveryExchange open;
    private @Nullable DiscoveryExchange both;
    private @Nullable DiscoveryExchange port;

    /** With a server that has answered already, and may have another address. */
    FilteringDiscovery(Exchanges exchanges, int socket, DiscoveryExchange server, long nowNanos) {
        this.exchanges = exchanges;
        this.socket = socket;
        this.open = server.other() == null
                ? exchanges.askSimply(socket, server.server(), nowNanos)
                : exchanges.ask(socket, server.server(), nowNanos);
    }

    /** Starts what can be started. */
    void advance(long nowNanos) {
        InetSocketAddress other = open.other();
        if (both == null && other != null) {
            InetSocketAddress server = open.server();
            int all = BindingResponder.CHANGE_ADDRESS | BindingResponder.CHANGE_PORT;
            both = exchanges.ask(socket, server, other, all, nowNanos);
            InetSocketAddress from = new InetSocketAddress(server.getAddress(), other.getPort());
            port = exchanges.ask(socket, server, from, BindingResponder.CHANGE_PORT, nowNanos);
        }
    }

    boolean isDone() {
        if (both == null || port == null) {
            return open.isOver() && open.other() == null;
        }
        return both.isOver() && (port.isOver() || both.mapped() != null);
    }

    /** The mapped address of the socket; null when there is no answer. */
    @Nullable
    InetSocketAddress mapped() {
        return open.mapped();
    }

    /** The server's other address; null when it has none. */
    @Nullable
    InetSocketAddress other() {
        return open.other();
    }

    InetSocketAddress server() {
        return open.server();
    }

    Filtering filtering() {
        if (both == null || port == null || !isDone() || both.isUnsupported() || port.isUnsupported()) {
            return Filtering.UNKNOWN;
        }
        if (both.mapped() != null) {
            return Filtering.ENDPOINT_INDEPENDENT;
        }
        return port.mapped() != null ? Filtering.ADDRESS_DEPENDENT : Filtering.ADDRESS_AND_PORT_DEPENDENT;
    }
}
