package dev.warren.relay.client;

import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.relay.client.RelayMetrics.End;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Who is connected to this relay, which keys other relays of the region have, and which of them watch this one. Finding
 * a key takes no lock; coming and going does.
 */
public final class ClientRegistry {
    /** Implementation: a relay that forwards from more keys than this, unannounced, has its packets all the same. */
    private static final int MAX_CARRIED = 65_536;

    /** Changed under this object's lock. */
    private final KeyTable<Peer> peers = new KeyTable<>();
    /** Guarded by this object's lock. */
    private final Set<ClientConnection> watchers = new HashSet<>();

    private final AtomicInteger keyCount = new AtomicInteger();
    private final AtomicInteger connectionCount = new AtomicInteger();
    private final AtomicInteger forwardedKeyCount = new AtomicInteger();
    private final AtomicInteger watcherCount = new AtomicInteger();
    private final AtomicInteger duplicatedKeys = new AtomicInteger();
    private final RelayMetrics metrics;
    /** What happens to those who have just logged in: nothing, until the relay sends everybody away. */
    private volatile Consumer<ClientConnection> departures = _ -> {};

    /** Nobody yet. */
    public ClientRegistry(RelayMetrics metrics) {
        this.metrics = metrics;
        metrics.watch(this);
    }

    /** How many keys have a connection to this relay. */
    public int keyCount() {
        return keyCount.get();
    }

    /** How many connections are logged in. */
    public int connectionCount() {
        return connectionCount.get();
    }

    /** How many keys other relays of the region have told of. */
    public int forwardedKeyCount() {
        return forwardedKeyCount.get();
    }

    /** How many connections watch who comes and goes. */
    public int watcherCount() {
        return watcherCount.get();
    }

    /** How many keys have more than one connection. */
    public int duplicatedKeyCount() {
        return duplicatedKeys.get();
    }

    /** Every connection that is logged in, as an operator sees it. */
    public List<ConnectionStatus> statuses() {
        List<Peer> all = new ArrayList<>();
        synchronized (this) {
            peers.forEach(all::add);
        }
        List<ConnectionStatus> statuses = new ArrayList<>(all.size());
        for (Peer peer : all) {
            List<ClientConnection> connections;
            synchronized (this) {
                connections = peer.connectionsLocked();
            }
            connections.forEach(connection -> statuses.add(connection.status(peer)));
        }
        return statuses;
    }

    /** Sends {@code frame} to every connection and ends it then. */
    public void endAll(Frame frame) {
        connections().forEach(connection -> connection.endAfter(frame));
    }

    /**
     * Tells every connection to reconnect, each at its own moment within {@code spreadMillis}, and ends it when it is
     * still there {@code graceMillis} later; who logs in from now on is told to go at once. Other relays of the region go
     * last: until then the clients that are still here are reached through them.
     */
    public void sendAway(long spreadMillis, long graceMillis, int tryForMillis) {
        departures = connection -> connection.leave(0, graceMillis, tryForMillis);
        List<ClientConnection> all = connections();
        for (int i = 0; i < all.size(); i++) {
            ClientConnection each = all.get(i);
            long inMillis = each.isMeshPeer() ? spreadMillis : spreadMillis * i / all.size();
            each.leave(inMillis, graceMillis, tryForMillis);
        }
    }

    /** Those that are logged in now. */
    synchronized List<ClientConnection> connections() {
        List<ClientConnection> all = new ArrayList<>();
        peers.forEach(peer -> all.addAll(peer.connectionsLocked()));
        return all;
    }

    /** {@code key} has a connection to the relay behind {@code way}, which has not told of it yet. */
    public synchronized void addForwarder(NodePublicKey key, Forwarder way) {
        Peer peer = peerLocked(key);
        if (peer.addLocked(way)) {
            forwardedKeyCount.incrementAndGet();
        }
        for (ClientConnection carrier : peer.carriersLocked()) {
            carrier.carriedLocked().remove(peer);
        }
        peer.carriersLocked().clear();
    }

    /** {@code key} has none there any more; when it is nowhere, tells everybody who heard from it. */
    public void removeForwarder(NodePublicKey key, Forwarder way) {
        Peer peer = peers.find(key);
        if (peer == null) {
            return;
        }
        List<Peer> lost = new ArrayList<>(1);
        synchronized (this) {
            if (peer.removeLocked(way)) {
                forwardedKeyCount.decrementAndGet();
                checkLocked(peer, lost);
            }
        }
        lost.forEach(this::tellHearers);
    }

    /** The peer whose key lies at {@code index}, or null; allocates nothing. */
    @Nullable
    Peer find(ByteBuf buffer, int index) {
        return peers.find(buffer, index);
    }

    /**
     * The sender, whose key lies at {@code index}, of a packet that {@code via} forwarded. When nobody has told of it
     * yet, it is taken to be at that relay until somebody tells or the relay's connection ends. Null when there are too
     * many of those.
     */
    @Nullable
    Peer sender(ByteBuf buffer, int index, ClientConnection via) {
        Peer known = peers.find(buffer, index);
        return known == null
                ? carried(NodePublicKey.of(ByteBufUtil.getBytes(buffer, index, NodePublicKey.LENGTH)), via)
                : known;
    }

