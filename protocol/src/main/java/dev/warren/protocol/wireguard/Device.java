package dev.warren.protocol.wireguard;

import dev.warren.protocol.crypto.JdkPacketCipher;
import dev.warren.protocol.crypto.PacketCipher;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A WireGuard interface without sockets, threads or clock (WireGuard paper). It is handed packets, messages and the
 * time, and answers through {@link Output}.
 *
 * <p>Owned by one thread. Call {@link #sendPacket} for each packet from the TUN, {@link #receive} for each message from
 * the network, and {@link #poll} when {@link #nextDeadlineNanos()} has come. All times are monotonic nanoseconds that
 * go on in suspend.
 */
public final class Device implements AutoCloseable {
    /** Free bytes that {@link #sendPacket} needs in front of a packet. */
    public static final int HEADROOM = DataMessage.HEADER_LENGTH;
    /** Free bytes that {@link #sendPacket} needs behind a packet, for padding and tag. */
    public static final int TAILROOM = 32;
    /** The most peers of a device, as of wireguard-go's: what a list of keys can take of the memory has an end. */
    public static final int MAX_PEERS = 1 << 16;

    /**
     * What the device wants done. Called during the device's methods on the caller's thread; buffers are only valid
     * during the call. No method of it may add or remove peers.
     */
    public interface Output {
        /**
         * A WireGuard message for the peer; the owner decides the way. {@code trafficClass} is for the outer header:
         * 0x88 (AF41) for handshakes, of a packet only its ECN bits (RFC 6040).
         */
        void transmit(Peer peer, MemorySegment memory, long offset, int length, int trafficClass);

        /** A cookie reply: back to where the message came from. */
        void reply(Origin origin, byte[] buffer, int offset, int length);

        /** An inner IP packet of the peer's: authenticated, new, and from one of its allowed addresses. */
        void deliver(Peer peer, MemorySegment memory, long offset, int length);

        /** A message proved to be the peer's; {@code handshake} for the first two kinds. The place for roaming. */
        void authenticated(Peer peer, Origin origin, boolean handshake, long nowNanos);

        /** A session is ready for sending. */
        void established(Peer peer, long nowNanos);

        /**
         * An initiation has got no answer, or data none, and nothing else was heard of the peer meanwhile; another is
         * about to go out. The place for looking elsewhere.
         */
        default void unanswered(Peer peer, long nowNanos) {}

        /** Whether there is a way to the peer: without one, its packets are dropped instead of waiting for a session. */
        default boolean hasWay(Peer peer) {
            return true;
        }

        /**
         * A packet from the TUN, which no peer has the destination of, or whose peer cannot be sent to: its sender may
         * be told.
         */
        default void unreachable(MemorySegment memory, long offset, int length) {}

        /** Something went no further; also counted, see {@link Device#drops}. */
        void dropped(DropReason reason);
    }

    private final RandomGenerator random;
    private final OwnKeys ownKeys;
    private final PacketCipher.Factory ciphers;
    private final Output output;
    private final AllowedIps allowedIps = new AllowedIps();
    private final Map<NodePublicKey, Peer> peers = new LinkedHashMap<>();
    private final Map<NodePublicKey, Peer> peersByPendingKey = new HashMap<>();
    private final PeerSchedule schedule = new PeerSchedule();
    private final IndexTable<Indexed> indices;
    private final Handshaker handshaker;
    private final Transport transport;
    private final DropCounters drops = new DropCounters();
    private final byte[] handshakeMessage = new byte[InitiationMessage.LENGTH];
    private int mtu;
    private long unixMinusMonotonicNanos;
    private long timestampMinusMonotonicNanos;
    private boolean up = true;
    private boolean keyed = true;
    private boolean holdsHandshakes;
    private BiConsumer<Peer, NodePublicKey> peerKeyListener = (_, _) -> {};

    /** A device without peers; uses a copy of {@code key}. {@code mtu} is the TUN's and bounds the padding. */
    public Device(NodePrivateKey key, int mtu, RandomGenerator random, Output output) {
        this(key, mtu, random, JdkPacketCipher.FACTORY, output);
    }

    /** The same, with {@code ciphers} for the data messages; handshakes stay with the JDK's. */
    public Device(NodePrivateKey key, int mtu, RandomGenerator random, PacketCipher.Factory ciphers, Output output) {
        this.random = random;
        this.ciphers = ciphers;
        this.output = output;
        this.mtu = mtu;
        this.ownKeys = new OwnKeys(key, random);
        this.indices = new IndexTable<>(random);
        this.handshaker = new Handshaker(this, ResponderHandshake::open);
        this.transport = new Transport(this);
    }

    /**
     * Unix time minus monotonic time, for the timestamps in handshakes and of handshakes. Call it again whenever the wall
     * clock may have been set.
     *
     * <p>A responder takes no initiation that is not newer than the last one, so a wall clock that is set back would lock
     * this device out until it has caught up. The timestamps in handshakes therefore go on by the monotonic clock from
     * the latest time that the wall clock ever showed.
     */
    public void setUnixOffset(long unixMinusMonotonicNanos) {
        this.unixMinusMonotonicNanos = unixMinusMonotonicNanos;
        this.timestampMinusMonotonicNanos = Math.max(timestampMinusMonotonicNanos, unixMinusMonotonicNanos);
    }

    /**
     * The interface went down: all sessions and handshakes are wiped, waiting packets dropped and timers stopped, and
     * until {@link #up} nothing is sent or taken. A device is up when it is made.
     */
    public void down() {
        up = false;
        handshaker.intake().clear();
        for (Peer peer : peers.values()) {
            peer.stop();
            reschedule(peer);
        }
    }

    /** The interface came up: lines that are to be kept open are opened. No-op when it is up. */
    public void up(long nowNanos) {
        boolean wasUp = up;
        up = true;
        for (Peer peer : peers.values()) {
            if (!wasUp && peer.persistentKeepaliveSeconds() > 0) {
                transport.sendKeepalive(peer, nowNanos);
                reschedule(peer);
            }
        }
    }

    /** Whether the interface is up, see {@link #down}. */
    public boolean isUp() {
        return up;
    }

    /** The TUN's MTU has changed. */
    public void setMtu(int mtu) {
        this.mtu = mtu;
    }

    /** The device's public key. */
    public NodePublicKey publicKey() {
        return identity().publicKey();
    }

    /** A fresh copy of the device's private key, for {@code wg showconf}; the caller closes it. */
    public NodePrivateKey privateKey() {
        return LocalIdentity.copyOf(identity().privateKey()).privateKey();
    }

    /**
     * Changes the key pair to a copy of {@code key}, and forgets a pending one. Sessions can only receive from then on, so
     * the next packet starts a handshake; a peer that has this very key is removed. {@link #setPendingPrivateKey} is the
     * way to change the key without a break.
     */
    public void setPrivateKey(NodePrivateKey key, long nowNanos) {
        keyed = true;
        useKey(key, nowNanos);
    }

    /** Whether the device has a private key: true until {@link #forgetPrivateKey}. */
    public boolean hasPrivateKey() {
        return keyed;
    }

    /**
     * Takes the private key away, as {@code wg set private-key /dev/null} does. Until another is set the device begins no
     * handshake, and nobody can begin one with it; what waits for a session goes on waiting. In the key's place there
     * is a new one that nobody knows.
     */
    public void forgetPrivateKey(long nowNanos) {
        keyed = false;
        try (NodePrivateKey unknown = NodePrivateKey.generate(random)) {
            useKey(unknown, nowNanos);
        }
    }

    private void useKey(NodePrivateKey key, long nowNanos) {
        ownKeys.set(key);
        removePeer(publicKey());
        forgetPendingKey(publicKey());
        for (Peer peer : peers.values()) {
            peer.keys().rekey(identity());
            peer.handshakes().abandon();
            peer.handshakes().forgetSent();
            peer.keypairs().forbidSending();
            if (up && (peer.persistentKeepaliveSeconds() > 0 || !peer.staged().isEmpty())) {
                transport.sendKeepalive(peer, nowNanos);
            }
            reschedule(peer);
        }
    }

    /** The public half of the private key that is accepted beside the device's, or null. */
    public @Nullable NodePublicKey pendingPublicKey() {
        LocalIdentity pending = ownKeys.pending();
        return pending == null ? null : pending.publicKey();
    }

    /**
     * Sets a private key under which handshakes are answered beside the device's; null for none. To change the key
     * without a break: set the new one here, tell it to the peers (theirs is {@link Peer#setPendingPublicKey}),
     * {@link #promotePendingPrivateKey} at the date, and when no peer {@link Peer#ownKeyInUse uses} the old one, or that
     * has to end, set null here. A copy is used.
     *
     * @throws IllegalArgumentException when it is the device's key already, or a peer's
     */
    public void setPendingPrivateKey(@Nullable NodePrivateKey key) {
        if (key != null && (key.publicKey().equals(publicKey()) || peerOf(key.publicKey()) != null)) {
            throw new IllegalArgumentException("the key " + key.publicKey().shortText()
                    + " can't come next: it is this device's already, or a peer's");
        }
        LocalIdentity before = ownKeys.pending();
        if (before != null) {
            for (Peer peer : peers.values()) {
                peer.handshakes().abandon(before);
                peer.keys().forget(before);
            }
        }
        ownKeys.setPending(key);
    }

    /**
     * The pending private key becomes the device's and the other way round; false when none is pending. Sessions go on,
     * and are renewed at the next packet. Handshakes are under the new key from now on; when nobody answers, every second
     * one is under the old.
     */
    public boolean promotePendingPrivateKey() {
        if (!ownKeys.promotePending()) {
            return false;
        }
        for (Peer peer : peers.values()) {
            peer.handshakes().hurry();
            peer.keypairs().wantRenewal();
        }
        return true;
    }

    /**
     * Adds a peer, or returns the one that has this key; one that was only going to have it is not going to any more.
     * Throws IllegalArgumentException for the device's own key, IllegalStateException when it {@link #isFull}.
     */
    public Peer addPeer(NodePublicKey key, long nowNanos) {
        if (ownKeys.has(key)) {
            throw new IllegalArgumentException(
                    "a device can't be its own peer: " + key.shortText() + " is this device's key");
        }
        Peer existing = peers.get(key);
        if (existing != null) {
            return existing;
        }
        if (isFull()) {
            throw new IllegalStateException(
                    "a device has " + MAX_PEERS + " peers at most: remove one before you add " + key.shortText());
        }
        forgetPendingKey(key);
        Peer added = new Peer(this, key);
        peers.put(key, added);
        return added;
    }

    /** Whether there are {@link #MAX_PEERS}, so that no other can be added. */
    public boolean isFull() {
        return peers.size() >= MAX_PEERS;
    }

    /** The peer with this key, or null. */
    public @Nullable Peer peer(NodePublicKey key) {
        return peers.get(key);
    }

    /** Removes a peer, its addresses and its keys; false when there is none. */
    public boolean removePeer(NodePublicKey key) {
        Peer removed = peers.remove(key);
        if (removed == null) {
            return false;
        }
        allowedIps.removeAll(removed);
        peersByPendingKey.values().remove(removed);
        removed.close();
        reschedule(removed);
        return true;
    }

    /**
     * Has {@code listener} told, in place of who was told before, of each peer that has changed its static key, and which
     * one it had. Called during the device's methods; must not change the device.
     */
    public void onPeerKeyChange(BiConsumer<Peer, NodePublicKey> listener) {
        peerKeyListener = listener;
    }

    /** All peers, in the order in which they were added; a view. */
    public Collection<Peer> peers() {
        return Collections.unmodifiableCollection(peers.values());
    }

    /** Which inner addresses belong to which peer. */
    public AllowedIps allowedIps() {
        return allowedIps;
    }

    /**
     * Sends one IP packet from the TUN to the peer that has its destination. The packet is sealed in place: at least
     * {@link #HEADROOM} bytes before {@code offset} and {@link #TAILROOM} bytes behind the packet are overwritten.
     * Without a session the packet is copied and waits for one.
     */
    public void sendPacket(MemorySegment memory, long offset, int length, long nowNanos) {
        if (!up) {
            drop(DropReason.INTERFACE_DOWN);
            return;
        }
        transport.send(memory, offset, length, nowNanos);
    }

    /**
     * Takes one message from the network, which is opened in place. Anything may be in it. {@code ecn} are the ECN bits
     * of the outer header, 0 where they are not known.
     */
    public void receive(MemorySegment memory, long offset, int length, int ecn, Origin origin, long nowNanos) {
        if (!up) {
            drop(DropReason.INTERFACE_DOWN);
            return;
        }
        if (DataMessage.isData(memory, offset, length)) {
            transport.receive(memory, offset, length, ecn, origin, nowNanos);
        } else if (length > InitiationMessage.LENGTH) {
            drop(DropReason.MALFORMED);
        } else {
            MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, offset, handshakeMessage, 0, length);
            handshaker.intake().offer(handshakeMessage, length, origin, nowNanos);
            while (!holdsHandshakes && workOnHandshake(nowNanos)) {
                // One came in, so one is worked on.
            }
        }
    }

    /**
     * From now on {@link #receive} only lets handshake messages wait, for {@link #workOnHandshake}: so that data messages
     * do not have to wait behind them.
     */
    public void holdHandshakes() {
        holdsHandshakes = true;
    }

    /** How many handshake messages wait; the number is bounded. */
    public int waitingHandshakes() {
        return handshaker.intake().waiting();
    }

    /**
     * Handshake messages were turned away before they came here, as they were too many: there is load, and whoever is not
     * expected, or the first of its network, is asked for a cookie for the next second (paper section 5.3).
     */
    public void handshakesTurnedAway(long nowNanos) {
        handshaker.intake().turnedAway(nowNanos);
    }

    /** Works on one handshake message, which takes up to three key agreements; false when none waits. */
    public boolean workOnHandshake(long nowNanos) {
        return handshaker.work(nowNanos);
    }

    /** From where handshakes are expected, beside the peers' endpoints, which the device adds itself. */
    public KnownSources knownSources() {
        return handshaker.intake().known();
    }

    /** Runs the timers that are due. */
    public void poll(long nowNanos) {
        for (Peer due = schedule.due(nowNanos); due != null; due = schedule.due(nowNanos)) {
            due.timers().poll(nowNanos, new TimerActions(this, due, nowNanos));
            reschedule(due);
        }
    }

    /** When {@link #poll} has something to do next; {@code Long.MAX_VALUE} for never. */
    public long nextDeadlineNanos() {
        return schedule.nextDeadlineNanos();
    }

    /** Starts a handshake with the peer now, or as soon as the limit of one in five seconds allows; not while down. */
    public void initiate(Peer peer, long nowNanos) {
        if (up) {
            handshaker.initiate(peer, false, nowNanos);
            reschedule(peer);
        }
    }

    /**
     * The peer is to be found elsewhere than a moment ago: a handshake that waits for its answer, or packets that wait for
     * one, do so no longer. Unlike all other initiations this one may follow the last at once, so call it rarely.
     */
    public void hasten(Peer peer, long nowNanos) {
        if (up && (peer.handshakes().inFlight() != null || !peer.staged().isEmpty())) {
            peer.handshakes().abandon();
            peer.handshakes().forgetSent();
            initiate(peer, nowNanos);
        }
    }

    /**
     * The machine's network has changed, or it has slept for {@code sleptNanos}: each peer with a session is shown where
     * this device is now, by an empty packet; a session that became too old in the sleep is made anew, and a handshake
     * that waits for its answer is begun anew a second after its last message at the earliest.
     */
    public void announce(long sleptNanos, long nowNanos) {
        if (up) {
            for (Peer peer : peers.values()) {
                transport.announce(peer, sleptNanos, nowNanos);
                reschedule(peer);
            }
        }
    }

    /** Messages that left from where {@code gone} holds leave from where the routes of now say. */
    public void forgetSources(Predicate<SourceAddress> gone) {
        for (Peer peer : peers.values()) {
            SourceAddress source = peer.source();
            if (source != null && gone.test(source)) {
                peer.setSource(null);
            }
        }
    }

    /** How often something was dropped for this reason. */
    public long drops(DropReason reason) {
        return drops.count(reason);
    }

    /** How often something was dropped, by reason; those for which nothing was are left out. */
    public Map<DropReason, Long> drops() {
        return drops.counts();
    }

    /** Removes all peers and wipes all keys; the device must not be used any more. */
    @Override
    public void close() {
        for (NodePublicKey key : List.copyOf(peers.keySet())) {
            removePeer(key);
        }
        handshaker.intake().clear();
        ownKeys.close();
    }

    /** The peer that has this key, or is going to have it. */
    @Nullable
    Peer peerOf(NodePublicKey key) {
        Peer peer = peers.get(key);
        return peer != null ? peer : peersByPendingKey.get(key);
    }

    /** See {@link Peer#setPendingPublicKey}. */
    void setPendingPublicKey(Peer peer, @Nullable NodePublicKey key) {
        Peer owner = key == null ? null : peerOf(key);
        if (key != null && (ownKeys.has(key) || (owner != null && owner != peer) || key.equals(peer.publicKey()))) {
            throw new IllegalArgumentException("the key " + key.shortText() + " can't be the next one of the peer "
                    + peer.publicKey().shortText() + ": it is this device's, another peer's or that peer's already");
        }
        StaticPeer pending = key == null ? null : new StaticPeer(identity(), key);
        if (pending != null && !pending.isUsable()) {
            throw new IllegalArgumentException("the key " + pending.publicKey().shortText()
                    + " is of low order: everybody knows the secrets that it agrees on");
        }
        peersByPendingKey.values().remove(peer);
        peer.keys().setPending(pending);
        if (key != null) {
            peersByPendingKey.put(key, peer);
        }
    }

    private void forgetPendingKey(NodePublicKey key) {
        Peer peer = peersByPendingKey.remove(key);
        if (peer != null) {
            peer.keys().setPending(null);
        }
    }

    /** See {@link Peer#adoptPendingPublicKey}. */
    void adoptPendingKey(Peer peer) {
        NodePublicKey before = peer.publicKey();
        peersByPendingKey.values().remove(peer);
        peer.keys().adoptPending();
        // Filed anew, all of them, for they are shown in the order in which they were added.
        List<Peer> inOrder = List.copyOf(peers.values());
        peers.clear();
        inOrder.forEach(one -> peers.put(one.publicKey(), one));
        peerKeyListener.accept(peer, before);
    }

    OwnKeys ownKeys() {
        return ownKeys;
    }

    LocalIdentity identity() {
        return ownKeys.current();
    }

    IndexTable<Indexed> indices() {
        return indices;
    }

    RandomGenerator random() {
        return random;
    }

    PacketCipher.Factory ciphers() {
        return ciphers;
    }

    Output output() {
        return output;
    }

    Transport transport() {
        return transport;
    }

    Handshaker handshaker() {
        return handshaker;
    }

    int mtu() {
        return mtu;
    }

    /** What goes into an initiation: Unix time that never goes back. */
    long timestampNanos(long nowNanos) {
        return nowNanos + timestampMinusMonotonicNanos;
    }

    long unixNanos(long nowNanos) {
        return nowNanos + unixMinusMonotonicNanos;
    }

    void drop(DropReason reason) {
        drops.increment(reason);
        output.dropped(reason);
    }

    void transmit(Peer peer, MemorySegment memory, long offset, int length, int trafficClass) {
        peer.countSent(length);
        output.transmit(peer, memory, offset, length, trafficClass);
    }

    /** Something happened to the peer's timers. */
    void reschedule(Peer peer) {
        schedule.update(peer.scheduled(), peer.timers().nextDeadlineNanos());
    }
}
