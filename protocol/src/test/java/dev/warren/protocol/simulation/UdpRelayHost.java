package dev.warren.protocol.simulation;

import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.udprelay.Disposition;
import dev.warren.protocol.udprelay.GeneveHeader;
import dev.warren.protocol.udprelay.UdpRelayLimits;
import dev.warren.protocol.udprelay.UdpRelayServer;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * A UDP relay on a simulated host: the real state machine behind a simulated socket, which is asked for sessions through
 * a {@link SimRelay}.
 */
public final class UdpRelayHost implements SimRelay.Client, Timeline.Actor {
    private static final int PORT = 3479;

    private final SimNetwork network;
    private final SimRelay relay;
    private final Host host;
    private final NodePublicKey key;
    private final DiscoPrivateKey disco;
    private UdpRelayServer server;
    private long forwarded;
    private int starts;

    /** Serves on the host's port 3479. */
    public UdpRelayHost(SimNetwork network, SimRelay relay, Host host) {
        this.network = network;
        this.relay = relay;
        this.host = host;
        this.key = NodePrivateKey.generate(network.random()).publicKey();
        this.disco = DiscoPrivateKey.generate(network.random());
        this.server = newServer();
        network.time().add(this);
        relay.connect(key, this);
        host.bind(PORT, this::receive);
    }

    private UdpRelayServer newServer() {
        return new UdpRelayServer(
                disco,
                List.of(address()),
                UdpRelayLimits.DEFAULT,
                1_000_000L * starts++,
                network.random(),
                network.time().nowNanos());
    }

    /** Where it forwards. */
    public InetSocketAddress address() {
        return new InetSocketAddress(host.address(), PORT);
    }

    /** Its host. */
    public Host host() {
        return host;
    }

    /** The key under which it is asked through the relay. */
    public NodePublicKey key() {
        return key;
    }

    /** Its disco key. */
    public DiscoPublicKey discoKey() {
        return disco.publicKey();
    }

    /** What it knows. */
    public UdpRelayServer server() {
        return server;
    }

    /** Datagrams that it has forwarded so far. */
    public long forwarded() {
        return forwarded;
    }

    /** Forwards and answers no more, and forgets all sessions. */
    public void stop() {
        host.close(PORT);
        relay.disconnect(key, this);
    }

    /** Serves again, with the same keys. */
    public void start() {
        server = newServer();
        relay.connect(key, this);
        host.bind(PORT, this::receive);
    }

    private void receive(InetSocketAddress source, byte[] payload, long nowNanos) {
        long header = payload.length < GeneveHeader.LENGTH ? -1 : GeneveHeader.bits(payload, 0);
        Disposition disposition = server.receive(source, header, payload.length, nowNanos);
        if (disposition == Disposition.CONTROL) {
            disposition = server.control(source, payload, 0, payload.length, nowNanos);
        }
        if (disposition == Disposition.FORWARDED) {
            forwarded++;
            host.send(PORT, server.destination(), payload, 0, payload.length);
        } else if (disposition == Disposition.CHALLENGED) {
            host.send(PORT, source, server.answer(), 0, server.answer().length);
        }
    }

    @Override
    public void relayPacket(int region, NodePublicKey from, byte[] payload, long nowNanos) {
        if (server.allocate(from, payload, 0, payload.length, nowNanos).isAnswered()) {
            relay.send(key, from, server.answer(), 0, server.answer().length);
        }
    }

    @Override
    public void relayState(int region, boolean connected, long nowNanos) {
        // A part of the relay itself: it needs no connection.
    }

    @Override
    public void peerGone(int region, NodePublicKey peer, long nowNanos) {
        // Its sessions end by themselves.
    }

    @Override
    public long nextDeadlineNanos() {
        return server.nextDeadlineNanos();
    }

    @Override
    public void poll(long nowNanos) {
        server.poll(nowNanos);
    }
}
