package dev.warren.protocol.simulation;

import dev.warren.protocol.stun.BindingResponder;
import dev.warren.protocol.stun.ResponderConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A STUN server of RFC 5780: the real responder behind each of the four sockets of a host with two addresses. */
public final class DiscoveryStunHost {
    private static final List<Integer> PORTS = List.of(3478, 3479);
    private static final int CHANGE_PORT = BindingResponder.CHANGE_PORT;
    private static final int CHANGE_ADDRESS = BindingResponder.CHANGE_ADDRESS;
    private static final int CHANGE_BOTH = CHANGE_PORT | CHANGE_ADDRESS;

    private final Host host;
    private final List<InetAddress> addresses;
    private final Map<InetSocketAddress, BindingResponder> responders = new HashMap<>();

    /** Serves on ports 3478 and 3479 of both addresses. */
    public DiscoveryStunHost(Host host) {
        this.host = host;
        this.addresses =
                host.endpoints(0).stream().map(InetSocketAddress::getAddress).toList();
        for (int change : List.of(0, CHANGE_PORT, CHANGE_ADDRESS, CHANGE_BOTH)) {
            InetSocketAddress own = corner(change);
            responders.put(own, new BindingResponder(new ResponderConfig(own, corner(change ^ CHANGE_BOTH), true)));
            host.bind(own, (source, payload, _) -> receive(change, source, payload));
        }
    }

    /** Where it is asked. */
    public InetSocketAddress address() {
        return corner(0);
    }

    /** Its host. */
    public Host host() {
        return host;
    }

    /** The one of the four addresses that these bits of CHANGE-REQUEST lead to, seen from the first one. */
    private InetSocketAddress corner(int change) {
        boolean address = (change & CHANGE_ADDRESS) != 0;
        boolean port = (change & CHANGE_PORT) != 0;
        return new InetSocketAddress(addresses.get(address ? 1 : 0), PORTS.get(port ? 1 : 0));
    }

    private void receive(int own, InetSocketAddress source, byte[] payload) {
        BindingResponder responder = responders.get(corner(own));
        if (responder != null
                && responder.handle(payload, 0, payload.length, source).isAnswered()) {
            InetSocketAddress from = corner(own ^ responder.change());
            host.send(from, source, responder.response(), 0, responder.responseLength());
        }
    }
}
