package dev.warren.relay.client;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.NodePublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Who is connected. Finding a key takes no lock; coming and going does. */
public final class ClientRegistry {
    private final Map<NodePublicKey, Peer> peers = new ConcurrentHashMap<>();
    private final AtomicInteger connectionCount = new AtomicInteger();
    private final RelayMetrics metrics;

    /** Nobody yet. */
    public ClientRegistry(RelayMetrics metrics) {
        this.metrics = metrics;
        metrics.watch(this);
    }

    /** How many keys have a connection. */
    public int keyCount() {
        return peers.size();
    }

    /** How many connections are logged in. */
    public int connectionCount() {
        return connectionCount.get();
    }

    /** Sends {@code frame} to every connection and ends it then. */
    public void endAll(Frame frame) {
        List<ClientConnection> all = new ArrayList<>();
        synchronized (this) {
            peers.values().forEach(peer -> all.addAll(peer.connectionsLocked()));
        }
        all.forEach(connection -> connection.endAfter(frame));
    }

    @Nullable
    Peer find(NodePublicKey key) {
        return peers.get(key);
    }

    synchronized Peer add(ClientConnection connection, NodePublicKey key) {
        Peer peer = peers.computeIfAbsent(key, Peer::new);
        peer.addLocked(connection);
        connectionCount.incrementAndGet();
        return peer;
    }

    /** Takes a connection out; when it was its key's last, tells everybody who heard from the key. */
    void remove(ClientConnection connection, Peer peer) {
        synchronized (this) {
            connectionCount.decrementAndGet();
            if (!peer.removeLocked(connection)) {
                return;
            }
            peers.remove(peer.key(), peer);
        }
        Frame gone = new Frame.PeerGone(peer.key(), PeerGoneReason.DISCONNECTED);
        for (ClientConnection hearer : peer.hearers()) {
            metrics.peerGone(PeerGoneReason.DISCONNECTED);
            hearer.outbox().notice(gone);
        }
    }

    /** A frame came over one of several connections of a key. */
    synchronized void wrote(ClientConnection connection, Peer peer) {
        peer.wroteLocked(connection);
    }
}
