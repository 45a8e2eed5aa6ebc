package dev.warren.node.netcheck;

import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpNode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;

/**
 * Whom to ask, with all names looked up.
 *
 * @param relays the map that the regions are from
 * @param stunServers all that have an address, of the map and beside it
 * @param relayServers the map's relays that have an address
 * @param routers whom to ask for port mappings
 * @param ownAddresses of this machine
 * @param home the region that a running agent has as home; 0 for none
 * @param problems what could not be looked up, a sentence each
 */
public record NetcheckTargets(
        DerpMap relays,
        List<StunServer> stunServers,
        List<RelayServer> relayServers,
        List<Router> routers,
        Set<InetAddress> ownAddresses,
        int home,
        List<String> problems) {
    /**
     * One address of a STUN server.
     *
     * @param region the region it belongs to; 0 for one that was named beside the map
     * @param name for people
     * @param address where it is
     */
    public record StunServer(int region, String name, InetSocketAddress address) {}

    /**
     * One address of a relay.
     *
     * @param node as the map has it
     * @param address of the node, where it relays
     */
    public record RelayServer(DerpNode node, InetSocketAddress address) {}

    /**
     * A default router.
     *
     * @param address the router's
     * @param self ours, as the router sees it
     */
    public record Router(InetAddress address, InetAddress self) {}

    /** Keeps copies of its own. */
    public NetcheckTargets {
        stunServers = List.copyOf(stunServers);
        relayServers = List.copyOf(relayServers);
        routers = List.copyOf(routers);
        ownAddresses = Set.copyOf(ownAddresses);
        problems = List.copyOf(problems);
    }
}
