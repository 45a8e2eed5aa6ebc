package dev.warren.relay.client;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Who is connected. Finding a key takes no lock; coming and going does. */
public final class ClientRegistry {
    /** Changed under this object's lock. */
    private final KeyTable<Peer> peers = new KeyTable<>();

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
            peers.forEach(peer -> all.addAll(peer.connectionsLocked()));
        }
        all.forEach(connection -> connection.endAfter(frame));
    }

    /** The peer whose key lies at {@code index}, or null; allocates nothing. */
    @Nullable
    Peer find(ByteBuf buffer, int index) {
        return peers.find(buffer, index);
    }

    synchronized Peer add(ClientConnection connection, NodePublicKey key) {
        Peer known = peers.find(key);
        Peer peer = known == null ? new Peer(key) : known;
        if (known == null) {
            peers.add(key, peer);
        }
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
            peers.remove(peer.key());
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
