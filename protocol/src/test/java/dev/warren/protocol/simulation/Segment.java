package dev.warren.protocol.simulation;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The internet, or a LAN: addresses that reach one another without a NAT. A LAN sends what it does not know to its NAT.
 */
public final class Segment {
    private record Pair(InetAddress one, InetAddress other) {}

    private final SimNetwork network;
    private final String name;
    private final Map<InetAddress, Attachment> attachments = new HashMap<>();
    private final Set<Pair> cuts = new HashSet<>();
    private final boolean isolating;
    private @Nullable Attachment gateway;

    /** With {@code isolating} clients reach only the gateway, as in a guest WLAN. */
    Segment(SimNetwork network, String name, boolean isolating) {
        this.network = network;
        this.name = name;
        this.isolating = isolating;
    }

    /** Nothing passes between the two addresses from now on, in either direction. */
    public void cut(InetAddress one, InetAddress other) {
        cuts.add(new Pair(one, other));
        cuts.add(new Pair(other, one));
    }

    /** Ends {@link #cut}. */
    public void heal(InetAddress one, InetAddress other) {
        cuts.remove(new Pair(one, other));
        cuts.remove(new Pair(other, one));
    }

    SimNetwork network() {
        return network;
    }

    void attach(Attachment attachment) {
        if (attachments.putIfAbsent(attachment.address(), attachment) != null) {
            throw new IllegalArgumentException(name + " has " + attachment.address() + " already");
        }
    }

    void detach(Attachment attachment) {
        attachments.remove(attachment.address(), attachment);
    }

    void setGateway(Attachment attachment) {
        gateway = attachment;
    }

    boolean has(InetAddress address) {
        return attachments.containsKey(address);
    }

    /** A datagram from {@code from} has come onto the segment. */
    void forward(Attachment from, Datagram datagram) {
        Attachment to = attachments.get(datagram.destination().getAddress());
        if (to == null && gateway != from) {
            to = gateway;
        }
        if (to == null || (isolating && to != gateway && from != gateway)) {
            network.ended(Fate.NO_ROUTE, name, datagram);
        } else if (cuts.contains(new Pair(from.address(), to.address()))) {
            network.ended(Fate.CUT, name, datagram);
        } else {
            to.deliver(datagram);
        }
    }
}
