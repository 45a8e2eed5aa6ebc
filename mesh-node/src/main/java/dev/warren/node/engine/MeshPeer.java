package dev.warren.node.engine;

import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * A peer as the coordinator's map has it.
 *
 * @param nodeKey its WireGuard key
 * @param discoKey its disco key
 * @param homeRegion the relay region in which it listens; 0 = none
 * @param endpoints UDP addresses at which it may be reached
 * @param allowedIps the blocks that lead to it
 */
public record MeshPeer(
        NodePublicKey nodeKey,
        DiscoPublicKey discoKey,
        int homeRegion,
        List<InetSocketAddress> endpoints,
        List<IpPrefix> allowedIps) {
    /** Copies the lists. */
    public MeshPeer {
        endpoints = List.copyOf(endpoints);
        allowedIps = List.copyOf(allowedIps);
    }
}
