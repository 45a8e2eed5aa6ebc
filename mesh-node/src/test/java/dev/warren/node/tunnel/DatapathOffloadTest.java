package dev.warren.node.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.warren.platform.linux.GroBatch;
import dev.warren.platform.linux.GsoBatch;
import dev.warren.platform.linux.Offloads;
import dev.warren.platform.linux.UdpOptions;
import dev.warren.platform.linux.UdpPair;
import dev.warren.platform.linux.UdpSocket;
import dev.warren.protocol.testing.Requirements;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each of the four switches, seen from outside: by the kernel's own counters. */
@Timeout(60)
class DatapathOffloadTest {
    private static final int TRAINS = 20;
    private static final int SEGMENTS = 10;
    private static final int DATAGRAMS = TRAINS * SEGMENTS;
    private static final int SEGMENT_BYTES = 1000;
    private static final int PORT = 7007;
    private static final UdpOptions SOCKET = new UdpOptions(4 << 20, 4 << 20, 0);

    private final List<String> unexpectedEnds = new CopyOnWriteArrayList<>();

    @SuppressWarnings("NullAway.Init") // each test starts with start()
    private TestHost left;

    @SuppressWarnings("NullAway.Init")
    private TestHost right;

    @SuppressWarnings("NullAway.Init")
    private PlainEngine leftEngine;

    DatapathOffloadTest() {
        Requirements.tun();
        Requirements.program("ip", "iperf3");
    }

    @AfterEach
    void close() {
        left.close();
        right.close();
        assertEquals(List.of(), unexpectedEnds);
    }

