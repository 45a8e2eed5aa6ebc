package dev.warren.node.engine;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.warren.node.path.Route;
import dev.warren.protocol.disco.TxId;
import dev.warren.protocol.udprelay.GeneveHeader;
import dev.warren.protocol.udprelay.RelayPath;
import dev.warren.protocol.wireguard.Device;
import dev.warren.protocol.wireguard.DropReason;
import dev.warren.protocol.wireguard.Origin;
import dev.warren.protocol.wireguard.Peer;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;

/** What WireGuard wants sent and delivered: picks the way of each message. */
final class WireGuardOutput implements Device.Output {
    private static final int INITIATION_TYPE = 1;
    private static final int DATA_TYPE = 4;
    /** To so many addresses goes a handshake initiation when there is neither a path nor a relay. */
    private static final int MAX_SPRAY = 4;

    private final MeshEngine engine;
    private final MeshEngine.Ports ports;
    private final EngineCounters counters;
    private final RandomGenerator random;

    WireGuardOutput(MeshEngine engine, MeshEngine.Ports ports, EngineCounters counters, RandomGenerator random) {
        this.engine = engine;
        this.ports = ports;
        this.counters = counters;
        this.random = random;
    }

    @Override
    public void transmit(Peer peer, MemorySegment memory, long offset, int length, int trafficClass) {
        if (peer.attachment() instanceof PeerPath path) {
            transmit(path, memory, offset, length, trafficClass, engine.nowNanos());
            return;
        }
        InetSocketAddress endpoint = peer.endpoint();
        if (endpoint == null) {
            counters.add(EngineCounter.DROPPED_NO_PATH);
        } else {
            counters.add(EngineCounter.SENT_DIRECT);
            ports.sendUdp(endpoint, peer.source(), trafficClass, memory, offset, length);
        }
    }

    /** A direct path that is trusted alone; else what there is: the stale one, the UDP relay, and DERP behind that. */
    private void transmit(
            PeerPath path, MemorySegment memory, long offset, int length, int trafficClass, long nowNanos) {
        engine.sending(path, memory.get(JAVA_BYTE, offset) == DATA_TYPE && length > MeshEngine.KEEPALIVE_LENGTH);
        Route route = path.agent.route();
        InetSocketAddress direct = route.direct();
        if (direct != null) {
            counters.add(EngineCounter.SENT_DIRECT);
            ports.sendUdp(direct, null, trafficClass, memory, offset, length);
        }
        if (route.isTrusted(nowNanos)) {
            return;
        }
        RelayPath through = path.udpRelay.path();
        if (through != null) {
            counters.add(EngineCounter.SENT_UDP_RELAY);
            long header = GeneveHeader.bits(false, GeneveHeader.WIREGUARD, through.vni());
            ports.sendUdp(through.server(), header, memory, offset, length);
        }
        if (!path.udpRelay.isTrusted(nowNanos)) {
            boolean sent = direct != null || through != null;
            relay(path, route.relayRegion(), sent, memory, offset, length, trafficClass, nowNanos);
        }
    }

    private void relay(
            PeerPath path,
            int region,
            boolean sent,
            MemorySegment memory,
            long offset,
            int length,
            int trafficClass,
            long nowNanos) {
        if (region != 0) {
            counters.add(EngineCounter.SENT_RELAY);
            ports.sendRelay(region, path.key(), memory, offset, length);
            if (path.isRelayPingDue(nowNanos)) {
                engine.pingRelay(path, path.relayPing(TxId.random(random), nowNanos));
            }
        } else if (!sent && path.heardAt != null) {
            counters.add(EngineCounter.SENT_DIRECT);
            ports.sendUdp(path.heardAt, null, trafficClass, memory, offset, length);
        } else if (!sent
                && memory.get(JAVA_BYTE, offset) == INITIATION_TYPE
                && !path.record.endpoints().isEmpty()) {
            // No relay to begin with: try the handshake at the addresses themselves, as they are proven.
            path.record.endpoints().stream().limit(MAX_SPRAY).forEach(endpoint -> {
                counters.add(EngineCounter.SENT_DIRECT);
                ports.sendUdp(endpoint, null, trafficClass, memory, offset, length);
            });
        } else if (!sent) {
            counters.add(EngineCounter.DROPPED_NO_PATH);
        }
    }

    @Override
    public void reply(Origin origin, byte[] buffer, int offset, int length) {
        switch (origin) {
            case Origin.Direct direct ->
                ports.sendUdp(direct.address(), direct.local(), 0, MemorySegment.ofArray(buffer), offset, length);
            case Origin.Relayed relayed -> ports.sendRelay(relayed.region(), relayed.key(), buffer, offset, length);
            case Origin.ThroughUdpRelay(RelayPath path) -> {
                long header = GeneveHeader.bits(false, GeneveHeader.WIREGUARD, path.vni());
                ports.sendUdp(path.server(), header, MemorySegment.ofArray(buffer), offset, length);
            }
        }
    }

    @Override
    public void deliver(Peer peer, MemorySegment memory, long offset, int length) {
        ports.deliver(memory, offset, length);
    }

    @Override
    public boolean hasWay(Peer peer) {
        EndpointName name = EndpointNames.of(peer);
        return peer.attachment() instanceof PeerPath || peer.endpoint() != null || (name != null && name.isAwaited());
    }

    @Override
    public void unreachable(MemorySegment memory, long offset, int length) {
        ports.unreachable(memory, offset, length);
    }

    @Override
    public void authenticated(Peer peer, Origin origin, boolean handshake, long nowNanos) {
        if (peer.attachment() instanceof PeerPath path) {
            if (origin instanceof Origin.Relayed relayed && relayed.key().equals(path.key())) {
                path.heard(relayed.region());
            }
            if (origin instanceof Origin.Direct direct) {
                path.heard(direct.address(), engine.device().knownSources());
            }
            path.agent.onAuthenticated(origin instanceof Origin.Direct, nowNanos);
            if (handshake && origin instanceof Origin.Relayed) {
                path.agent.onRelayedHandshake(nowNanos);
            }
        } else if (origin instanceof Origin.Direct direct) {
            peer.setEndpoint(direct.address());
            peer.setSource(direct.local());
        }
    }

    @Override
    public void unanswered(Peer peer, long nowNanos) {
        engine.names().unanswered(peer, nowNanos);
    }

    @Override
    public void established(Peer peer, long nowNanos) {
        // Nothing hangs on it: the path is the path agent's, whether there is a session or not.
    }

    @Override
    public void dropped(DropReason reason) {
        // The device counts; snapshot() asks it.
    }
}
