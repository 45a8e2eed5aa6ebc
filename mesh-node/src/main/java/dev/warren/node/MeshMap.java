package dev.warren.node;

import dev.warren.node.engine.MeshPeer;
import dev.warren.protocol.coordination.AddressText;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.NetworkMap;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpNode;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coordinator's map as the rest of the node needs it. Immutable.
 *
 * @param map as it came
 */
record MeshMap(NetworkMap map) {
    private static final Logger LOG = LoggerFactory.getLogger(MeshMap.class);

    /** The peers for the engine. */
    List<MeshPeer> peers() {
        return map.peers().stream()
                .map(peer -> new MeshPeer(
                        peer.nodeKey(), peer.discoKey(), peer.homeRegion(), peer.endpoints(), peer.allowedIps()))
                .toList();
    }

    /** The blocks that lead into the tunnel. */
    Set<IpPrefix> routes() {
        Set<IpPrefix> routes = new LinkedHashSet<>();
        map.peers().forEach(peer -> routes.addAll(peer.allowedIps()));
        return routes;
    }

    /** The addresses of this node. */
    Set<InetAddress> addresses() {
        return new LinkedHashSet<>(map.self().addresses());
    }

    /** The peer with this node key, or null. */
    @Nullable
    KnownNode peer(NodePublicKey key) {
        return map.peers().stream()
                .filter(peer -> peer.nodeKey().equals(key))
                .findFirst()
                .orElse(null);
    }

    /** The peer that a user means: by name, by mesh address or by node key. */
    Optional<KnownNode> find(String text) {
        return map.peers().stream()
                .filter(peer -> peer.name().equals(text)
                        || peer.nodeKey().toString().equals(text)
                        || peer.nodeKey().base64().equals(text)
                        || peer.addresses().stream()
                                .anyMatch(address -> AddressText.format(address).equals(text)))
                .findFirst();
    }

    /** The STUN servers by region, host names looked up (which may take a while). */
    SortedMap<Integer, List<InetSocketAddress>> stunServers() {
        SortedMap<Integer, List<InetSocketAddress>> servers = new TreeMap<>();
        DerpMap relays = map.relays();
        relays.regions().forEach((id, region) -> {
            List<InetSocketAddress> addresses = new ArrayList<>();
            for (DerpNode node : region.stunServers()) {
                node.dialHosts().forEach(host -> addAll(host, node.stunPort(), addresses));
            }
            servers.put(id, List.copyOf(addresses));
        });
        return servers;
    }

    /** How users are told of a region: by its number and its code. */
    String regionName(int id) {
        DerpRegion region = map.relays().region(id);
        return region == null ? "region " + id : "region " + id + " (" + region.code() + ")";
    }

    /** The regions that have a relay: those where a node can listen. */
    SortedSet<Integer> relayed() {
        return map.relays().relayed();
    }

    private static void addAll(String host, int port, List<InetSocketAddress> into) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                into.add(new InetSocketAddress(address, port));
            }
        } catch (UnknownHostException unknown) {
            LOG.warn("the STUN server {} of the relay map has no address: {}", host, unknown.getMessage());
        }
    }
}