    @ParameterizedTest
    @CsvSource({"true, true, true", "false, true, true", "true, false, true", "true, true, false", "false, false, false"
    })
    void shouldMoveUdpAsTheSwitchesSay(boolean tunUdp, boolean gso, boolean gro) throws Exception {
        start(new Offloads(true, tunUdp, gso, gro));
        try (UdpSocket receiver = right.namespace.call(() -> UdpSocket.bind(address("100.64.0.2", PORT), SOCKET));
                UdpSocket sender = left.namespace.call(() -> UdpSocket.bind(address("100.64.0.1", 0), SOCKET))) {
            sendTrains(sender);
            while (right.datapath.count(DatapathCounter.TUN_WRITTEN) < DATAGRAMS) {
                right.datapath.ask(nowNanos -> 0).get();
            }
            receiveAll(receiver);
        }
        assertFew(tunUdp, left.datapath.count(DatapathCounter.TUN_READ), "read from the left device");
        assertFew(gso, udp(left, 4) - TRAINS, "calls that sent");
        assertFew(gso && gro, udp(right, 1) - DATAGRAMS, "calls that received");
        assertFew(tunUdp, packetsInto(right), "written to the right device");
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void shouldMoveTcpAsItsSwitchSays(boolean tunTcp) throws Exception {
        start(new Offloads(tunTcp, true, true, true));
        Process server = right.launch("iperf3 -s -1 --forceflush -B 100.64.0.2");
        try (BufferedReader lines = server.inputReader()) {
            while (!lines.readLine().contains("listening")) {}
            left.run("iperf3 -c 100.64.0.2 -n 5M -N");
        }
        assertEquals(0, server.waitFor());
        if (!tunTcp) {
            // The last acknowledgements are on their way still: once all is quiet, the two are the same.
            while (left.datapath.count(DatapathCounter.TUN_READ) != left.datapath.count(DatapathCounter.UDP_SENT)
                    || packetsInto(right) != right.datapath.count(DatapathCounter.TUN_WRITTEN)) {
                right.datapath.ask(nowNanos -> 0).get();
            }
            return;
        }
        long packets = left.datapath.count(DatapathCounter.UDP_SENT);
        long reads = left.datapath.count(DatapathCounter.TUN_READ);
        assertTrue(reads < packets / 4, reads + " reads for " + packets + " packets");
        long written = right.datapath.count(DatapathCounter.TUN_WRITTEN);
        long arrived = packetsInto(right);
        assertTrue(arrived < written / 4, arrived + " writes for " + written + " packets");
    }

    @Test
    void shouldSendSinglyAndSaySoWhenTheKernelRefusesTrains() throws Exception {
        start(Offloads.ALL);
        assertEquals(OffloadState.ON, left.datapath.offloads().get(Offload.UDP_GSO));
        UdpPair lite = left.namespace.call(() -> {
            UdpPair sockets = UdpPair.open(0, SOCKET);
            UdpLite.replace(sockets.ipv4());
            return sockets;
        });
        replaceSockets(lite);
        InetSocketAddress nobody = address("192.0.2.2", 9);
        sendTwo(nobody);
        sendTwo(nobody);
        assertEquals(1, left.datapath.count(DatapathCounter.UDP_TRAINS_REFUSED));
        assertEquals(OffloadState.REFUSED, left.datapath.offloads().get(Offload.UDP_GSO));

        replaceSockets(left.namespace.call(() -> UdpPair.open(0, SOCKET)));
        assertEquals(OffloadState.ON, left.datapath.offloads().get(Offload.UDP_GSO));
        sendTwo(nobody);
        assertEquals(1, left.datapath.count(DatapathCounter.UDP_TRAINS_REFUSED));
    }

    private void start(Offloads offloads) throws IOException, InterruptedException {
        left = TestHost.create("100.64.0.1", 1280, SOCKET, offloads);
        right = TestHost.create("100.64.0.2", 1280, SOCKET, offloads);
        left.connect(right);
        InetSocketAddress toRight = address("192.0.2.2", right.datapath.port());
        InetSocketAddress toLeft = address("192.0.2.1", left.datapath.port());
        leftEngine = new PlainEngine(left.datapath, toRight);
        left.datapath.start(leftEngine, unexpectedEnds::add);
        right.datapath.start(new PlainEngine(right.datapath, toLeft), unexpectedEnds::add);
    }

    private static void sendTrains(UdpSocket sender) throws IOException {
        MemorySegment memory = Arena.ofAuto().allocate((long) SEGMENTS * SEGMENT_BYTES);
        GsoBatch batch = new GsoBatch(SEGMENTS, 0, true);
        InetSocketAddress destination = address("100.64.0.2", PORT);
        for (int train = 0; train < TRAINS; train++) {
            for (int i = 0; i < SEGMENTS; i++) {
                batch.add(destination, null, 0, memory, (long) i * SEGMENT_BYTES, SEGMENT_BYTES);
            }
            assertEquals(1, batch.size());
            assertTrue(sender.send(batch, (to, errno) -> fail(to + ": " + errno)));
        }
    }

    private static void receiveAll(UdpSocket receiver) throws IOException {
        GroBatch batch = new GroBatch(DATAGRAMS);
        int arrived = 0;
        for (int count = receiver.receive(batch); count > 0; count = receiver.receive(batch)) {
            for (int i = 0; i < count; i++) {
                assertEquals(SEGMENT_BYTES, batch.length(i));
            }
            arrived += count;
        }
        assertEquals(DATAGRAMS, arrived);
    }

    /** A few more than the datagrams is as many: IPv6 has a word to say on new interfaces. */
    private static void assertFew(boolean areFew, long count, String what) {
        assertTrue(
                areFew ? count < DATAGRAMS / 2 : count >= DATAGRAMS,
                () -> count + " " + what + " for " + DATAGRAMS + " datagrams");
    }

    private void sendTwo(InetSocketAddress destination) throws Exception {
        left.datapath
                .ask(nowNanos -> {
                    left.datapath.sendUdp(destination, new byte[10], 0, 10);
                    left.datapath.sendUdp(destination, new byte[10], 0, 10);
                    return 0;
                })
                .get();
        leftEngine.awaitTurn();
    }

    private void replaceSockets(UdpPair sockets) throws Exception {
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
    }

    /** A number of the line of UDP, which counts calls and not datagrams: 1 received, 4 sent. */
    private static long udp(TestHost host, int column) throws IOException, InterruptedException {
        return host.run("cat /proc/net/snmp")
                .lines()
                .filter(line -> line.startsWith("Udp: ") && Character.isDigit(line.charAt(5)))
                .mapToLong(line -> Long.parseLong(line.split(" ", -1)[column]))
                .findFirst()
                .orElseThrow();
    }

    /** How many packets, joined ones counted once, came into the machine by its tunnel. */
    private static long packetsInto(TestHost host) throws IOException, InterruptedException {
        return host.run("cat /proc/net/dev")
                .lines()
                .filter(line -> line.strip().startsWith(TestHost.TUNNEL + ":"))
                .mapToLong(line -> Long.parseLong(line.strip().split("[: ]+", -1)[2]))
                .findFirst()
                .orElseThrow();
    }

    private static InetSocketAddress address(String ip, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(ip), port);
    }
}
