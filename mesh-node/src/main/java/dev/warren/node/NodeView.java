package dev.warren.node;

import dev.warren.node.control.NodeStatus;
import dev.warren.node.engine.EngineSnapshot;
import dev.warren.node.tunnel.Offload;
import dev.warren.node.tunnel.OffloadState;
import dev.warren.node.tunnel.RelayConnections;
import dev.warren.node.tunnel.Tunnel;
import dev.warren.platform.crypto.CipherChoice;
import dev.warren.protocol.coordination.AddressText;
import dev.warren.protocol.coordination.KnownNode;
import dev.warren.protocol.coordination.PathKind;
import dev.warren.protocol.coordination.PathReport;
import dev.warren.protocol.key.NodePublicKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The engine's snapshot with the map's names: as status for users, as path report for the coordinator. */
final class NodeView {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long NANOS_PER_MICRO = 1_000;

    private NodeView() {}

    /** The status; {@code mesh} is null before the first map. */
    static NodeStatus status(
            EngineSnapshot snapshot,
            @Nullable MeshMap mesh,
            Tunnel tunnel,
            RelayConnections relays,
            NodePublicKey ownKey,
            String hostName,
            String coordinator,
            long unixNanos) {
        List<NodeStatus.Peer> peers = new ArrayList<>();
        for (EngineSnapshot.Peer peer : snapshot.peers()) {
            peers.add(peer(peer, mesh == null ? null : mesh.peer(peer.key()), unixNanos));
        }
        peers.sort(Comparator.comparing(NodeStatus.Peer::name));
        CipherChoice.InForce cipher = tunnel.cipher();
        NodeStatus.Self self = new NodeStatus.Self(
                mesh == null ? hostName : mesh.map().self().name(),
                ownKey.toString(),
                mesh == null ? List.of() : texts(mesh.map().self().addresses()),
                tunnel.interfaceName(),
                tunnel.port(),
                snapshot.homeRegion(),
                snapshot.endpoints().stream().map(NodeView::text).toList(),
                coordinator,
                cipher.name(),
                cipher.nanosPerPacket().isPresent()
                        ? (Double) cipher.nanosPerPacket().getAsDouble()
                        : null,
                texts(tunnel.datapath().offloads()));
        return new NodeStatus(
                self, List.copyOf(peers), NodeDrops.of(snapshot, tunnel.datapath()::count, relays.drops()));
    }

    /** The paths to all peers of the mesh. */
    static List<PathReport> report(EngineSnapshot snapshot) {
        List<PathReport> paths = new ArrayList<>();
        for (EngineSnapshot.Peer peer : snapshot.peers()) {
            if (!peer.local()) {
                paths.add(report(peer));
            }
        }
        return paths;
    }

    private static PathReport report(EngineSnapshot.Peer peer) {
        Long latencyMicros = peer.latencyNanos() < 0 ? null : (Long) (peer.latencyNanos() / NANOS_PER_MICRO);
        return switch (peer.path()) {
            case DIRECT -> new PathReport(peer.key(), PathKind.DIRECT, peer.direct(), 0, latencyMicros);
            // For who looks at the mesh as a whole it is a relay of that region, whatever carries it there.
            case UDP_RELAY, RELAY ->
                new PathReport(peer.key(), PathKind.RELAY, null, peer.relayRegion(), latencyMicros);
            case NONE -> new PathReport(peer.key(), PathKind.NONE, null, 0, null);
        };
    }

    private static NodeStatus.Peer peer(EngineSnapshot.Peer peer, @Nullable KnownNode known, long unixNanos) {
        return new NodeStatus.Peer(
                known == null ? peer.key().shortText() : known.name(),
                peer.key().toString(),
                known == null ? List.of() : texts(known.addresses()),
                known == null || known.online(),
                switch (peer.path()) {
                    case DIRECT -> "direct";
                    case UDP_RELAY -> "udp-relay";
                    case RELAY -> "relay";
                    case NONE -> "none";
                },
                address(peer),
                peer.relayRegion(),
                peer.latencyNanos() < 0 ? null : (Double) (peer.latencyNanos() / NANOS_PER_MILLI),
                peer.lastHandshakeUnixNanos() == 0
                        ? null
                        : (Double) Math.max(0, (unixNanos - peer.lastHandshakeUnixNanos()) / NANOS_PER_SECOND),
                peer.rxBytes(),
                peer.txBytes());
    }

    private static @Nullable String address(EngineSnapshot.Peer peer) {
        InetSocketAddress direct = peer.direct();
        return switch (peer.path()) {
            case DIRECT -> direct == null ? null : text(direct);
            case UDP_RELAY -> String.valueOf(peer.udpRelay());
            case RELAY, NONE -> null;
        };
    }

    /** {@code ip:port}, with brackets around an IPv6 address. */
    static String text(InetSocketAddress address) {
        return AddressText.format(address);
    }

    private static SortedMap<String, String> texts(Map<Offload, OffloadState> offloads) {
        SortedMap<String, String> texts = new TreeMap<>();
        offloads.forEach((offload, state) -> texts.put(offload.toString(), state.toString()));
        return texts;
    }

    private static List<String> texts(List<InetAddress> addresses) {
        return addresses.stream().map(AddressText::format).toList();
    }
}
