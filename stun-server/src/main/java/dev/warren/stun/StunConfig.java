package dev.warren.stun;

import dev.warren.platform.net.Transport;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link StunServer} runs.
 *
 * @param listen UDP addresses, at least one; port 0 takes any free one; a wildcard address serves IPv4 and IPv6
 * @param transport the kernel interface for the UDP sockets
 * @param opsListen where metrics and health are shown; null for nowhere
 */
public record StunConfig(List<InetSocketAddress> listen, Transport transport, @Nullable InetSocketAddress opsListen) {
    /** Copies the list; throws IllegalArgumentException when it is empty. */
    public StunConfig {
        listen = List.copyOf(listen);
        if (listen.isEmpty()) {
            throw new IllegalArgumentException("a STUN server needs an address to listen on");
        }
    }
}
