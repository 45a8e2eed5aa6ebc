package dev.warren.node.control;

import dev.warren.platform.linux.Link;
import dev.warren.platform.linux.LinkAddress;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.NetworkMap;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds another network on this machine that has the mesh's addresses, such as a second overlay in 100.64.0.0/10. */
public final class PoolClash {
    private static final IpPrefix OVERLAYS = IpPrefix.parse("100.64.0.0/10");

    private PoolClash() {}

    /**
     * A sentence about the first interface whose network holds an address of the mesh, or null when there is none.
     *
     * @param links the machine's interfaces with their addresses
     * @param tunnelName the node's own interface, which does not count
     * @param map the mesh
     */
    public static @Nullable String check(List<Link> links, String tunnelName, NetworkMap map) {
        List<InetAddress> mesh = new ArrayList<>(map.self().addresses());
        for (KnownNode peer : map.peers()) {
            mesh.addAll(peer.addresses());
        }
        for (Link link : links) {
            if (link.name().equals(tunnelName) || !link.isUp() || link.isLoopback()) {
                continue;
            }
            for (LinkAddress held : link.addresses()) {
                IpPrefix network = block(held);
                for (InetAddress address : mesh) {
                    if (network.contains(address)) {
                        return sentence(link, held, network, address);
                    }
                }
            }
        }
        return null;
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
