package dev.warren.node.control;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What {@code warren status} shows and {@code --json} prints: the node itself and its peers.
 *
 * @param node the node that was asked
 * @param peers every peer it knows, by name
 * @param drops packets that went no further, by reason; reasons without any left out
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record NodeStatus(Self node, List<Peer> peers, SortedMap<String, Long> drops) {
    /** An agent that was started before this could be told says nothing of drops. */
    public NodeStatus {
        drops = Objects.requireNonNullElse(drops, Collections.emptySortedMap());
    }

    /** A node that has dropped nothing. */
    public NodeStatus(Self node, List<Peer> peers) {
        this(node, peers, Collections.emptySortedMap());
    }

    /**
     * The node that was asked.
     *
     * @param name its name in the mesh
     * @param nodeKey its WireGuard public key as {@code nodekey:} text
     * @param addresses its addresses in the mesh
     * @param networkInterface the name of its TUN device
     * @param listenPort the UDP port of its WireGuard socket
     * @param homeRegion the region where peers find it, 0 when there is none
     * @param endpoints where it believes it can be reached, as {@code ip:port}
     * @param coordinator "connected", or why it is not
     * @param aead whose ChaCha20-Poly1305 seals the packets: "libcrypto", "vector" or "jdk"
     * @param aeadNanosPerPacket CPU time for a packet of 1420 bytes, once it is measured
     * @param offloads for "tun-tcp", "tun-udp", "udp-gso" and "udp-gro": "on", or why not, such as "switched off"
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Self(
            String name,
            String nodeKey,
            List<String> addresses,
            @com.fasterxml.jackson.annotation.JsonProperty("interface") String networkInterface,
            int listenPort,
            int homeRegion,
            List<String> endpoints,
            String coordinator,
            String aead,
            @Nullable Double aeadNanosPerPacket,
            SortedMap<String, String> offloads) {
        /** An agent that was started before this could be told says nothing of offloads. */
        public Self {
            offloads = Objects.requireNonNullElse(offloads, Collections.emptySortedMap());
        }
    }

    /**
     * One peer.
     *
     * @param name its name in the mesh, or its short key when it was added by {@code wg set}
     * @param nodeKey its WireGuard public key as {@code nodekey:} text
     * @param addresses its addresses in the mesh
     * @param online whether the coordinator sees it
     * @param path "direct", "udp-relay", "relay" or "none"
     * @param address where a direct path leads, as {@code ip:port}, or the UDP relay, as {@code ip:port vni N}
     * @param relayRegion the region through which it is reached otherwise
     * @param latencyMillis round trip of the current path, when one was measured
     * @param handshakeAgeSeconds since the last WireGuard handshake, when there was one
     * @param rxBytes received from it in WireGuard messages
     * @param txBytes sent to it in WireGuard messages
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Peer(
            String name,
            String nodeKey,
            List<String> addresses,
            boolean online,
            String path,
            @Nullable String address,
            int relayRegion,
            @Nullable Double latencyMillis,
            @Nullable Double handshakeAgeSeconds,
            long rxBytes,
            long txBytes) {}
}
