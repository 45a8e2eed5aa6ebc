package dev.warren.protocol.coordination;

import dev.warren.protocol.key.IdentityPublicKey;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JSON behind the status page, {@code /status.json} on the ops listener.
 *
 * @param mesh which mesh
 * @param revision of the topology shown
 * @param nowUnixMillis the coordinator's clock
 * @param nodes by name
 * @param pairs of nodes, each once, with how they reach each other
 * @param relays by region
 */
public record StatusView(
        MeshId mesh, long revision, long nowUnixMillis, List<Node> nodes, List<Pair> pairs, List<Relay> relays) {
    /** Copies the lists. */
    public StatusView {
        nodes = List.copyOf(nodes);
        pairs = List.copyOf(pairs);
        relays = List.copyOf(relays);
    }

    /**
     * One node.
     *
     * @param name in the mesh
     * @param identity who it is
     * @param addresses in the mesh, IPv4 first
     * @param tags from its join token
     * @param software that it runs
     * @param online now
     * @param lastSeenUnixMillis when it was seen last; null = never
     * @param homeRegion relay region, 0 = none
     * @param endpoints where it may be reached, {@code ip:port}
     */
    public record Node(
            String name,
            IdentityPublicKey identity,
            List<InetAddress> addresses,
            List<String> tags,
            String software,
            boolean online,
            @Nullable Long lastSeenUnixMillis,
            int homeRegion,
            List<String> endpoints) {
        /** Copies the lists. */
        public Node {
            addresses = List.copyOf(addresses);
            tags = List.copyOf(tags);
            endpoints = List.copyOf(endpoints);
        }
    }

    /**
     * Two nodes and how each reaches the other; a side that has reported nothing is null.
     *
     * @param a name of the first node
     * @param b name of the second node, behind {@code a} in the alphabet
     * @param kind of the pair's path: relay when a side sends through one, otherwise direct when a side does, otherwise
     *     none
     * @param latencyMicros the smaller of what the two measured; null = not measured
     * @param aToB as {@code a} sees it
     * @param bToA as {@code b} sees it
     */
    public record Pair(
            String a,
            String b,
            PathKind kind,
            @Nullable Long latencyMicros,
            @Nullable Side aToB,
            @Nullable Side bToA) {}

    /**
     * One side's view of a pair.
     *
     * @param kind of path
     * @param via the peer's {@code ip:port}, or {@code relay REGION}; empty when there is no path
     * @param latencyMicros as measured; null = not measured
     * @param reportedUnixMillis when the node said so
     */
    public record Side(PathKind kind, String via, @Nullable Long latencyMicros, long reportedUnixMillis) {}

    /**
     * One relay region.
     *
     * @param region its number
     * @param code its short name
     * @param hosts its nodes, {@code host:port}
     */
    public record Relay(int region, String code, List<String> hosts) {
        /** Copies the list. */
        public Relay {
            hosts = List.copyOf(hosts);
        }
    }
}
