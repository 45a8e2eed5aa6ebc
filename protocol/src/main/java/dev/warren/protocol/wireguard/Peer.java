package dev.warren.protocol.wireguard;

import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.key.PresharedKey;
import java.net.InetSocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A peer of a {@link Device}. Owned by the device's thread. */
public final class Peer {
    /** The largest interval of {@link #setPersistentKeepalive}, in seconds. */
    public static final int MAX_KEEPALIVE_SECONDS = 65_535;

    private final Device device;
    private final PeerKeys keys;
    private final PeerHandshakes handshakes;
    private final Keypairs keypairs;
    private final PeerTimers timers;
    private final StagingQueue staged = new StagingQueue();
    private final PeerSchedule.Entry scheduled = new PeerSchedule.Entry(this);
    private final PresharedKeys presharedKeys = new PresharedKeys();
    private int persistentKeepaliveSeconds;
    private @Nullable InetSocketAddress endpoint;
    private @Nullable SourceAddress source;
    private @Nullable Object attachment;
    private long rxBytes;
    private long txBytes;
    private long lastHandshakeUnixNanos;
    private @Nullable NodePublicKey ownKeyInUse;

    Peer(Device device, NodePublicKey publicKey) {
        this.device = device;
        this.keys = new PeerKeys(new StaticPeer(device.identity(), publicKey));
        this.handshakes = new PeerHandshakes(device.indices());
        this.keypairs = new Keypairs(device.indices());
        this.timers = new PeerTimers(device.random());
    }

    /** The peer's static key. */
    public NodePublicKey publicKey() {
        return keys.current().publicKey();
    }

    /** The static key that the peer is going to have, or null. */
    public @Nullable NodePublicKey pendingPublicKey() {
        StaticPeer pending = keys.pending();
        return pending == null ? null : pending.publicKey();
    }

    /**
     * Sets the static key that the peer is going to have; null for none. The peer is known under both from now on:
     * sessions, addresses and everything else are the same. When the peer starts a handshake under the new one, that is
     * its {@link #publicKey()}, and the old one is forgotten.
     *
     * @throws IllegalArgumentException when the key is of low order, the device's own or another peer's
     */
    public void setPendingPublicKey(@Nullable NodePublicKey key) {
        device.setPendingPublicKey(this, key);
        handshakes.hurry();
    }

    /**
     * Makes the pending static key the peer's and forgets the old one, without waiting for a handshake; false when none
     * is pending. For a peer that was not heard of since it has changed its key, and is about to change it again.
     */
    public boolean adoptPendingPublicKey() {
        boolean isPending = keys.pending() != null;
        if (isPending) {
            device.adoptPendingKey(this);
        }
        return isPending;
    }

    /**
     * Which of the device's public keys the last handshake was for, that this peer started or answered; null before the
     * first.
     */
    public @Nullable NodePublicKey ownKeyInUse() {
        return ownKeyInUse;
    }

    /** Where a plain WireGuard peer is, or null. The device never looks at it; the owner keeps it up to date. */
    public @Nullable InetSocketAddress endpoint() {
        return endpoint;
    }

    /** Sets what {@link #endpoint()} returns. */
    public void setEndpoint(@Nullable InetSocketAddress endpoint) {
        if (!Objects.equals(this.endpoint, endpoint)) {
            device.knownSources().move(this.endpoint, endpoint);
        }
        this.endpoint = endpoint;
    }

    /** From which of our addresses to send to the endpoint, or null for whichever the route names. */
    public @Nullable SourceAddress source() {
        return source;
    }

    /** Sets what {@link #source()} returns; the device sets it to null before it tries a handshake again. */
    public void setSource(@Nullable SourceAddress source) {
        this.source = source;
    }

    /** Whatever the owner hangs on to this peer, or null. */
    public @Nullable Object attachment() {
        return attachment;
    }

    /** Sets what {@link #attachment()} returns. */
    public void setAttachment(@Nullable Object attachment) {
        this.attachment = attachment;
    }

    /** The preshared key, all zero for none. It is the one in use: not to be closed by the caller. */
    public PresharedKey presharedKey() {
        return presharedKeys.configured();
    }

    /** Sets the preshared key: a copy is used from the next handshake on, sessions that are up stay up. */
    public void setPresharedKey(PresharedKey key) {
        presharedKeys.setConfigured(key);
    }

    /** The second preshared key that is accepted while the first is being changed, or null. Not to be closed either. */
    public @Nullable PresharedKey pendingPresharedKey() {
        return presharedKeys.pending();
    }

