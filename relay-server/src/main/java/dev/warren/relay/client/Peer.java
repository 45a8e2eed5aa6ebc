package dev.warren.relay.client;

import dev.warren.protocol.key.NodePublicKey;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A key that the region knows: it has connections here, or other relays say that it has some there. The lists are
 * guarded by the {@link ClientRegistry}'s lock; which connection is active, which relay is the way to it, and who has
 * heard from the key, may be read and changed by any thread.
 */
final class Peer {
    private final NodePublicKey key;
    private final long[] words = new long[NodePublicKey.LENGTH / Long.BYTES];
    /** Guarded by the registry's lock; the one that wrote last is last. */
    private final List<ClientConnection> connections = new ArrayList<>();
    /** Guarded by the registry's lock; the oldest first. */
    private final List<Forwarder> forwarders = new ArrayList<>(1);
    /**
     * Guarded by the registry's lock: relays that forwarded packets of this key, while nobody else says where it is.
     */
    private final Set<ClientConnection> carriers = new HashSet<>(1);

    /** Connections of others that got a packet from this key, and are told when it leaves. */
    private final Set<ClientConnection> hearers = ConcurrentHashMap.newKeySet();

    private volatile @Nullable ClientConnection active;
    private volatile @Nullable Forwarder forwarder;
    private volatile boolean known = true;
    private volatile boolean duplicated;

    Peer(NodePublicKey key) {
        this.key = key;
        for (int i = 0; i < words.length; i++) {
            words[i] = key.word(i);
        }
    }

    NodePublicKey key() {
        return key;
    }

    /** Whether the key's 32 bytes lie at {@code index}; allocates nothing. */
    boolean isAt(ByteBuf buffer, int index) {
        return buffer.getLong(index) == words[0]
                && buffer.getLong(index + Long.BYTES) == words[1]
                && buffer.getLong(index + 2 * Long.BYTES) == words[2]
                && buffer.getLong(index + 3 * Long.BYTES) == words[3];
    }

    /** The connection that gets packets for the key; null when there is none here. */
    @Nullable
    ClientConnection active() {
        return active;
    }

    /** The relay that gets packets for the key when it has no connection here: of several, the oldest way. */
    @Nullable
    Forwarder forwarder() {
        return forwarder;
    }

    /** Whether the registry has it; once false, it stays so, and the key may have another object. */
    boolean isKnown() {
        return known;
    }

    /** Whether several connections have the key. */
    boolean isDuplicated() {
        return duplicated;
    }

    Set<ClientConnection> hearers() {
        return hearers;
    }

    /** Whether that was the first one. */
    boolean addLocked(ClientConnection connection) {
        connections.add(connection);
        update();
        return connections.size() == 1;
    }

    /** Whether that was the last one. */
    boolean removeLocked(ClientConnection connection) {
        connections.remove(connection);
        update();
        return connections.isEmpty();
    }

    /** A frame came over {@code connection}: with several of one key, the last writer is the active one. */
    void wroteLocked(ClientConnection connection) {
        if (connections.remove(connection)) {
            connections.add(connection);
            update();
        }
    }

    List<ClientConnection> connectionsLocked() {
        return List.copyOf(connections);
    }

    /** Whether that was the first one. */
    boolean addLocked(Forwarder way) {
        forwarders.add(way);
        forwarder = forwarders.getFirst();
        return forwarders.size() == 1;
    }

    /** Whether that was the last one. */
    boolean removeLocked(Forwarder way) {
        boolean removed = forwarders.remove(way);
        forwarder = forwarders.isEmpty() ? null : forwarders.getFirst();
        return removed && forwarders.isEmpty();
    }

    Set<ClientConnection> carriersLocked() {
        return carriers;
    }

    /** Whether nobody says any more where the key is; then this object is over. */
    boolean isLostLocked() {
        known = !(connections.isEmpty() && forwarders.isEmpty() && carriers.isEmpty());
        return !known;
    }

    private void update() {
        duplicated = connections.size() > 1;
        active = connections.isEmpty() ? null : connections.getLast();
    }
}
