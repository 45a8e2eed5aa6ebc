package dev.warren.relay.udp;

import dev.warren.protocol.udprelay.UdpRelayLimits;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * How a UDP relay runs.
 *
 * @param listen the wildcard address for both families, or one address; port 0 takes any free one
 * @param addresses what clients are told; port 0 stands for the one that it listens on. None: the relay's host name's
 * @param limits how much it does for its clients
 */
public record UdpRelayConfig(InetSocketAddress listen, List<InetSocketAddress> addresses, UdpRelayLimits limits) {
    /** Copies the list. */
    public UdpRelayConfig {
        addresses = List.copyOf(addresses);
    }
}
