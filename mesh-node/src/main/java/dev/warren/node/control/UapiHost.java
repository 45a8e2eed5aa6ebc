package dev.warren.node.control;

import dev.warren.protocol.wireguard.Peer;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** What a {@link DeviceUapiTarget} needs to know of the node around a WireGuard device. */
public interface UapiHost {
    /** The UDP port, 0 for none. */
    int listenPort();

    /** Moves both UDP sockets; refuses with EADDRINUSE or EPERM. */
    void setListenPort(int port) throws UapiException;

    /** The mark of outgoing datagrams, 0 for none. */
    int fwmark();

    /** Marks outgoing datagrams from now on; refuses with EPERM. */
    void setFwmark(int mark) throws UapiException;

    /** Whether the key of this node may be changed by {@code wg}: not when the coordinator knows the node by it. */
    boolean mayChangeKey();

    /** Whether the peer came from the coordinator, so that {@code wg} must leave it alone. */
    boolean isManaged(Peer peer);

    /** The peer's endpoint is being set to an address: it is no host name any more. */
    default void endpointSet(Peer peer) {}

    /** The peer's endpoint is being set to an address in a scope that there is not: {@code fe80::1%eth7}. */
    default void endpointNamed(Peer peer, String host, int port) {}

    /** Where the peer's datagrams go; null when that is unknown, or through a relay. */
    @Nullable
    InetSocketAddress endpoint(Peer peer);
}
