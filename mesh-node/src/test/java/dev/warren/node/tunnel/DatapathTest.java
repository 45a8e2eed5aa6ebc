package dev.warren.node.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.linux.Clock;
import dev.warren.platform.linux.LocalSource;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpPair;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.key.NodePublicKey;
import dev.warren.protocol.testing.Requirements;
import dev.warren.protocol.wireguard.SourceAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DatapathTest {
    private static final NodePublicKey KEY = key();
    private static final int INNER_PORT = 7007;

    private final List<String> unexpectedEnds = new CopyOnWriteArrayList<>();
    private final TestHost left;
    private final TestHost right;

    DatapathTest() throws IOException, InterruptedException {
        Requirements.tun();
        Requirements.program("ip", "tc", "ping", "iperf3");
        UdpOptions options = new UdpOptions(1 << 20, 4096, 0);
        left = TestHost.create("100.64.0.1", 1280, options);
        right = TestHost.create("100.64.0.2", 1280, options);
        left.connect(right);
    }

    @AfterEach
    void close() {
        left.close();
        right.close();
        assertEquals(List.of(), unexpectedEnds);
    }

    @Test
    void shouldCarryPingsBetweenTwoMachines() throws IOException, InterruptedException {
        startBoth();
        left.ping(5, "-s", "1200", "100.64.0.2");
        assertTrue(left.datapath.count(DatapathCounter.TUN_READ) >= 5);
        assertTrue(left.datapath.count(DatapathCounter.UDP_RECEIVED) >= 5);
        assertTrue(left.datapath.count(DatapathCounter.TUN_WRITTEN) >= 5);
        assertEquals(0, left.datapath.count(DatapathCounter.UDP_REFUSED));
    }

    @Test
    void shouldCarryAStreamInLargePieces() throws Exception {
        startBoth();
        Process server = right.launch("iperf3 -s -1 --forceflush -B 100.64.0.2");
        try (BufferedReader lines = server.inputReader()) {
            while (!lines.readLine().contains("listening")) {}
            left.run("iperf3 -c 100.64.0.2 -n 20M -N");
        }
        assertEquals(0, server.waitFor());
        // 20 MB are 16,000 packets of the tunnel's MTU, less what was on its way at the end; each read is many of them.
        long packets = left.datapath.count(DatapathCounter.UDP_SENT);
        assertTrue(packets > 10_000, packets + " packets");
        long reads = left.datapath.count(DatapathCounter.TUN_READ);
        assertTrue(reads < packets / 4, reads + " reads for " + packets + " packets");
        assertEquals(0, left.datapath.count(DatapathCounter.TUN_MALFORMED));
        assertEquals(0, right.datapath.count(DatapathCounter.TUN_REFUSED));
    }

    @Test
    void shouldGiveRelayedPacketsToTheEngine() throws Exception {
        PlainEngine engine = startLeft(null);
        assertTrue(left.datapath.offerRelayPacket(7, KEY, new byte[100], 10, 60));
        awaitCount(DatapathCounter.TUN_REFUSED, 1);
        assertEquals(List.of("7:60"), engine.relayed);
        assertEquals(1, left.datapath.count(DatapathCounter.TUN_REFUSED), "zeros are no IP packet");
    }

    /** However slow the machine is, the time has passed. */
    @Test
    void shouldGiveHandshakesWithoutEndAQuarterOfTheTime() throws Exception {
        int count = 100;
        long eachNanos = 1_000_000;
        PlainEngine engine = startLeft(null);
        long beganNanos = Clock.bootTimeNanos();
        left.datapath.ask(_ -> engine.handshakeNanos = eachNanos).get();
        while (engine.handshakes.get() < count) {
            left.datapath.ask(_ -> 0).get(); // no turn without something else to do
        }
        long tookNanos = Clock.bootTimeNanos() - beganNanos;
        // What is saved up, and what is begun when it is used up, are not a quarter of anything.
        assertTrue(tookNanos >= 4 * (count - 10L) * eachNanos, count + " ms of handshakes within " + tookNanos + " ns");
    }

    @Test
    void shouldCarryPacketsBesideHandshakesWithoutEnd() throws Exception {
        List<PlainEngine> engines = startBoth();
        engines.forEach(engine -> engine.handshakeNanos = 1_000_000);
        left.ping(50, "100.64.0.2");
        assertTrue(engines.stream().allMatch(engine -> engine.handshakes.get() > 0));
    }

    @Test
    void shouldTellTheEngineWhenTheGateTurnsHandshakesAway() throws Exception {
        PlainEngine engine = startLeft(null);
        // The first of their network, 1,024 at once, and 250 a second.
        floodUntil(() -> engine.turnedAway.get() > 0);
        assertTrue(left.datapath.count(DatapathCounter.HANDSHAKES_TURNED_AWAY) > 0);
    }

    /** The gate lets one through in four milliseconds: not four in a row, else, are ten apart. */
    @Test
    void shouldGatherHandshakesInAFlood() throws Exception {
        PlainEngine engine = startLeft(null);
        floodUntil(() -> {
            int inRow = 0;
            long before = 0;
            for (long nanos : engine.readNanos) {
                inRow = nanos - before >= 10_000_000 ? inRow + 1 : 0;
                before = nanos;
            }
            return inRow >= 5;
        });
        assertTrue(left.datapath.count(DatapathCounter.HANDSHAKES_TURNED_AWAY) > 0);
    }

    @Test
    void shouldTellTheEngineOnceOfASourceThatItDoesNotHave() throws Exception {
        PlainEngine engine = startLeft(null);
        InetSocketAddress far = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.2"), 9);
        left.datapath
                .ask(_ -> {
                    for (String own : List.of("192.0.2.1", "192.0.2.77")) {
                        LocalSource from = new LocalSource(InetAddress.ofLiteral(own), 0);
                        left.datapath.sendUdp(far, from, 0, MemorySegment.ofArray(new byte[10]), 0, 10);
                    }
                    return 0;
                })
                .get();
        engine.awaitTurn();
        assertEquals(List.of("/192.0.2.2:9 from /192.0.2.77"), engine.sourcesRefused);
        assertEquals(1, left.datapath.count(DatapathCounter.UDP_SOURCE_REFUSED));
        assertEquals(List.of(), engine.failed, "it left from another one");
    }

    @Test
    void shouldDropAndCountWhatTheRelayQueueCanNotHold() {
        int capacity = DatapathLimits.DEFAULT.relayQueueBytes();
        byte[] packet = new byte[1 << 15];
        for (int i = 0; i < capacity / packet.length; i++) {
            assertTrue(left.datapath.offerRelayPacket(1, KEY, packet, 0, packet.length));
        }
        assertFalse(left.datapath.offerRelayPacket(1, KEY, packet, 0, packet.length));
        assertEquals(1, left.datapath.count(DatapathCounter.RELAY_OVERFLOW));
    }

    @Test
    void shouldRefuseCommandsBeyondItsBound() {
        for (int i = 0; i < DatapathLimits.DEFAULT.commands(); i++) {
            assertTrue(left.datapath.submit(nowNanos -> {}));
        }
        assertFalse(left.datapath.submit(nowNanos -> {}));
        assertEquals(1, left.datapath.count(DatapathCounter.COMMAND_REFUSED));
        assertTrue(left.datapath.ask(nowNanos -> 1).isCompletedExceptionally());
    }

    @Test
    void shouldAnswerWithinMillisecondsWhileItSleeps() throws Exception {
        startLeft(null);
        long[] latencies = new long[200];
        for (int i = 0; i < latencies.length; i++) {
            long askedNanos = Clock.bootTimeNanos();
            latencies[i] = left.datapath.ask(nowNanos -> nowNanos).get() - askedNanos;
        }
        Arrays.sort(latencies);
        assertTrue(latencies[0] >= 0, Arrays.toString(latencies));
        assertTrue(latencies[latencies.length / 2] < 5_000_000, Arrays.toString(latencies));
    }

    @Test
    void shouldPollTheEngineWhenItIsDue() throws Exception {
        PlainEngine engine = startLeft(null);
        long dueNanos = Clock.bootTimeNanos() + 20_000_000;
        left.datapath
                .ask(nowNanos -> {
                    engine.wantPollAt(dueNanos);
                    return 0;
                })
                .get();
        while (engine.polls.get() == 0) {
            left.datapath.ask(nowNanos -> 0).get();
        }
        assertTrue(Clock.bootTimeNanos() >= dueNanos);
        assertEquals(1, engine.polls.get());
    }

    @Test
    void shouldTellTheEngineOfRefusedDestinations() throws Exception {
        PlainEngine engine = startLeft(null);
        InetSocketAddress nowhere = address("203.0.113.1", 9);
        left.datapath
                .ask(nowNanos -> {
                    left.datapath.sendUdp(nowhere, new byte[10], 0, 10);
                    left.datapath.sendUdp(nowhere, new byte[10], 0, 10);
                    return 0;
                })
                .get();
        while (engine.failed.isEmpty()) {
            left.datapath.ask(nowNanos -> 0).get();
        }
        assertEquals(List.of(nowhere), engine.failed);
        assertEquals(2, left.datapath.count(DatapathCounter.UDP_REFUSED));
    }

    @Test
    void shouldSendTheRestWhenAFullSocketHasRoomAgain() throws Exception {
        BlockingQueue<Integer> lengths = new LinkedBlockingQueue<>();
        right.datapath.start(new CountingEngine(lengths), unexpectedEnds::add);
        startLeft(null);
        left.run("tc qdisc add dev eth0 root tbf rate 800kbit burst 2000 limit 100000");
        InetSocketAddress destination = address("192.0.2.2", right.datapath.port());
        left.datapath.submit(nowNanos -> {
            for (int i = 1; i <= 20; i++) {
                left.datapath.sendUdp(destination, new byte[1000], 0, 900 + i);
            }
        });
        for (int i = 1; i <= 20; i++) {
            assertEquals(900 + i, lengths.take());
        }
        assertEquals(0, left.datapath.count(DatapathCounter.UDP_OVERFLOW));
    }

    @Test
    void shouldDropAndCountWhatNeitherSocketNorSlabHolds() throws Exception {
        startLeft(null);
        left.run("tc qdisc add dev eth0 root tbf rate 8kbit burst 2000 limit 100000");
        InetSocketAddress destination = address("192.0.2.2", right.datapath.port());
        left.datapath
                .ask(nowNanos -> {
                    for (int i = 0; i < 2000; i++) {
                        left.datapath.sendUdp(destination, new byte[1000], 0, 1000);
                    }
                    return 0;
                })
                .get();
        long dropped = left.datapath.count(DatapathCounter.UDP_OVERFLOW);
        assertTrue(dropped > 1500 && dropped < 2000, dropped + " of 2000 dropped");
    }

    @Test
    void shouldGoOnAfterAFailureOfTheEngine() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        PlainEngine engine = startLeft(address("192.0.2.2", right.datapath.port()));
        engine.failing = true;
        Process ping = left.launch("ping -c 1 -W 1 100.64.0.2");
        while (left.datapath.count(DatapathCounter.FAILED_TURN) == 0) {
            left.datapath.ask(nowNanos -> 0).get();
        }
        ping.destroy();
        engine.failing = false;
        left.datapath.submit(nowNanos -> seen.countDown());
        seen.await();
    }

    @Test
    void shouldWriteWhatWasDeliveredBeforeAFailureAsItWas() throws Exception {
        startBoth();
        InetSocketAddress peer = address("192.0.2.2", right.datapath.port());
        byte[] bad = new byte[packet("first ").length];
        try (DatagramSocket receiver =
                right.namespace.call(() -> new DatagramSocket(address("100.64.0.2", INNER_PORT)))) {
            // Of the same length, so they are one message to the kernel, and the bad one is found behind the first.
            left.datapath.submit(nowNanos -> {
                byte[] first = packet("first ");
                left.datapath.sendUdp(peer, first, 0, first.length);
                left.datapath.sendUdp(peer, bad, 0, bad.length);
            });
            // Without a question to the right one, whose turn would end well.
            while (right.datapath.count(DatapathCounter.FAILED_TURN) == 0) {
                Thread.onSpinWait();
            }
            byte[] second = packet("second");
            left.datapath.submit(nowNanos -> left.datapath.sendUdp(peer, second, 0, second.length));
            assertEquals("first ", text(receiver));
            assertEquals("second", text(receiver));
        }
    }

    @Test
    void shouldSayThatTheInterfaceIsGone() throws Exception {
        CompletableFuture<String> ended = new CompletableFuture<>();
        left.datapath.start(new PlainEngine(left.datapath, null), ended::complete);
        left.netlink.delete(TestHost.TUNNEL);
        assertTrue(ended.get().startsWith("The interface wtest0 is gone"), ended.get());
        assertFalse(left.datapath.submit(nowNanos -> {}));
    }

    @Test
    void shouldLeaveNothingBehindWhenClosed() throws Exception {
        startLeft(null);
        int port = left.datapath.port();
        left.datapath.ask(nowNanos -> 0).get();
        left.datapath.close();
        left.datapath.close();
        assertEquals(null, left.netlink.link(TestHost.TUNNEL));
        left.namespace.call(() -> UdpPair.open(port, UdpOptions.DEFAULT)).close();
        assertFalse(Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("datapath-wtest0")));
        assertThrows(
                ExecutionException.class, () -> left.datapath.ask(nowNanos -> 0).get());
    }

    @Test
    void shouldCloseOnItsOwnThread() throws Exception {
        startLeft(null);
        left.datapath.submit(nowNanos -> left.datapath.close());
        left.datapath.close();
        assertEquals(null, left.netlink.link(TestHost.TUNNEL));
    }

    @Test
    void shouldMarkWhatItSends() throws Exception {
        startBoth();
        // A rule that throws marked packets away shows the mark.
        left.run("ip rule add fwmark 77 unreachable pref 1");
        left.run("ping -c 1 -W 5 100.64.0.2");
        left.datapath
                .ask(nowNanos -> {
                    try {
                        left.datapath.setMark(77);
                    } catch (IOException refused) {
                        throw new IllegalStateException(refused);
                    }
                    return 0;
                })
                .get();
        Process ping = left.launch("ping -c 1 -W 1 100.64.0.2");
        while (left.datapath.count(DatapathCounter.UDP_REFUSED) == 0) {
            left.datapath.ask(nowNanos -> 0).get();
        }
        ping.destroy();
    }

    @Test
    void shouldMoveToOtherSockets() throws Exception {
        startBoth();
        int before = left.datapath.port();
        UdpPair sockets = left.namespace.call(() -> UdpPair.open(0, UdpOptions.DEFAULT));
        left.datapath
                .ask(nowNanos -> {
                    try {
                        left.datapath.replaceSockets(sockets);
                    } catch (IOException refused) {
                        throw new IllegalStateException(refused);
                    }
                    return 0;
                })
                .get();
        assertEquals(sockets.port(), left.datapath.port());
        left.namespace.call(() -> UdpPair.open(before, UdpOptions.DEFAULT)).close();
        // What the left one sends still arrives; the right one only knows the old port.
        long arrived = right.datapath.count(DatapathCounter.UDP_RECEIVED);
        left.launch("ping -c 1 -W 1 100.64.0.2");
        while (right.datapath.count(DatapathCounter.UDP_RECEIVED) == arrived) {
            right.datapath.ask(nowNanos -> 0).get();
        }
    }

    /** An IPv4 packet with a UDP datagram in it, from the left machine to the right one (RFC 791 3.1, RFC 768). */
    private static byte[] packet(String text) {
        byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
        int udpLength = 8 + payload.length;
        ByteBuffer packet = ByteBuffer.allocate(20 + udpLength);
        packet.putShort((short) 0x4500).putShort((short) packet.capacity()).putInt(0);
        packet.putShort((short) (64 << 8 | 17)).putShort((short) 0);
        packet.put(new byte[] {100, 64, 0, 1}).put(new byte[] {100, 64, 0, 2});
        packet.putShort((short) 999).putShort((short) INNER_PORT).putShort((short) udpLength);
        packet.putShort((short) 0).put(payload);
        packet.putShort(10, (short) ~sum(packet, 0, 20, 0));
        packet.putShort(26, (short) ~sum(packet, 12, packet.capacity(), 17 + udpLength));
        return packet.array();
    }

    /** The ones' complement sum (RFC 1071) of an even number of bytes. */
    private static int sum(ByteBuffer packet, int from, int end, int start) {
        int sum = start;
        for (int at = from; at < end; at += 2) {
            sum += packet.getShort(at) & 0xffff;
        }
        return sum % 0xffff;
    }

    private static String text(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        socket.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII);
    }

    private List<PlainEngine> startBoth() {
        PlainEngine atLeft = startLeft(address("192.0.2.2", right.datapath.port()));
        PlainEngine atRight = new PlainEngine(right.datapath, address("192.0.2.1", left.datapath.port()));
        right.datapath.start(atRight, unexpectedEnds::add);
        return List.of(atLeft, atRight);
    }

    private PlainEngine startLeft(@Nullable InetSocketAddress peer) {
        PlainEngine engine = new PlainEngine(left.datapath, peer);
        left.datapath.start(engine, unexpectedEnds::add);
        return engine;
    }

    private void awaitCount(DatapathCounter counter, long count) throws Exception {
        while (left.datapath.count(counter) < count) {
            left.datapath.ask(nowNanos -> 0).get();
        }
    }

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }

    private static NodePublicKey key() {
        byte[] bytes = new byte[32];
        bytes[5] = 5;
        return NodePrivateKey.of(bytes).publicKey();
    }

    /** Initiations from one address, until then. */
    private void floodUntil(BooleanSupplier isEnough) throws Exception {
        byte[] initiation = new byte[148];
        initiation[0] = 1;
        InetSocketAddress to = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), left.datapath.port());
        try (DatagramSocket sender = left.namespace.call(() -> new DatagramSocket())) {
            while (!isEnough.getAsBoolean()) {
                sender.send(new DatagramPacket(initiation, initiation.length, to));
            }
        }
    }

    /** Tells the length of each datagram. */
    private record CountingEngine(BlockingQueue<Integer> lengths) implements PacketEngine {
        @Override
        public void onTun(MemorySegment memory, long offset, int length, long nowNanos) {}

        @Override
        public void onUdp(
                InetSocketAddress source,
                @Nullable SourceAddress local,
                int ecn,
                MemorySegment memory,
                long offset,
                int length,
                long nowNanos) {
            lengths.add(length);
        }

        @Override
        public void onRelay(
                int region, NodePublicKey source, MemorySegment memory, long offset, int length, long nowNanos) {}

        @Override
        public void onSendFailed(Set<InetSocketAddress> destinations, long nowNanos) {}

        @Override
        public void poll(long nowNanos) {}

        @Override
        public long nextDeadlineNanos() {
            return Long.MAX_VALUE;
        }
    }
}