    /**
     * Sets the preshared key that is accepted beside {@link #presharedKey()}, so that both ends can be changed at
     * different times: first add the new key here at both ends, then {@link #promotePendingPresharedKey promote} it at
     * both, then set null here at both. A copy is used from the next handshake on. Handshakes go through at every moment
     * of this, with one more retry when a responder has to find out which key the peer has.
     */
    public void setPendingPresharedKey(@Nullable PresharedKey key) {
        presharedKeys.setPending(key);
    }

    /**
     * Makes the pending preshared key the configured one, and the other way round; false when none is pending. A session
     * under the other key goes on, and is renewed at the next packet.
     */
    public boolean promotePendingPresharedKey() {
        boolean isInUse = presharedKeys.isPendingInUse();
        boolean isPromoted = presharedKeys.promotePending();
        if (isPromoted && !isInUse) {
            keypairs.wantRenewal();
            handshakes.hurry();
        }
        return isPromoted;
    }

    /** Whether the last completed handshake used the pending key; after a promotion, that the peer is still behind. */
    public boolean isPendingPresharedKeyInUse() {
        return presharedKeys.isPendingInUse();
    }

    /** Seconds of silence after which an empty packet goes out; 0 for never. */
    public int persistentKeepaliveSeconds() {
        return persistentKeepaliveSeconds;
    }

    /**
     * Sets {@link #persistentKeepaliveSeconds()}, 0 to 65535; when it was 0 before, the first one goes out at once, or
     * when the interface comes up.
     */
    public void setPersistentKeepalive(int seconds, long nowNanos) {
        if (seconds < 0 || seconds > MAX_KEEPALIVE_SECONDS) {
            throw new IllegalArgumentException(
                    "a keepalive interval is 0 to " + MAX_KEEPALIVE_SECONDS + " seconds, not " + seconds);
        }
        boolean startsNow = persistentKeepaliveSeconds == 0 && seconds > 0;
        persistentKeepaliveSeconds = seconds;
        timers.setPersistentKeepalive(seconds);
        if (startsNow && device.isUp()) {
            device.transport().sendKeepalive(this, nowNanos);
        }
        device.reschedule(this);
    }

    /** Bytes of authenticated WireGuard messages received, headers included, as {@code wg show} counts. */
    public long rxBytes() {
        return rxBytes;
    }

    /** Bytes of WireGuard messages sent, headers included. */
    public long txBytes() {
        return txBytes;
    }

    /** When the last handshake was completed, in Unix nanoseconds; 0 for never. */
    public long lastHandshakeUnixNanos() {
        return lastHandshakeUnixNanos;
    }

    /** Whether a data packet could be sealed for this peer right now. */
    public boolean hasSession(long nowNanos) {
        Session current = keypairs.current();
        return current != null && current.maySend(nowNanos);
    }

    PeerKeys keys() {
        return keys;
    }

    PeerHandshakes handshakes() {
        return handshakes;
    }

    Keypairs keypairs() {
        return keypairs;
    }

    PeerTimers timers() {
        return timers;
    }

    PresharedKeys presharedKeys() {
        return presharedKeys;
    }

    StagingQueue staged() {
        return staged;
    }

    PeerSchedule.Entry scheduled() {
        return scheduled;
    }

    /** A handshake showed which of the device's keys the peer knows. */
    void knowsUsAs(NodePublicKey ownKey) {
        ownKeyInUse = ownKey;
    }

    void countReceived(int lengthBytes) {
        rxBytes += lengthBytes;
    }

    void countSent(int lengthBytes) {
        txBytes += lengthBytes;
    }

    /** A session came into use. */
    void handshakeComplete(long unixNanos) {
        lastHandshakeUnixNanos = unixNanos;
        handshakes.complete();
        presharedKeys.confirmed();
        timers.handshakeComplete();
    }

    /** Wipes handshake and sessions; the configuration stays. */
    void wipeKeys() {
        handshakes.abandon();
        keypairs.wipe();
    }

    /** Drops the packets that wait for a session. */
    void dropStaged(DropReason reason) {
        for (int left = staged.clear(); left > 0; left--) {
            device.drop(reason);
        }
    }

    /** The interface is down: nothing goes on, and when it is up again nothing has to wait. */
    void stop() {
        wipeKeys();
        dropStaged(DropReason.PEER_STOPPED);
        timers.stop();
        handshakes.forgetSent();
    }

    /** Wipes everything: the peer is removed. */
    void close() {
        setEndpoint(null);
        stop();
        keys.wipe();
        presharedKeys.wipe();
    }
}
