package dev.warren.node.engine;

import dev.warren.node.path.PathAgent;
import dev.warren.node.path.Route;
import dev.warren.node.path.UdpRelayAgent;
import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.disco.TxId;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.udprelay.RelayPath;
import dev.warren.protocol.wireguard.AllowedIps;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.KnownSources;
import dev.warren.protocol.wireguard.Peer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A coordinator's peer: its WireGuard state, its path agent and its disco box. The attachment of its {@link Peer}. */
final class PeerPath {
    /** Between pings through the relay while it carries packets, to know its latency. */
    private static final long RELAY_PING_NANOS = 5_000_000_000L;

    private static final long NEVER = Long.MIN_VALUE;

    final Peer peer;
    final PathAgent agent;
    final UdpRelayAgent udpRelay;
    final NaclBox box;
    MeshPeer record;
    /** A call-me-maybe waits for fresh own addresses. */
    boolean callPending;
    /** Where its last authenticated datagram came from: answered there while there is neither path nor relay. */
    @Nullable
    InetSocketAddress heardAt;

    private List<InetAddress> expected = List.of();
    private int heardRegion;
    private @Nullable TxId relayPing;
    private long relayPingNanos = NEVER;
    private long relayLatencyNanos = -1;

    PeerPath(MeshPeer record, Peer peer, PathAgent agent, UdpRelayAgent udpRelay, NaclBox box) {
        this.record = record;
        this.peer = peer;
        this.agent = agent;
        this.udpRelay = udpRelay;
        this.box = box;
        agent.setRelay(record.homeRegion());
    }

    /** Does what is due. */
    void poll(long nowNanos) {
        agent.poll(nowNanos);
        udpRelay.update(agent.needsRelay(nowNanos), nowNanos);
        udpRelay.poll(nowNanos);
    }

    /** Whether its packets go by a UDP relay at one of these addresses. */
    boolean isRelayedIn(IpPrefix block) {
        RelayPath path = udpRelay.path();
        return path != null && block.contains(path.server().getAddress());
    }

    /** When {@link #poll} has something to do next, after whatever has happened. */
    long nextDeadlineNanos(long nowNanos) {
        udpRelay.update(agent.needsRelay(nowNanos), nowNanos);
        return Math.min(agent.nextDeadlineNanos(), udpRelay.nextDeadlineNanos());
    }

    /** The kernel refused to send to these addresses; false when none of them is of this peer. */
    boolean onSendFailed(Set<InetSocketAddress> to, long nowNanos) {
        InetSocketAddress direct = agent.route().direct();
        RelayPath through = udpRelay.path();
        boolean isOurs = false;
        if (direct != null && to.contains(direct)) {
            agent.onSendFailed(direct, nowNanos);
            isOurs = true;
        }
        if (through != null && to.contains(through.server())) {
            udpRelay.onSendFailed(through.server(), nowNanos);
            isOurs = true;
        }
        return isOurs;
    }

    NodePublicKey key() {
        return peer.publicKey();
    }

    /** Takes over a changed record with the same keys. */
    void update(MeshPeer changed, long nowNanos) {
        if (changed.homeRegion() != 0 && changed.homeRegion() != record.homeRegion()) {
            heardRegion = 0;
        }
        if (!changed.endpoints().equals(record.endpoints())) {
            agent.setEndpoints(changed.endpoints(), nowNanos);
        }
        record = changed;
        agent.setRelay(relayRegion());
    }

    /** Gives the peer its inner addresses, and no others. */
    void claim(AllowedIps allowedIps) {
        allowedIps.removeAll(peer);
        record.allowedIps().forEach(prefix -> allowedIps.insert(prefix, peer));
    }

    /** Has the peer's handshakes go first when they come from one of its addresses. */
    void expect(KnownSources known) {
        List<InetAddress> before = expected;
        expected =
                record.endpoints().stream().map(InetSocketAddress::getAddress).toList();
        expected.forEach(known::add);
        before.forEach(known::remove);
    }

    /** Takes {@link #expect} and {@link #heard(InetSocketAddress, KnownSources)} back. */
    void forget(KnownSources known) {
        expected.forEach(known::remove);
        expected = List.of();
        heard(null, known);
    }

    /** An authenticated datagram came from there. */
    void heard(@Nullable InetSocketAddress from, KnownSources known) {
        if (!Objects.equals(heardAt, from)) {
            known.move(heardAt, from);
            heardAt = from;
        }
    }

    /** The region through which the peer is reached: its home, or where it was last heard while that is unknown. */
    int relayRegion() {
        return record.homeRegion() != 0 ? record.homeRegion() : heardRegion;
    }

    void heard(int region) {
        heardRegion = region;
        agent.setRelay(relayRegion());
    }

    /** Whether it is time for a ping through the relay, which is sent while that carries packets. */
    boolean isRelayPingDue(long nowNanos) {
        return relayPingNanos == NEVER || nowNanos - relayPingNanos >= RELAY_PING_NANOS;
    }

    /** Notes that a ping with this id goes through the relay now; returns the id. */
    TxId relayPing(TxId id, long nowNanos) {
        relayPing = id;
        relayPingNanos = nowNanos;
        return id;
    }

    /** Whether the pong answers the last ping through the relay. */
    boolean onRelayPong(TxId id, long nowNanos) {
        if (!id.equals(relayPing)) {
            return false;
        }
        relayPing = null;
        relayLatencyNanos = nowNanos - relayPingNanos;
        return true;
    }

    EngineSnapshot.Peer snapshot(long nowNanos) {
        Route route = agent.route();
        EngineSnapshot.PathKind kind = kind(route, nowNanos);
        return new EngineSnapshot.Peer(
                key(),
                false,
                kind,
                route.direct(),
                udpRelay.path(),
                route.relayRegion(),
                switch (kind) {
                    case DIRECT -> agent.latencyNanos();
                    case UDP_RELAY -> udpRelay.latencyNanos();
                    case RELAY, NONE -> relayLatencyNanos;
                },
                peer.lastHandshakeUnixNanos(),
                peer.rxBytes(),
                peer.txBytes());
    }

    private EngineSnapshot.PathKind kind(Route route, long nowNanos) {
        if (route.isTrusted(nowNanos)) {
            return EngineSnapshot.PathKind.DIRECT;
        }
        if (udpRelay.isTrusted(nowNanos)) {
            return EngineSnapshot.PathKind.UDP_RELAY;
        }
        return route.relayRegion() != 0 ? EngineSnapshot.PathKind.RELAY : EngineSnapshot.PathKind.NONE;
    }
}
