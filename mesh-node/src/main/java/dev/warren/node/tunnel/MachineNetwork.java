package dev.warren.node.tunnel;

import dev.warren.node.engine.NetworkChange;
import dev.warren.platform.linux.DefaultRoute;
import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.LinkAddress;
import dev.warren.protocol.wireguard.SourceAddress;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a machine's network is for a tunnel, without the tunnel's own part in it.
 *
 * @param usable the addresses that peers may be told, see {@link LocalAddresses#usable}
 * @param links the interfaces that are up
 * @param held which of them has which address
 * @param routes the default routes
 */
record MachineNetwork(List<InetAddress> usable, Set<Integer> links, Set<Held> held, Set<DefaultRoute> routes) {
    /** An address of an interface that is up. */
    record Held(int interfaceIndex, InetAddress address) {}

    /** As the kernel tells it. */
    static MachineNetwork of(List<Link> links, List<DefaultRoute> routes, String tunnelName) {
        Set<Integer> up = new HashSet<>();
        Set<Held> held = new HashSet<>();
        Set<DefaultRoute> others = new HashSet<>(routes);
        for (Link link : links) {
            if (link.name().equals(tunnelName)) {
                others.removeIf(route -> route.interfaceIndex() == link.index());
            } else if (link.isUp()) {
                up.add(link.index());
                link.addresses().stream()
                        .filter(LinkAddress::isUsable)
                        .forEach(address -> held.add(new Held(link.index(), address.address())));
            }
        }
        return new MachineNetwork(LocalAddresses.usable(links, tunnelName), up, held, others);
    }

    /** Whether the machine has this address, and the interface that its messages take. */
    boolean isSource(SourceAddress source) {
        boolean isThere = source.interfaceIndex() == 0 || links.contains(source.interfaceIndex());
        return isThere && held.stream().anyMatch(one -> one.address().equals(source.address()));
    }

    /** What has changed since {@code before}. */
    NetworkChange since(MachineNetwork before) {
        boolean isAdded = !before.held.containsAll(held) || !before.routes.containsAll(routes);
        boolean isLost = !held.containsAll(before.held) || !routes.containsAll(before.routes);
        return new NetworkChange(isAdded, isLost, 0);
    }
}
