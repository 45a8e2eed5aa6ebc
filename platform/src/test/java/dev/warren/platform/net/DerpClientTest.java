package dev.warren.platform.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.tls.SelfSignedCertificate;
import dev.warren.platform.tls.ServerCredentials;
import dev.warren.protocol.derp.DerpMap;
import dev.warren.protocol.derp.DerpRegion;
import dev.warren.protocol.derp.Frame;
import dev.warren.protocol.derp.FrameCodec;
import dev.warren.protocol.derp.FrameType;
import dev.warren.protocol.derp.Payload;
import dev.warren.protocol.derp.PeerGoneReason;
import dev.warren.protocol.derp.RelaySpec;
import dev.warren.protocol.derp.ServerInfo;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class DerpClientTest {
    private static final int REGION = 900;
    private static final DerpClient.Timing QUICK = new DerpClient.Timing(500, 3_000, 5_000, 20, 80, 300);
    private static final NodePrivateKey MINE = NodePrivateKey.generate(new SecureRandom());
    private static final NodePublicKey PEER =
            NodePrivateKey.generate(new SecureRandom()).publicKey();

    /** What the client told, in order. */
    private static final class Heard implements DerpClient.Listener {
        final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

        @Override
        public void connected(int region) {
            events.add("connected " + region);
        }

        @Override
        public void packet(int region, NodePublicKey source, byte[] buffer, int offset, int length) {
            events.add(new Frame.RecvPacket(source, Payload.of(buffer, offset, length)));
        }

        @Override
        public void peerGone(int region, NodePublicKey peer, PeerGoneReason reason) {
            events.add(new Frame.PeerGone(peer, reason));
        }

        @Override
        public void disconnected(int region, String reason) {
            events.add("disconnected: " + reason);
        }

        Object next() throws InterruptedException {
            return present(events.poll(10, TimeUnit.SECONDS));
        }
    }

    private final Heard heard = new Heard();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Transport.class,
            names = {"AUTO", "NIO"})
    void shouldSendAndReceiveInPlaintext(Transport transport) throws Exception {
        FakeRelay relay = relay(0);
        DerpClient client = opening(DerpClient.connect(transport, region(relay), MINE, heard, QUICK));
        assertEquals("connected 900", heard.next());
        assertTrue(client.isConnected());
        assertEquals(InetAddress.ofLiteral("127.0.0.1"), client.address());
        FakeRelay.Link link = link(relay);

        byte[] packet = {9, 1, 2, 3, 9};
        assertTrue(client.send(PEER, packet, 1, 3));
        Arrays.fill(packet, (byte) 0);
        assertEquals(new Frame.SendPacket(PEER, Payload.of(new byte[] {1, 2, 3})), frame(link));

        Frame.RecvPacket back = new Frame.RecvPacket(PEER, Payload.of(new byte[] {4, 5}));
        link.send(back);
        assertEquals(back, heard.next());
        Frame.PeerGone gone = new Frame.PeerGone(PEER, PeerGoneReason.NOT_HERE);
        link.send(gone);
        assertEquals(gone, heard.next());
        link.send(new Frame.Ping(42));
        assertEquals(new Frame.Pong(42), frame(link));
    }

    @Test
    void shouldKeepPacketsInOrderAndWhole() throws Exception {
        FakeRelay relay = relay(0);
        DerpClient client = connect(region(relay));
        FakeRelay.Link link = link(relay);
        for (int i = 0; i < 200; i++) {
            byte[] packet = new byte[1 + i * 7];
            Arrays.fill(packet, (byte) i);
            assertTrue(client.send(PEER, packet, 0, packet.length));
        }
        for (int i = 0; i < 200; i++) {
            byte[] packet = new byte[1 + i * 7];
            Arrays.fill(packet, (byte) i);
            Frame.SendPacket sent = (Frame.SendPacket) frame(link);
            assertArrayEquals(packet, sent.packet().bytes());
        }
    }

    @Test
    void shouldTrustThePinnedCertificateOnly() throws Exception {
        ServerCredentials credentials =
                SelfSignedCertificate.create("relay.example", new SecureRandom(), Instant.EPOCH);
        ServerCredentials other = SelfSignedCertificate.create("relay.example", new SecureRandom(), Instant.EPOCH);
        FakeRelay relay = opening(FakeRelay.tls(credentials));
        DerpClient right = connect(RelaySpec.parse(spec(relay.port()) + ",pin=" + credentials.pin()));
        assertTrue(right.send(PEER, new byte[] {1}, 0, 1));
        assertEquals(new Frame.SendPacket(PEER, Payload.of(new byte[] {1})), frame(link(relay)));

        DerpClient wrong = opening(DerpClient.connect(
                Transport.AUTO, RelaySpec.parse(spec(relay.port()) + ",pin=" + other.pin()), MINE, heard, QUICK));
        awaitProblem(wrong, "the pin " + credentials.pin());
        assertFalse(wrong.isConnected());
    }

    @Test
    void shouldTellTheRelayThatItIsHomeAfterEachConnect() throws Exception {
        FakeRelay relay = relay(0);
        DerpClient client = connect(region(relay));
        FakeRelay.Link first = link(relay);
        client.notePreferred(true);
        client.notePreferred(true);
        assertEquals(new Frame.NotePreferred(true), frame(first));
        first.socket.close();
        assertTrue(String.valueOf(heard.next()).startsWith("disconnected: 900a"));
        assertEquals("connected 900", heard.next());
        FakeRelay.Link second = link(relay);
        assertEquals(new Frame.NotePreferred(true), frame(second));
        client.notePreferred(false);
        assertEquals(new Frame.NotePreferred(false), frame(second));
        assertEquals(List.of(), List.copyOf(first.frames));
    }

    @Test
    void shouldComeBackToARelayThatWasRestarted() throws Exception {
        FakeRelay relay = relay(0);
        int port = relay.port();
        DerpClient client = connect(region(relay));
        link(relay);
        relay.close();
        assertTrue(String.valueOf(heard.next()).startsWith("disconnected"));
        assertNull(client.address());
        assertFalse(client.send(PEER, new byte[1], 0, 1));
        assertEquals(1, client.drops(DerpClient.Drop.NOT_CONNECTED));
        awaitProblem(client, "cannot be reached");
        relay(port);
        assertEquals("connected 900", heard.next());
        assertEquals("", client.lastProblem());
    }

    @Test
    void shouldTryTheNextRelayWhenOneRefuses() throws Exception {
        int nobody;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = closed.getLocalPort();
        }
        FakeRelay second = relay(0);
        long begin = System.nanoTime();
        connect(two(nobody, second.port()));
        assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(2));
        // The relay is told that it is not the first choice.
        assertEquals("900a", link(second).request.field("Ideal-Node"));
    }

    @Test
    void shouldTryTheNextRelayWhenOneSaysNothing() throws Exception {
        FakeRelay first = relay(0);
        first.mute = true;
        FakeRelay second = relay(0);
        connect(two(first.port(), second.port()));
        link(second);
        assertNotNull(first.parked.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void shouldGoToTheNextRelayWhenOneRestarts() throws Exception {
        FakeRelay first = relay(0);
        FakeRelay second = relay(0);
        DerpClient client = connect(two(first.port(), second.port()));
        FakeRelay.Link leaving = link(first);
        leaving.send(new Frame.Restarting(500, 60_000));
        leaving.send(new Frame.Ping(1));
        assertEquals(new Frame.Pong(1), frame(leaving));
        // Until then the connection is of use.
        assertTrue(client.send(PEER, new byte[] {1}, 0, 1));
        assertEquals(new Frame.SendPacket(PEER, Payload.of(new byte[] {1})), frame(leaving));
        assertEquals("disconnected: 900a is about to restart", heard.next());
        assertEquals("connected 900", heard.next());
        FakeRelay.Link next = link(second);
        // And back, when that one restarts and ends the connection before its time.
        next.send(new Frame.Restarting(60_000, 60_000));
        next.send(new Frame.Ping(2));
        assertEquals(new Frame.Pong(2), frame(next));
        next.socket.close();
        assertEquals("disconnected: 900b is about to restart", heard.next());
        assertEquals("connected 900", heard.next());
        link(first);
    }

    @Test
    void shouldComeBackToTheOnlyRelayOfARegion() throws Exception {
        FakeRelay relay = relay(0);
        connect(region(relay));
        link(relay).send(new Frame.Restarting(0, 60_000));
        assertEquals("disconnected: 900a is about to restart", heard.next());
        assertEquals("connected 900", heard.next());
        link(relay);
    }

    @Test
    void shouldEndWhenTheRelayFallsSilent() throws Exception {
        FakeRelay relay = relay(0);
        DerpClient.Timing impatient = new DerpClient.Timing(5_000, 5_000, 300, 20, 80, 300);
        opening(DerpClient.connect(Transport.AUTO, region(relay), MINE, heard, impatient));
        assertEquals("connected 900", heard.next());
        assertEquals("disconnected: 900a: it has been silent for too long", heard.next());
        assertEquals("connected 900", heard.next());
    }

    @Test
    void shouldLeaveARelayThatDoesNotAnswerWhenTheNetworkHasChanged() throws Exception {
        FakeRelay relay = relay(0);
        DerpClient client = connect(region(relay));
        FakeRelay.Link first = link(relay);
        client.networkChanged(false);
        client.networkChanged(true);
        client.networkChanged(true);
        assertInstanceOf(Frame.Ping.class, frame(first));
        assertEquals("disconnected: 900a did not answer after the network had changed", heard.next());
        assertEquals("connected 900", heard.next());
        assertEquals(first, relay.ended.poll(10, TimeUnit.SECONDS));
        assertTrue(first.frames.isEmpty(), "asked once");
        link(relay);
    }

    @Test
    void shouldStayWithARelayThatAnswersWhenTheNetworkHasChanged() throws Exception {
        FakeRelay relay = relay(0);
        DerpClient.Timing patient = new DerpClient.Timing(5_000, 5_000, 60_000, 20, 80, 2_000);
        DerpClient client = opening(DerpClient.connect(Transport.AUTO, region(relay), MINE, heard, patient));
        assertEquals("connected 900", heard.next());
        FakeRelay.Link link = link(relay);
        client.networkChanged(true);
        link.send(new Frame.Pong(assertInstanceOf(Frame.Ping.class, frame(link)).data()));
        assertNull(heard.events.poll(2_200, TimeUnit.MILLISECONDS));
        assertTrue(client.isConnected());
    }

    @Test
    void shouldNotWaitForTheNextTryWhenTheNetworkHasChanged() throws Exception {
        int port;
        try (FakeRelay gone = FakeRelay.plain(0)) {
            port = gone.port();
        }
        DerpRegion region = RelaySpec.parse(spec(port) + ",plaintext");
        DerpClient.Timing slow = new DerpClient.Timing(5_000, 5_000, 60_000, 600_000, 600_000, 300);
        DerpClient client = opening(DerpClient.connect(Transport.AUTO, region, MINE, heard, slow));
        awaitProblem(client, "cannot be reached");
        FakeRelay relay = relay(port);
        client.networkChanged(false);
        assertEquals("connected 900", heard.next());
        link(relay);
    }

    @Test
    void shouldEndWhenTheRelayBreaksTheProtocol() throws Exception {
        FakeRelay relay = relay(0);
        connect(region(relay));
        // The header alone: the client hangs up before a payload could be written.
        byte[] header = new byte[Frame.HEADER_LENGTH];
        FrameCodec.writeHeader(FrameType.HEALTH, Frame.MAX_FROM_SERVER + 1, header, 0);
        link(relay).socket.getOutputStream().write(header);
        assertTrue(String.valueOf(heard.next()).contains("a frame of 1048577 bytes"));
    }

    @Test
    void shouldDropAndCountWhatDoesNotFit() throws Exception {
        FakeRelay relay = relay(0);
        DerpClient client = connect(region(relay));
        assertFalse(client.send(PEER, new byte[Frame.MAX_PACKET + 1], 0, Frame.MAX_PACKET + 1));
        assertEquals(1, client.drops(DerpClient.Drop.TOO_LONG));
        relay.frozen.acquire();
        byte[] packet = new byte[Frame.MAX_PACKET];
        int sent = 0;
        while (client.drops(DerpClient.Drop.QUEUE_FULL) == 0) {
            client.send(PEER, packet, 0, packet.length);
            sent++;
            assertTrue(sent < 100_000, "the queue has no bound");
        }
        relay.frozen.release();
    }

    /** A way to the relay that takes a packet at a time: what has waited for long is dropped before the queue is full. */
    @Test
    void shouldDropAndCountWhatHasWaitedForTooLong() throws Exception {
        FakeRelay relay = relay(0);
        DerpClient client = connect(region(relay));
        DerpConnection connection =
                new DerpConnection(client, region(relay).nodes().getFirst(), NodePrivateKey.generate(new Random(1)));
        EmbeddedChannel way = new EmbeddedChannel();
        way.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 1));
        way.pipeline().addLast(connection);
        connection.channelActive(way.pipeline().context(connection));
        AtomicInteger taken = new AtomicInteger();
        way.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void flush(ChannelHandlerContext context) {
                if (taken.get() > 0) {
                    taken.decrementAndGet();
                    context.flush();
                }
            }
        });
        for (int i = 0; i < 10; i++) {
            assertTrue(connection.send(PEER, new byte[1000], 0, 1000));
        }
        way.runPendingTasks();
        // The first that has waited more than the target, and one an interval later.
        for (long nanos : new long[] {PacketBacklog.TARGET_NANOS, PacketBacklog.INTERVAL_NANOS}) {
            assertEquals(0, client.drops(DerpClient.Drop.QUEUE_DELAY));
            long since = System.nanoTime();
            while (System.nanoTime() - since <= nanos) {
                Thread.onSpinWait();
            }
            taken.set(1);
            way.flush();
            assertTrue(connection.send(PEER, new byte[1000], 0, 1000));
            way.runPendingTasks();
        }
        assertEquals(1, client.drops(DerpClient.Drop.QUEUE_DELAY));
        way.pipeline().remove(connection);
        way.close().awaitUninterruptibly();
        way.releaseOutbound();
    }

    @Test
    void shouldSendNoFasterThanTheRelayLets() throws Exception {
        FakeRelay relay = relay(0);
        relay.serverInfo = new ServerInfo(2, 1, 2 * (5 + 32 + 1000));
        DerpClient client = connect(region(relay));
        byte[] packet = new byte[1000];
        assertTrue(client.send(PEER, packet, 0, 1000));
        assertTrue(client.send(PEER, packet, 0, 1000));
        assertFalse(client.send(PEER, packet, 0, 1000));
        assertEquals(1, client.drops(DerpClient.Drop.OVER_RATE));
        // The next connection starts afresh, by what that relay says.
        relay.serverInfo = ServerInfo.unlimited();
        link(relay).socket.close();
        assertTrue(String.valueOf(heard.next()).startsWith("disconnected"));
        assertEquals("connected 900", heard.next());
        for (int i = 0; i < 10; i++) {
            assertTrue(client.send(PEER, packet, 0, 1000));
        }
    }

    @Test
    void shouldBeSilentAfterClose() throws Exception {
        FakeRelay relay = relay(0);
        DerpClient client = connect(region(relay));
        FakeRelay.Link link = link(relay);
        client.close();
        assertFalse(client.isConnected());
        assertFalse(client.send(PEER, new byte[1], 0, 1));
        // The relay sees the end of the connection.
        present(relay.ended.poll(10, TimeUnit.SECONDS));
        assertEquals(List.of(), List.copyOf(heard.events));
        assertEquals(List.of(), List.copyOf(link.frames));
    }

    @Test
    void shouldRefuseARegionWithoutRelays() {
        DerpRegion empty = new DerpRegion(1, "x", "x", false, List.of());
        assertThrows(IllegalArgumentException.class, () -> DerpClient.connect(Transport.AUTO, empty, MINE, heard));
    }

    private DerpClient connect(DerpRegion region) throws InterruptedException {
        DerpClient client = opening(DerpClient.connect(Transport.AUTO, region, MINE, heard, QUICK));
        assertEquals("connected 900", heard.next());
        return client;
    }

    private <T extends AutoCloseable> T opening(T made) {
        opened.add(made);
        return made;
    }

    private FakeRelay relay(int port) throws Exception {
        return opening(FakeRelay.plain(port));
    }

    private static FakeRelay.Link link(FakeRelay relay) throws InterruptedException {
        return present(relay.links.poll(10, TimeUnit.SECONDS));
    }

    private static Frame frame(FakeRelay.Link link) throws InterruptedException {
        return present(link.frames.poll(10, TimeUnit.SECONDS));
    }

    private static String spec(int port) {
        return REGION + "=127.0.0.1:" + port;
    }

    private static DerpRegion region(FakeRelay relay) {
        return RelaySpec.parse(spec(relay.port()) + ",plaintext");
    }

    private static DerpRegion two(int first, int second) {
        DerpMap map = DerpMap.of(
                List.of(RelaySpec.parse(spec(first) + ",plaintext"), RelaySpec.parse(spec(second) + ",plaintext")));
        return Objects.requireNonNull(map.region(REGION));
    }

    private static void awaitProblem(DerpClient client, String part) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!client.lastProblem().contains(part)) {
            assertTrue(System.nanoTime() < deadline, () -> "the last problem is: " + client.lastProblem());
            Thread.onSpinWait();
        }
    }

    private static <T> T present(@org.jspecify.annotations.Nullable T value) {
        assertNotNull(value, "nothing came in time");
        return value;
    }
}
