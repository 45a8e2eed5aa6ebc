package dev.warren.protocol.simulation;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A machine with addresses and UDP sockets, and perhaps a firewall. */
public final class Host {
    /** A UDP socket's reader. */
    @FunctionalInterface
    public interface Receiver {
        /** A datagram has come; the payload is the receiver's. */
        void receive(InetSocketAddress source, byte[] payload, long nowNanos);
    }

    private final SimNetwork network;
    private final String name;
    private final List<Attachment> attachments = new ArrayList<>();
    private final Map<Integer, Receiver> sockets = new HashMap<>();
    private final Map<InetSocketAddress, Receiver> boundSockets = new HashMap<>();
    private @Nullable HostFirewall firewall;

    Host(SimNetwork network, String name) {
        this.network = network;
        this.name = name;
    }

    /** Another address. A datagram leaves by the one on its destination's segment, else by the first of its family. */
    public Attachment attach(Segment segment, String address) {
        Attachment attachment = new Attachment(
                name, segment, InetAddress.ofLiteral(address), new Link(network.random()), this::arrived);
        segment.attach(attachment);
        attachments.add(attachment);
        return attachment;
    }

    /** Takes an address away, as when a cable is pulled. */
    public void detach(Attachment attachment) {
        attachments.remove(attachment);
        attachment.segment().detach(attachment);
    }

    /** From now on only answers to what was sent come in; a flow ends after {@code lifetime} of silence. */
    public Host firewall(Duration lifetime) {
        firewall = new HostFirewall(lifetime);
        return this;
    }

    /** Opens a socket on all addresses. */
    public void bind(int port, Receiver receiver) {
        sockets.put(port, receiver);
    }

    /** Opens a socket on one of its addresses; it goes before the one on all addresses with the same port. */
    public void bind(InetSocketAddress local, Receiver receiver) {
        boundSockets.put(local, receiver);
    }

    /** Closes the socket. */
    public void close(int port) {
        sockets.remove(port);
    }

    /** The host's name in traces. */
    public String name() {
        return name;
    }

    /** The first address. */
    public InetAddress address() {
        return attachments.getFirst().address();
    }

    /** The first link. */
    public Link link() {
        return attachments.getFirst().link();
    }

    /** All its addresses with this port. */
    public List<InetSocketAddress> endpoints(int port) {
        return attachments.stream()
                .map(attachment -> new InetSocketAddress(attachment.address(), port))
                .toList();
    }

    /** Sends from a local port; the payload is copied. */
    public void send(int port, InetSocketAddress to, byte[] buffer, int offset, int length) {
        byte[] payload = Arrays.copyOfRange(buffer, offset, offset + length);
        Attachment out = route(to.getAddress());
        if (out == null) {
            InetSocketAddress nowhere = new InetSocketAddress(port);
            network.ended(Fate.NO_ROUTE, name, new Datagram(nowhere, to, payload));
            return;
        }
        if (firewall != null) {
            firewall.out(port, to, network.time().nowNanos());
        }
        out.send(new Datagram(new InetSocketAddress(out.address(), port), to, payload));
    }

    /** Sends from one of its addresses, by that address's link; the payload is copied. */
    public void send(InetSocketAddress from, InetSocketAddress to, byte[] buffer, int offset, int length) {
        byte[] payload = Arrays.copyOfRange(buffer, offset, offset + length);
        Attachment out = attachments.stream()
                .filter(attachment -> attachment.address().equals(from.getAddress()))
                .findFirst()
                .orElseThrow();
        if (firewall != null) {
            firewall.out(from.getPort(), to, network.time().nowNanos());
        }
        out.send(new Datagram(from, to, payload));
    }

    private @Nullable Attachment route(InetAddress to) {
        boolean ipv4 = to.getAddress().length == 4;
        Attachment out = null;
        for (Attachment attachment : attachments) {
            if (attachment.isIpv4() == ipv4) {
                if (attachment.segment().has(to)) {
                    return attachment;
                }
                out = out == null ? attachment : out;
            }
        }
        return out;
    }

    private void arrived(Datagram datagram) {
        int port = datagram.destination().getPort();
        long nowNanos = network.time().nowNanos();
        if (firewall != null && !firewall.letsIn(port, datagram.source(), nowNanos)) {
            network.ended(Fate.FIREWALLED, name, datagram);
            return;
        }
        Receiver receiver = boundSockets.getOrDefault(datagram.destination(), sockets.get(port));
        if (receiver == null) {
            network.ended(Fate.NO_SOCKET, name, datagram);
            return;
        }
        network.ended(Fate.DELIVERED, name, datagram);
        receiver.receive(datagram.source(), datagram.payload(), nowNanos);
    }
}
