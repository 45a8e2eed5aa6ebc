package dev.warren.node.engine;

import dev.warren.node.path.Route;
import dev.warren.protocol.crypto.NaclBox;
import dev.warren.protocol.disco.DiscoEnvelope;
import dev.warren.protocol.disco.DiscoMessage;
import dev.warren.protocol.disco.TxId;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.wireguard.IpPrefix;
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

    /** Takes a datagram that looks like disco; the path that it concerns, or null when it was of no use. */
    @Nullable
    PeerPath receive(InetSocketAddress from, byte[] buffer, int offset, int length, long nowNanos) {
        PeerPath path = sender(buffer, offset, length);
        return path == null ? null : handle(path, from, buffer, offset, length, nowNanos);
    }

    /** The same for a packet that a relay forwarded: it counts only if the relay's client is the peer itself. */
    @Nullable
    PeerPath receive(int region, NodePublicKey client, byte[] buffer, int offset, int length, long nowNanos) {
        PeerPath path = sender(buffer, offset, length);
        if (path != null && !client.equals(path.key())) {
            counters.add(EngineCounter.DROPPED_UNKNOWN_DISCO);
            return null;
        }
        PeerPath handled = path == null ? null : handle(path, null, buffer, offset, length, nowNanos);
        if (handled != null) {
            handled.heard(region);
        }
        return handled;
    }

    /** A ping over UDP, or through the peer's relay when {@code to} is null. */
    void ping(PeerPath path, TxId id, @Nullable InetSocketAddress to) {
        send(path, new DiscoMessage.Ping(id, nodeKey, 0), to);
    }

    /** A user's ping over the route in use; false when there is none. */
    boolean userPing(PeerPath path, long token, long nowNanos) {
        Route route = path.agent.route();
        InetSocketAddress direct = route.isTrusted(nowNanos) ? route.direct() : null;
        if (direct == null && route.relayRegion() == 0) {
            return false;
        }
        TxId id = TxId.random(random);
        userPings.sent(id, token, path.key(), direct, direct == null ? route.relayRegion() : 0, nowNanos);
        ping(path, id, direct);
        return true;
    }

    /** Asks the peer through its relay to ping us at {@code endpoints}. */
    void callMeMaybe(PeerPath path, List<InetSocketAddress> endpoints) {
        send(path, new DiscoMessage.CallMeMaybe(endpoints), null);
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

    /** {@code from} is the UDP source; null for a relay's packet. */
    private @Nullable PeerPath handle(
            PeerPath path, @Nullable InetSocketAddress from, byte[] buffer, int offset, int length, long nowNanos) {
        DiscoMessage message = DiscoEnvelope.open(path.box, buffer, offset, length);
        if (message == null) {
            counters.add(EngineCounter.DROPPED_BAD_DISCO);
            return null;
        }
        switch (message) {
            case DiscoMessage.Ping ping -> onPing(path, ping, from, nowNanos);
            case DiscoMessage.Pong pong -> onPong(path, pong, from, nowNanos);
            case DiscoMessage.CallMeMaybe call -> onCallMeMaybe(path, call, from, nowNanos);
            case DiscoMessage.BindRequest _,
                    DiscoMessage.BindChallenge _,
                    DiscoMessage.BindAnswer _,
                    DiscoMessage.CallMeMaybeVia _,
                    DiscoMessage.AllocateRequest _,
                    DiscoMessage.AllocateResponse _ -> counters.add(EngineCounter.DROPPED_BAD_DISCO);
        }
        return path;
    }

    private void onPing(PeerPath path, DiscoMessage.Ping ping, @Nullable InetSocketAddress from, long nowNanos) {
        if (ping.node() != null && !ping.node().equals(path.key())) {
            counters.add(EngineCounter.DROPPED_BAD_DISCO);
            return;
        }
        InetSocketAddress observed = from != null ? from : new InetSocketAddress(RELAY_ADDRESS, path.relayRegion());
        send(path, new DiscoMessage.Pong(ping.id(), observed), from);
        if (from != null) {
            path.agent.onPing(from, nowNanos);
        }
    }

    private void onPong(PeerPath path, DiscoMessage.Pong pong, @Nullable InetSocketAddress from, long nowNanos) {
        UserPings.Answered answered = userPings.onPong(pong.id(), path.key(), nowNanos);
        if (answered != null) {
            ports.pingAnswered(answered.token(), answered.answer());
        } else if (from == null) {
            path.onRelayPong(pong.id(), nowNanos);
        } else {
            path.agent.onPong(pong.id(), nowNanos);
        }
    }

    /** Only over a relay, which knows the sender's node key; an empty list, as a damaged one decodes, says nothing. */
    private void onCallMeMaybe(
            PeerPath path, DiscoMessage.CallMeMaybe call, @Nullable InetSocketAddress from, long nowNanos) {
        if (from != null || call.endpoints().isEmpty()) {
            counters.add(EngineCounter.DROPPED_STRAY_CALL);
            return;
        }
        path.agent.onCallMeMaybe(call.endpoints(), nowNanos);
    }

    private void send(PeerPath path, DiscoMessage message, @Nullable InetSocketAddress to) {
        byte[] sealed = DiscoEnvelope.seal(path.box, publicKey, message, random);
        if (to != null) {
            ports.sendUdp(to, sealed, 0, sealed.length);
        } else if (path.relayRegion() != 0) {
            ports.sendRelay(path.relayRegion(), path.key(), sealed, 0, sealed.length);
        }
    }
}
