package dev.warren.loadtest.bench;

import dev.warren.platform.linux.GroBatch;
import dev.warren.platform.linux.GsoBatch;
import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.ReceiveBatch;
import dev.warren.platform.linux.SendBatch;
import dev.warren.platform.linux.UdpFeatures;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpSocket;
import dev.warren.protocol.disco.RelaySession;
import dev.warren.protocol.key.DiscoPrivateKey;
import dev.warren.protocol.udprelay.Disposition;
import dev.warren.protocol.udprelay.GeneveHeader;
import dev.warren.protocol.udprelay.RelayClient;
import dev.warren.protocol.udprelay.UdpRelayLimits;
import dev.warren.protocol.udprelay.UdpRelayServer;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/** A UDP relay with two bound clients, all with real sockets on the loopback, in one thread. */
final class UdpRelayRoom implements AutoCloseable {
    private static final int SLOTS = 4;
    private static final int SLOT_BYTES = 2_048;
    private static final ValueLayout.OfLong HEADER = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final Random random = new Random(1);
    private final UdpSocket relay = socket();
    private final UdpSocket sender = socket();
    private final UdpSocket receiver = socket();
    private final InetSocketAddress relayAddress = at(relay);
    private final UdpRelayServer server;
    private final SendBatch out = new SendBatch(SLOTS, SLOT_BYTES);
    private final GroBatch received = new GroBatch(SLOTS);
    private final GsoBatch forwarding = new GsoBatch(SLOTS, 0, true);
    private final ReceiveBatch arrived = new ReceiveBatch(SLOTS, SLOT_BYTES);
    private final UdpSocket.Refused none = (to, errno) -> {
        throw new AssertionError(to + " refused: " + errno);
    };
    private final byte[] payload;
    private final long header;
    private long nowNanos;

    /** Datagrams of {@code bytes} behind their header. */
    UdpRelayRoom(int bytes) throws LinuxException {
        relay.enable(new UdpFeatures(true, false, true));
        payload = new byte[bytes];
        DiscoPrivateKey key = DiscoPrivateKey.generate(random);
        // With a limit, so that its arithmetic is part of it.
        UdpRelayLimits limits = new UdpRelayLimits(10, 10, 10, 1_000_000_000L);
        server = new UdpRelayServer(key, List.of(relayAddress), limits, 0, random, 0);
        RelayClient a = new RelayClient(key.publicKey(), random);
        RelayClient b = new RelayClient(key.publicKey(), random);
        byte[] request = a.request(a.with(b), 1);
        if (!server.allocate(a.node, request, 0, request.length, 0).isAnswered()) {
            throw new AssertionError("no session");
        }
        RelaySession session = a.session(server.answer());
        bind(a, session, at(sender));
        bind(b, session, at(receiver));
        header = GeneveHeader.bits(false, GeneveHeader.WIREGUARD, session.vni());
    }

    private void bind(RelayClient client, RelaySession session, InetSocketAddress from) {
        byte[] request = client.bindRequest(session, 1);
        server.control(from, request, 0, request.length, 0);
        byte[] answer = client.bindAnswer(session, 1, client.challenge(server.answer()));
        if (server.control(from, answer, 0, answer.length, 0) != Disposition.BOUND) {
            throw new AssertionError("not bound");
        }
    }

    /** One datagram from the sender through the relay to the receiver; its length there. */
    int forward() {
        try {
            out.add(relayAddress, header, payload, 0, payload.length);
            sender.send(out, none);
            int count = relay.receive(received);
            for (int i = 0; i < count; i++) {
                int length = received.length(i);
                InetSocketAddress source = Objects.requireNonNull(received.source(i));
                // The time goes on by itself: else the bandwidth would be used up.
                nowNanos += 2_000;
                long head = received.memory().get(HEADER, received.offset(i));
                if (server.receive(source, head, length, nowNanos) == Disposition.FORWARDED) {
                    forwarding.add(
                            server.destination(), null, received.ecn(i), received.memory(), received.offset(i), length);
                }
            }
            relay.send(forwarding, none);
            return receiver.receive(arrived) == 1 ? arrived.length(0) : -1;
        } catch (LinuxException broken) {
            throw new AssertionError(broken);
        }
    }

    private static UdpSocket socket() throws LinuxException {
        return UdpSocket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), UdpOptions.DEFAULT);
    }

    private static InetSocketAddress at(UdpSocket socket) {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), socket.port());
    }

    @Override
    public void close() {
        relay.close();
        sender.close();
        receiver.close();
    }
}
