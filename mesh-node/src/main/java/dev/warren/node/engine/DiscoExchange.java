package dev.warren.node.engine;

import dev.warren.node.path.Route;
import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.disco.DiscoEnvelope;
import dev.warren.protocol.disco.DiscoMessage;
import dev.warren.protocol.disco.RelaySession;
import dev.warren.protocol.disco.TxId;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.udprelay.GeneveHeader;
import dev.warren.protocol.udprelay.RelayPath;
import dev.warren.protocol.wireguard.IpPrefix;
import dev.warren.protocol.wireguard.Origin;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Disco with all peers: seals and opens, answers pings, hands pongs and calls to the path agents. */
final class DiscoExchange {
    /** A pong through a relay gives magicsock's address for regions, 127.3.3.40:REGION, as what was observed. */
    private static final InetAddress RELAY_ADDRESS =
            IpPrefix.parse("127.3.3.40").address();

    private final DiscoPrivateKey key;
    private final DiscoPublicKey publicKey;
    private final NodePublicKey nodeKey;
    private final RandomGenerator random;
    private final MeshEngine.Ports ports;
    private final EngineCounters counters;
    private final UserPings userPings = new UserPings();
    private final Map<DiscoPublicKey, PeerPath> paths = new HashMap<>();

    DiscoExchange(EngineConfig config, RandomGenerator random, MeshEngine.Ports ports, EngineCounters counters) {
        this.key = config.discoKey();
        this.publicKey = key.publicKey();
        this.nodeKey = config.nodeKey().publicKey();
        this.random = random;
        this.ports = ports;
        this.counters = counters;
    }

    /** The box shared with a peer. */
    NaclBox box(DiscoPublicKey peer) {
        return NaclBox.between(key, peer);
    }

    void add(PeerPath path) {
        paths.put(path.record.discoKey(), path);
    }

    void remove(PeerPath path) {
        paths.remove(path.record.discoKey());
    }

    /** The path of the peer with this disco key; null when there is none. */
    @Nullable
    PeerPath path(DiscoPublicKey peer) {
        return paths.get(peer);
    }

    /** The path that is in this session of a UDP relay; null when none is. Control is rare, so they are all asked. */
    @Nullable
    PeerPath pathIn(DiscoPublicKey server, int vni) {
        for (PeerPath path : paths.values()) {
            if (path.udpRelay.isIn(server, vni)) {
                return path;
            }
        }
        return null;
    }

    /**
     * Takes a packet that looks like disco; the path that it concerns, or null when it was of no use. What a relay
     * forwarded counts only if the relay's client is the peer itself.
     */
    @Nullable
    PeerPath receive(Origin origin, byte[] buffer, int offset, int length, long nowNanos) {
        PeerPath path = sender(buffer, offset, length);
        if (path != null
                && origin instanceof Origin.Relayed relayed
                && !relayed.key().equals(path.key())) {
            counters.add(EngineCounter.DROPPED_UNKNOWN_DISCO);
            return null;
        }
        PeerPath handled = path == null ? null : handle(path, origin, buffer, offset, length, nowNanos);
        if (handled != null && origin instanceof Origin.Relayed relayed) {
            handled.heard(relayed.region());
        }
        return handled;
    }

    /** A ping over UDP. */
    void ping(PeerPath path, TxId id, InetSocketAddress to) {
        sendUdp(path, new DiscoMessage.Ping(id, nodeKey, 0), to);
    }

    /** A ping through a UDP relay. */
    void ping(PeerPath path, TxId id, RelayPath through) {
        sendThrough(path, new DiscoMessage.Ping(id, nodeKey, 0), through);
    }

    /** A ping through the peer's relay. */
    void pingRelay(PeerPath path, TxId id) {
        sendRelay(path, new DiscoMessage.Ping(id, nodeKey, 0));
    }

    /** A user's ping over the route in use; false when there is none. */
    boolean userPing(PeerPath path, long token, long nowNanos) {
        Route route = path.agent.route();
        TxId id = TxId.random(random);
        InetSocketAddress direct = route.direct();
        RelayPath through = path.udpRelay.path();
        if (direct != null && route.isTrusted(nowNanos)) {
            userPings.sent(id, token, path.key(), new UserPings.Way(direct, null, 0), nowNanos);
            ping(path, id, direct);
        } else if (through != null && path.udpRelay.isTrusted(nowNanos)) {
            userPings.sent(id, token, path.key(), new UserPings.Way(null, through, 0), nowNanos);
            ping(path, id, through);
        } else if (route.relayRegion() != 0) {
            userPings.sent(id, token, path.key(), new UserPings.Way(null, null, route.relayRegion()), nowNanos);
            pingRelay(path, id);
        } else {
            return false;
        }
        return true;
    }

    /** Asks the peer through its relay to ping us at {@code endpoints}. */
    void callMeMaybe(PeerPath path, List<InetSocketAddress> endpoints) {
        sendRelay(path, new DiscoMessage.CallMeMaybe(endpoints));
    }

