package dev.warren.protocol.simulation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A NAT between a LAN and what is outside: the internet, or another NAT's LAN. */
public final class Nat {
    private final SimNetwork network;
    private final String name;
    private final NatKind kind;
    private final NatTable table;
    private final Attachment outside;
    private @Nullable Attachment inside;
    private @Nullable InetAddress oneToOne;

    Nat(SimNetwork network, String name, NatKind kind, Segment outside, InetAddress address) {
        this.network = network;
        this.name = name;
        this.kind = kind;
        this.table = new NatTable(kind, network.random());
        this.outside = new Attachment(name, outside, address, new Link(network.random()), this::fromOutside);
        outside.attach(this.outside);
    }

    /** Becomes the LAN's way out. */
    public Nat serve(Segment lan, String insideAddress) {
        Attachment attachment = new Attachment(
                name, lan, InetAddress.ofLiteral(insideAddress), new Link(network.random()), this::fromInside);
        lan.attach(attachment);
        lan.setGateway(attachment);
        inside = attachment;
        return this;
    }

    /** Hands the whole external address, every port, to one inner host, unfiltered. */
    public Nat oneToOne(InetAddress inner) {
        oneToOne = inner;
        return this;
    }

    /** The link to the outside. */
    public Link link() {
        return outside.link();
    }

    /** Its external address. */
    public InetAddress address() {
        return outside.address();
    }

    /** Forgets every mapping, as a router does that starts anew. */
    public void restart() {
        table.clear();
    }

    private void fromInside(Datagram datagram) {
        InetSocketAddress external = translated(datagram);
        Datagram translated = datagram.from(external);
        if (!datagram.destination().getAddress().equals(outside.address())) {
            outside.send(translated);
        } else if (kind.hairpins()) {
            fromOutside(translated);
        } else {
            network.ended(Fate.NO_HAIRPIN, name, datagram);
        }
    }

    private InetSocketAddress translated(Datagram datagram) {
        InetSocketAddress source = datagram.source();
        int port = source.getAddress().equals(oneToOne)
                ? source.getPort()
                : table.out(source, datagram.destination(), network.time().nowNanos()).externalPort;
        return new InetSocketAddress(outside.address(), port);
    }

    private void fromOutside(Datagram datagram) {
        Attachment lan = inside;
        int port = datagram.destination().getPort();
        long nowNanos = network.time().nowNanos();
        NatMapping mapping = table.in(port, nowNanos);
        if (lan == null || (mapping == null && oneToOne == null)) {
            network.ended(Fate.NO_MAPPING, name, datagram);
        } else if (mapping == null) {
            lan.send(datagram.to(new InetSocketAddress(oneToOne, port)));
        } else if (mapping.letsIn(datagram.source(), nowNanos)) {
            lan.send(datagram.to(mapping.inner));
        } else {
            network.ended(Fate.FILTERED, name, datagram);
        }
    }
}
