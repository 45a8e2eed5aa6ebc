package dev.warren.node.engine;

import dev.warren.protocol.wireguard.Peer;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A host name in place of a peer's endpoint: the addresses behind it, and at which the peer is tried next. A peer that
 * answers stays where it is, wherever that is: WireGuard's roaming knows better than DNS.
 */
public final class EndpointName {
    private final String host;
    private final int port;
    private List<InetSocketAddress> addresses = List.of();
    private @Nullable InetSocketAddress roamedTo;
    private boolean isNew = true;
    private boolean isUnknown;
    private long heardBytes;
    private int unanswered;

    EndpointName(String host, int port) {
        this.host = host;
        this.port = port;
    }

    /** The host name, as it was given. */
    public String host() {
        return host;
    }

    /** The UDP port, 1 to 65535. */
    public int port() {
        return port;
    }

    /** Whether no address was ever found. */
    boolean isUnresolved() {
        return addresses.isEmpty();
    }

    /** Whether the first look-up still runs, so that packets may wait for it. */
    boolean isAwaited() {
        return addresses.isEmpty() && !isUnknown;
    }

    /** The name was looked up in vain. */
    void unknown() {
        isUnknown = true;
    }

    /**
     * Takes over the addresses of the name, neither list empty in vain: one of {@code routed} is worth a try, those of
     * {@code unrouted} are only while there is no other. True when the peer is to be found elsewhere from now on.
     */
    boolean found(Peer peer, List<InetSocketAddress> routed, List<InetSocketAddress> unrouted) {
        InetSocketAddress before = peer.endpoint();
        addresses = routed.isEmpty() ? unrouted : routed;
        isUnknown = false;
        boolean isSilent = unanswered > 0 && peer.rxBytes() == heardBytes;
        boolean isCutOff = !routed.isEmpty() && unrouted.contains(before);
        boolean moves = isNew || before == null || isCutOff || (isSilent && !addresses.contains(before));
        isNew = false;
        if (!moves || addresses.getFirst().equals(before)) {
            return false;
        }
        unanswered = 0;
        move(peer, addresses.getFirst());
        return true;
    }

    /**
     * Nothing was heard of the peer since it was last tried. Where it was heard before, it gets a second try, as the
     * first may have been lost; then all addresses have their turn, and the one to which it had roamed.
     */
    void unanswered(Peer peer) {
        InetSocketAddress endpoint = peer.endpoint();
        if (peer.rxBytes() != heardBytes) {
            heardBytes = peer.rxBytes();
            unanswered = 0;
            roamedTo = addresses.contains(endpoint) ? null : endpoint;
        }
        unanswered++;
        List<InetSocketAddress> turns = new ArrayList<>(addresses);
        if (roamedTo != null && !turns.contains(roamedTo)) {
            turns.add(roamedTo);
        }
        boolean worthAnother = unanswered == 1 && heardBytes != 0;
        if (!worthAnother && !turns.isEmpty()) {
            move(peer, turns.get((turns.indexOf(endpoint) + 1) % turns.size()));
        }
    }

    private static void move(Peer peer, InetSocketAddress endpoint) {
        peer.setEndpoint(endpoint);
        peer.setSource(null);
    }
}