    private synchronized @Nullable Peer carried(NodePublicKey key, ClientConnection via) {
        Peer known = peers.find(key);
        if (known != null || via.carriedLocked().size() >= MAX_CARRIED) {
            return known;
        }
        Peer peer = peerLocked(key);
        peer.carriersLocked().add(via);
        via.carriedLocked().add(peer);
        return peer;
    }

    Peer add(ClientConnection connection, NodePublicKey key) {
        Peer peer = addNow(connection, key);
        departures.accept(connection);
        return peer;
    }

    private synchronized Peer addNow(ClientConnection connection, NodePublicKey key) {
        Peer peer = peerLocked(key);
        if (peer.addLocked(connection)) {
            keyCount.incrementAndGet();
        } else {
            tellOfDuplicateLocked(peer, connection);
        }
        connectionCount.incrementAndGet();
        tellWatchersLocked(connection.presence());
        return peer;
    }

    /**
     * Takes a connection out. When it was its key's last one here, the watchers are told; when the key is nowhere in the
     * region, also everybody who heard from it.
     */
    void remove(ClientConnection connection, Peer peer) {
        List<Peer> lost = new ArrayList<>(1);
        synchronized (this) {
            connectionCount.decrementAndGet();
            if (watchers.remove(connection)) {
                watcherCount.decrementAndGet();
            }
            for (Peer carried : connection.carriedLocked()) {
                carried.carriersLocked().remove(connection);
                checkLocked(carried, lost);
            }
            connection.carriedLocked().clear();
            if (peer.removeLocked(connection)) {
                keyCount.decrementAndGet();
                tellWatchersLocked(new Frame.PeerGone(peer.key(), PeerGoneReason.DISCONNECTED));
                checkLocked(peer, lost);
            } else {
                tellOfTheLastOneLocked(peer);
            }
        }
        lost.forEach(this::tellHearers);
    }

    private void tellOfDuplicateLocked(Peer peer, ClientConnection newest) {
        List<ClientConnection> all = peer.connectionsLocked();
        if (all.size() == 2) {
            all.forEach(each -> each.sharesKey(true));
            duplicatedKeys.incrementAndGet();
        } else {
            newest.sharesKey(true);
        }
    }

    private void tellOfTheLastOneLocked(Peer peer) {
        List<ClientConnection> left = peer.connectionsLocked();
        if (left.size() == 1) {
            left.getFirst().sharesKey(false);
            duplicatedKeys.decrementAndGet();
        }
    }

    /** A frame came over one of several connections of a key. */
    synchronized void wrote(ClientConnection connection, Peer peer) {
        peer.wroteLocked(connection);
    }

    /** Tells {@code watcher}, once, of everybody who is connected, and from then on of everybody who comes or goes. */
    synchronized void watch(ClientConnection watcher) {
        if (watcher.feed() != null) {
            return;
        }
        List<Frame.PeerPresent> present = new ArrayList<>(keyCount.get());
        peers.forEach(peer -> {
            ClientConnection active = peer.active();
            if (active != null) {
                present.add(active.presence());
            }
        });
        watcher.startFeed(present).scheduleTurn();
        watchers.add(watcher);
        watcherCount.incrementAndGet();
    }

    /** Ends every connection of {@code key} to this relay, as another relay of the region wants it. */
    void close(NodePublicKey key) {
        Peer peer = peers.find(key);
        if (peer != null) {
            List<ClientConnection> connections;
            synchronized (this) {
                connections = peer.connectionsLocked();
            }
            connections.forEach(connection -> connection.end(End.CLOSED_BY_MESH));
        }
    }

    /**
     * Tells {@code via}, which forwarded a packet to {@code key}, that it is not here; unless it came in the meantime.
     * A watcher is told in order with what it is told else: a notice that overtook the key's coming would hide the key
     * from that relay for good.
     */
    synchronized void tellNotHere(NodePublicKey key, ClientConnection via) {
        Peer peer = peers.find(key);
        if (peer != null && peer.active() != null) {
            return;
        }
        metrics.peerGone(PeerGoneReason.NOT_HERE);
        Frame notice = new Frame.PeerGone(key, PeerGoneReason.NOT_HERE);
        WatchFeed feed = via.feed();
        if (feed == null) {
            via.outbox().notice(notice);
        } else {
            feed.tell(notice);
        }
    }

    private Peer peerLocked(NodePublicKey key) {
        Peer known = peers.find(key);
        if (known != null) {
            return known;
        }
        Peer peer = new Peer(key);
        peers.add(key, peer);
        return peer;
    }

    private void checkLocked(Peer peer, List<Peer> lost) {
        if (peer.isLostLocked()) {
            peers.remove(peer.key());
            lost.add(peer);
        }
    }

    private void tellWatchersLocked(Frame change) {
        for (ClientConnection watcher : watchers) {
            WatchFeed feed = watcher.feed();
            if (feed != null) {
                feed.tell(change);
            }
        }
    }

    private void tellHearers(Peer gone) {
        Frame notice = new Frame.PeerGone(gone.key(), PeerGoneReason.DISCONNECTED);
        for (ClientConnection hearer : gone.hearers()) {
            metrics.peerGone(PeerGoneReason.DISCONNECTED);
            hearer.outbox().notice(notice);
            hearer.forgets(gone);
        }
    }
}