    /** Asks the peer through its relay to meet us at a UDP relay. */
    void callMeMaybeVia(PeerPath path, RelaySession session) {
        sendRelay(path, new DiscoMessage.CallMeMaybeVia(session));
    }

    private @Nullable PeerPath sender(byte[] buffer, int offset, int length) {
        if (length < DiscoEnvelope.OVERHEAD) {
            counters.add(EngineCounter.DROPPED_BAD_DISCO);
            return null;
        }
        PeerPath path = paths.get(DiscoEnvelope.sender(buffer, offset));
        if (path == null) {
            counters.add(EngineCounter.DROPPED_UNKNOWN_DISCO);
        }
        return path;
    }

    private @Nullable PeerPath handle(
            PeerPath path, Origin origin, byte[] buffer, int offset, int length, long nowNanos) {
        DiscoMessage message = DiscoEnvelope.open(path.box, buffer, offset, length);
        switch (message) {
            case DiscoMessage.Ping ping -> onPing(path, ping, origin, nowNanos);
            case DiscoMessage.Pong pong -> onPong(path, pong, origin, nowNanos);
            case DiscoMessage.CallMeMaybe call -> onCallMeMaybe(path, call, origin, nowNanos);
            case DiscoMessage.CallMeMaybeVia call -> onCallMeMaybeVia(path, call, origin, nowNanos);
            case null, default -> {
                // Not a peer's to say, or not understood.
                counters.add(EngineCounter.DROPPED_BAD_DISCO);
                return null;
            }
        }
        return path;
    }

    private void onPing(PeerPath path, DiscoMessage.Ping ping, Origin origin, long nowNanos) {
        if (ping.node() != null && !ping.node().equals(path.key())) {
            counters.add(EngineCounter.DROPPED_BAD_DISCO);
            return;
        }
        switch (origin) {
            case Origin.Direct direct -> {
                InetSocketAddress from = direct.address();
                sendUdp(path, new DiscoMessage.Pong(ping.id(), from), from);
                path.agent.onPing(from, nowNanos);
            }
            case Origin.ThroughUdpRelay(RelayPath through) -> {
                sendThrough(path, new DiscoMessage.Pong(ping.id(), through.server()), through);
                path.udpRelay.onPing(through, nowNanos);
            }
            case Origin.Relayed _ -> {
                InetSocketAddress observed = new InetSocketAddress(RELAY_ADDRESS, path.relayRegion());
                sendRelay(path, new DiscoMessage.Pong(ping.id(), observed));
            }
        }
    }

    private void onPong(PeerPath path, DiscoMessage.Pong pong, Origin origin, long nowNanos) {
        UserPings.Answered answered = userPings.onPong(pong.id(), path.key(), nowNanos);
        if (answered != null) {
            ports.pingAnswered(answered.token(), answered.answer());
            return;
        }
        switch (origin) {
            case Origin.Direct _ -> path.agent.onPong(pong.id(), nowNanos);
            case Origin.ThroughUdpRelay(RelayPath through) -> path.udpRelay.onPong(pong.id(), through, nowNanos);
            case Origin.Relayed _ -> path.onRelayPong(pong.id(), nowNanos);
        }
    }

    /** Only over a relay, which knows the sender's node key; an empty list, as a damaged one decodes, says nothing. */
    private void onCallMeMaybe(PeerPath path, DiscoMessage.CallMeMaybe call, Origin origin, long nowNanos) {
        if (!(origin instanceof Origin.Relayed) || call.endpoints().isEmpty()) {
            counters.add(EngineCounter.DROPPED_STRAY_CALL);
            return;
        }
        path.agent.onCallMeMaybe(call.endpoints(), nowNanos);
    }

    private void onCallMeMaybeVia(PeerPath path, DiscoMessage.CallMeMaybeVia call, Origin origin, long nowNanos) {
        if (!(origin instanceof Origin.Relayed) || !path.udpRelay.onCallMeMaybeVia(call.session(), nowNanos)) {
            counters.add(EngineCounter.DROPPED_STRAY_CALL);
        }
    }

    private void sendUdp(PeerPath path, DiscoMessage message, InetSocketAddress to) {
        byte[] sealed = DiscoEnvelope.seal(path.box, publicKey, message, random);
        ports.sendUdp(to, sealed, 0, sealed.length);
    }

    private void sendThrough(PeerPath path, DiscoMessage message, RelayPath through) {
        byte[] sealed = DiscoEnvelope.seal(path.box, publicKey, message, random);
        long header = GeneveHeader.bits(false, GeneveHeader.DISCO, through.vni());
        ports.sendUdp(through.server(), header, MemorySegment.ofArray(sealed), 0, sealed.length);
    }

    private void sendRelay(PeerPath path, DiscoMessage message) {
        if (path.relayRegion() != 0) {
            byte[] sealed = DiscoEnvelope.seal(path.box, publicKey, message, random);
            ports.sendRelay(path.relayRegion(), path.key(), sealed, 0, sealed.length);
        }
    }
}
