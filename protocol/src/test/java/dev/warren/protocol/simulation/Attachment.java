package dev.warren.protocol.simulation;

import java.net.InetAddress;
import java.util.function.Consumer;

/** One address on a segment and the link to it. Belongs to a host or to one side of a NAT. */
public final class Attachment {
    private static final int OUTWARD = 0;
    private static final int INWARD = 1;

    private final String owner;
    private final Segment segment;
    private final InetAddress address;
    private final Link link;
    private final Consumer<Datagram> receiver;

    Attachment(String owner, Segment segment, InetAddress address, Link link, Consumer<Datagram> receiver) {
        this.owner = owner;
        this.segment = segment;
        this.address = address;
        this.link = link;
        this.receiver = receiver;
    }

    /** Its address. */
    public InetAddress address() {
        return address;
    }

    /** Its link, to make it slow, lossy or dead. */
    public Link link() {
        return link;
    }

    String owner() {
        return owner;
    }

    Segment segment() {
        return segment;
    }

    boolean isIpv4() {
        return address.getAddress().length == 4;
    }

    /** Out of the host, over the link, onto the segment. */
    void send(Datagram datagram) {
        cross(OUTWARD, datagram, () -> segment.forward(this, datagram));
    }

    /** Off the segment, over the link, into the host. */
    void deliver(Datagram datagram) {
        cross(INWARD, datagram, () -> receiver.accept(datagram));
    }

    private void cross(int direction, Datagram datagram, Runnable arrival) {
        SimNetwork network = segment.network();
        Fate refusal = link.refusal(datagram);
        if (refusal != null) {
            network.ended(refusal, owner, datagram);
            return;
        }
        Timeline time = network.time();
        time.after(link.transitNanos(direction, time.nowNanos()), arrival);
    }
}
