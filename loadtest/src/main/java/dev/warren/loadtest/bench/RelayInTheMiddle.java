package dev.warren.loadtest.bench;

import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.key.DiscoPublicKey;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.udprelay.Disposition;
import dev.warren.protocol.udprelay.GeneveHeader;
import dev.warren.protocol.udprelay.UdpRelayLimits;
import dev.warren.protocol.udprelay.UdpRelayServer;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A UDP relay without sockets between two {@link AgentEnd}s, while they connect. Its time stands still. */
final class RelayInTheMiddle {
    static final InetSocketAddress ADDRESS = new InetSocketAddress("192.0.2.200", 3479);

    private final NodePublicKey key;
    private final DiscoPrivateKey disco;
    private final UdpRelayServer server;
    private final Map<NodePublicKey, Queue<byte[]>> answers = new HashMap<>();
    private final Map<InetSocketAddress, Queue<byte[]>> datagrams = new HashMap<>();

    RelayInTheMiddle(RandomGenerator random) {
        key = NodePrivateKey.generate(random).publicKey();
        disco = DiscoPrivateKey.generate(random);
        server = new UdpRelayServer(disco, List.of(ADDRESS), UdpRelayLimits.DEFAULT, 0, random, 0);
    }

    NodePublicKey key() {
        return key;
    }

    DiscoPublicKey discoKey() {
        return disco.publicKey();
    }

    /** A packet of a client to the relay itself. */
    void request(NodePublicKey client, byte[] packet) {
        if (server.allocate(client, packet, 0, packet.length, 0).isAnswered()) {
            answers.computeIfAbsent(client, _ -> new ArrayDeque<>()).add(server.answer());
        }
    }

    /** A datagram. */
    void receive(InetSocketAddress from, byte[] datagram) {
        Disposition disposition = server.receive(from, GeneveHeader.bits(datagram, 0), datagram.length, 0);
        if (disposition == Disposition.CONTROL) {
            disposition = server.control(from, datagram, 0, datagram.length, 0);
        }
        if (disposition == Disposition.FORWARDED) {
            send(server.destination(), datagram);
        } else if (disposition == Disposition.CHALLENGED) {
            send(from, server.answer());
        }
    }

    /** The next packet for the client; null when there is none. */
    byte @Nullable [] forClient(NodePublicKey client) {
        Queue<byte[]> waiting = answers.get(client);
        return waiting == null ? null : waiting.poll();
    }

    /** The next datagram for the address; null when there is none. */
    byte @Nullable [] forAddress(InetSocketAddress address) {
        Queue<byte[]> waiting = datagrams.get(address);
        return waiting == null ? null : waiting.poll();
    }

    private void send(InetSocketAddress to, byte[] datagram) {
        datagrams.computeIfAbsent(to, _ -> new ArrayDeque<>()).add(datagram);
    }
}
