package dev.warren.node.control;

import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.LinkAddress;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.NetworkMap;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds other networks on this machine that have the mesh's addresses, such as a second overlay in 100.64.0.0/10, and
 * remembers of which it told. For one thread.
 */
public final class PoolClash {
    private static final IpPrefix OVERLAYS = IpPrefix.parse("100.64.0.0/10");

    private Set<Clash> told = Set.of();

    /** The addresses in it may change, which is no news: the remedy stays the same. */
    private record Clash(String link, IpPrefix network) {}

    /**
     * A sentence about each network that holds an address of the mesh and did not at the last call: none while a clash
     * lasts, one more when it came back.
     *
     * @param links the machine's interfaces with their addresses
     * @param tunnelName the node's own interface, which does not count
     * @param map the mesh
     */
    public List<String> news(List<Link> links, String tunnelName, NetworkMap map) {
        List<InetAddress> mesh = new ArrayList<>(map.self().addresses());
        for (KnownNode peer : map.peers()) {
            mesh.addAll(peer.addresses());
        }
        Set<Clash> found = new HashSet<>();
        List<String> news = new ArrayList<>();
        for (Link link : links) {
            if (link.name().equals(tunnelName) || !link.isUp() || link.isLoopback()) {
                continue;
            }
            for (LinkAddress held : link.addresses()) {
                IpPrefix network = block(held);
                Clash clash = new Clash(link.name(), network);
                InetAddress address = firstWithin(network, mesh);
                if (address != null && found.add(clash) && !told.contains(clash)) {
                    news.add(sentence(link, held, network, address));
                }
            }
        }
        told = found;
        return news;
    }

    private static @Nullable InetAddress firstWithin(IpPrefix network, List<InetAddress> addresses) {
        return addresses.stream().filter(network::contains).findFirst().orElse(null);
    }

    /** What the interface claims: its subnet, or, for an overlay's single address, the block that overlays share. */
    private static IpPrefix block(LinkAddress held) {
        return OVERLAYS.contains(held.address()) ? OVERLAYS : new IpPrefix(held.address(), held.prefixBits());
    }

    private static String sentence(Link link, LinkAddress held, IpPrefix network, InetAddress address) {
        return "the interface " + link.name() + " has " + held.address().getHostAddress() + " of the network " + network
                + ", in which the mesh has " + address.getHostAddress()
                + ": stop the other network, or give this mesh another block (warren coordinator --pool CIDR)";
    }
}
