package dev.warren.node.probe;

import dev.warren.node.netcheck.Netcheck;
import dev.warren.node.netcheck.NetcheckTargets;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.stun.MessageType;
import dev.warren.protocol.stun.StunAttribute.XorMappedAddress;
import dev.warren.protocol.stun.StunCodec;
import dev.warren.protocol.stun.StunDecoded;
import dev.warren.protocol.stun.StunMessage;
import dev.warren.protocol.stun.TransactionId;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** Exchanges with ourselves, so that no server's round trip has the loading of our classes in it. */
final class Rehearsal {
    private static final long LIMIT_NANOS = 1_000_000_000;

    private Rehearsal() {}

    /** Asks a STUN server that this method itself is, over loopback; whatever goes wrong says nothing about anything. */
    static void stun() {
        try (DatagramChannel server = bound();
                DatagramChannel client = bound()) {
            InetSocketAddress us = (InetSocketAddress) client.getLocalAddress();
            InetSocketAddress address = (InetSocketAddress) server.getLocalAddress();
            NetcheckTargets targets = new NetcheckTargets(
                    DerpMap.EMPTY,
                    List.of(new NetcheckTargets.StunServer(0, "ourselves", address)),
                    List.of(),
                    List.of(),
                    Set.of(),
                    0,
                    List.of());
            Netcheck check = new Netcheck(targets, new SplittableRandom(1), 0, LIMIT_NANOS);
            for (Netcheck.Action action : check.poll(0)) {
                if (action instanceof Netcheck.Send send) {
                    client.send(ByteBuffer.wrap(send.bytes()), address);
                    StunDecoded request = StunCodec.decode(send.bytes(), 0, send.bytes().length);
                    server.send(ByteBuffer.wrap(answer(((StunMessage) request).id(), us)), us);
                }
            }
            ByteBuffer buffer = ByteBuffer.allocate(64);
            client.receive(buffer); // it is there already, or a firewall has it
            check.receive(Netcheck.STUN_IPV4, buffer.array(), 0, buffer.position(), address, 1);
            var _ = check.report(1);
        } catch (IOException noLoopback) {
            // Then the first round trip is measured a little too long.
        }
    }

    /** Reads an answer as a relay gives it. */
    static void http() {
        EmbeddedChannel channel = new EmbeddedChannel(new HttpProbe("", false, new CompletableFuture<>()));
        channel.writeInbound(
                Unpooled.copiedBuffer("HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", StandardCharsets.US_ASCII));
        channel.finishAndReleaseAll();
    }

    private static DatagramChannel bound() throws IOException {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
        channel.configureBlocking(false);
        return channel.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
    }

    private static byte[] answer(TransactionId id, InetSocketAddress to) {
        return StunCodec.encode(StunMessage.of(MessageType.BINDING_SUCCESS, id, new XorMappedAddress(to)));
    }
}
