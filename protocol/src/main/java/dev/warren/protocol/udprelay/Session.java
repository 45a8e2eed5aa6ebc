package dev.warren.protocol.udprelay;

import dev.warren.protocol.disco.DiscoPair;
import dev.warren.protocol.key.NodePublicKey;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Two clients that are forwarded to each other, and until when. */
final class Session {
    private static final long SECOND = 1_000_000_000L;
    /** From the allocation until both ends are bound (derp.md section 9). */
    static final long BIND_LIFETIME = 30 * SECOND;
    /** How long either end may be silent then. */
    static final long STEADY_LIFETIME = 300 * SECOND;

    /** What a session may send at once beyond its rate: a quarter of a second's, and at least some large datagrams. */
    private static final long LEAST_BURST = 256 * 1024;

    final int vni;
    final DiscoPair clients;
    final NodePublicKey owner;
    final long lamportId;
    private final Leg low;
    private final Leg high;
    private final @Nullable TokenBucket bandwidth;
    private final long bindUntilNanos;
    /** Both ends have been bound at some time. */
    private boolean open;

    /** Who else asked for it, with a disco key of the pair; null while only the owner has. */
    private @Nullable NodePublicKey partner;
    /** Under which deadline it stands in the server's queue; never later than its real one. */
    long queuedNanos;

    /** {@code owner} is who asked for it. */
    Session(int vni, DiscoPair clients, NodePublicKey owner, long lamportId, long bytesPerSecond, long nowNanos) {
        this.vni = vni;
        this.clients = clients;
        this.owner = owner;
        this.lamportId = lamportId;
        this.low = new Leg(clients.low());
        this.high = new Leg(clients.high());
        this.bandwidth =
                bytesPerSecond == 0 ? null : new TokenBucket(bytesPerSecond, Math.max(LEAST_BURST, bytesPerSecond / 4));
        this.bindUntilNanos = nowNanos + BIND_LIFETIME;
        this.queuedNanos = bindUntilNanos;
    }

    /** When it ends if nothing more is heard; never goes back. */
    long deadlineNanos() {
        return open ? Math.min(low.lastSeenNanos, high.lastSeenNanos) + STEADY_LIFETIME : bindUntilNanos;
    }

    boolean isOver(long nowNanos) {
        return nowNanos >= deadlineNanos();
    }

    boolean isOpen() {
        return open;
    }

    /** The client with this key asked for it too. */
    void askedBy(NodePublicKey client) {
        partner = client.equals(owner) ? partner : client;
    }

    /** Whether the client has asked for it, first or later. */
    boolean isOf(NodePublicKey client) {
        return client.equals(owner) || (partner != null && client.equals(partner));
    }

    /** The end of the client whose key stands in a disco packet at {@code offset}; null when it is neither's. */
    @Nullable
    Leg legOf(byte[] buffer, int offset) {
        if (low.key.matches(buffer, offset)) {
            return low;
        }
        return high.key.matches(buffer, offset) ? high : null;
    }

    /** The end that is bound to this address; null when none is. */
    @Nullable
    Leg legAt(InetSocketAddress address) {
        if (isAt(low, address)) {
            return low;
        }
        return isAt(high, address) ? high : null;
    }

    List<Leg> legs() {
        return List.of(low, high);
    }

    Leg other(Leg leg) {
        return leg == low ? high : low;
    }

    /** Binds an end to where its client has proven to be. */
    void bind(Leg leg, InetSocketAddress address, long nowNanos) {
        leg.lastSeenNanos = nowNanos;
        if (!address.equals(leg.address)) {
            leg.moveTo(address);
            open |= other(leg).address != null;
        }
    }

    /** Takes {@code length} bytes from the bandwidth, if there is so much left. */
    boolean mayForward(int length, long nowNanos) {
        return bandwidth == null || bandwidth.take(length, nowNanos);
    }

    @SuppressWarnings("ReferenceEquality") // mostly the socket's one object for an address
    private static boolean isAt(Leg leg, InetSocketAddress address) {
        InetSocketAddress bound = leg.address;
        return bound == address || (bound != null && bound.equals(address));
    }
}
