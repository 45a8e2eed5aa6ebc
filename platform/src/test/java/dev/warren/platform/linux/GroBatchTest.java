package dev.warren.platform.linux;

import static dev.warren.platform.linux.TrainRoom.NONE_REFUSED;
import static dev.warren.platform.linux.TrainRoom.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class GroBatchTest {
    @ParameterizedTest
    @CsvSource({"0.0.0.0, 127.0.0.1", "::, ::1"})
    void shouldCarryTheTrafficClassBothWays(String any, String ip) throws LinuxException {
        try (TrainRoom room = new TrainRoom(any, ip, UdpFeatures.ALL)) {
            GsoBatch batch = new GsoBatch(8, 0, true);
            int[] classes = {0x88, 1, 2, 3, 0xbb, 0};
            for (int trafficClass : classes) {
                for (int i = 0; i < 2; i++) {
                    assertTrue(batch.add(room.destination, null, trafficClass, room.memory, i * 500L, 500));
                }
            }
            assertEquals(classes.length, batch.size());
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            assertEquals(classes.length, room.receive());
            for (int i = 0; i < classes.length; i++) {
                assertEquals(classes[i], room.received.trafficClass(i));
                assertEquals(classes[i] & 3, room.received.ecn(i));
                assertEquals(500, room.received.segmentBytes(i));
                assertEquals(1000, room.received.length(i));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0, 127.0.0.1, 127.0.0.2", "::, ::1, fd00::2"})
    void shouldAnswerFromTheAddressThatWasAsked(String any, String one, String other) throws Exception {
        Requirements.root();
        try (NetworkNamespace namespace = NetworkNamespace.create();
                Netlink netlink = namespace.call(Netlink::open)) {
            netlink.bringUp("lo", 65536);
            if (!one.startsWith("127")) {
                UsableAddress.add(namespace, netlink, "lo", other, 128);
            }
            int lo = Objects.requireNonNull(netlink.link("lo")).index();
            try (TrainRoom room = namespace.call(() -> new TrainRoom(any, other, UdpFeatures.ALL))) {
                GsoBatch batch = new GsoBatch(8, 0, true);
                // From the first address, which the routing table would not choose for a way to the second.
                LocalSource source = new LocalSource(InetAddress.ofLiteral(one), lo);
                batch.add(room.destination, source, 2, room.memory, 0, 50);
                batch.add(room.destination, source, 2, room.memory, 50, 50);
                assertTrue(room.sender.send(batch, NONE_REFUSED));
                assertEquals(1, room.receive());
                assertEquals(at(one, room.sender.port()), room.received.source(0));
                LocalSource asked = room.received.localAddress(0);
                assertNotNull(asked);
                assertEquals(new LocalSource(InetAddress.ofLiteral(other), lo), asked);
                assertEquals(InetAddress.ofLiteral(other), asked.address());
                assertEquals(lo, asked.interfaceIndex());
                assertEquals(2, room.received.ecn(0));
                assertEquals(50, room.received.segmentBytes(0));
                assertSame(asked, room.received.localAddress(0));
                assertSame(room.received.source(0), room.received.source(0));

                // The answer takes the same way back.
                batch.add(at(one, room.sender.port()), asked, 0, room.memory, 0, 10);
                assertTrue(room.receiver.send(batch, NONE_REFUSED));
                try (Poller poller = Poller.open()) {
                    poller.add(room.sender.descriptor(), 0, true, false);
                    TrainRoom.await(poller);
                }
                assertEquals(1, room.sender.receive(room.received));
                assertEquals(at(other, room.receiver.port()), room.received.source(0));
                assertNull(room.received.localAddress(0), "this socket was not enabled to tell");
            }
        }
    }

    @Test
    void shouldDropAndCountAMessageLongerThanASlot() throws LinuxException {
        try (TrainRoom room = new TrainRoom("127.0.0.1", "127.0.0.1", new UdpFeatures(true, false, false))) {
            GsoBatch batch = new GsoBatch(8, 0, true);
            batch.add(room.destination, null, 0, room.memory, 0, 60);
            batch.add(room.destination, null, 0, room.memory, 60, 60);
            batch.add(room.destination, null, 0, room.memory, 0, 100);
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            GroBatch small = new GroBatch(4, 100);
            try (Poller poller = Poller.open()) {
                poller.add(room.receiver.descriptor(), 0, true, false);
                TrainRoom.await(poller);
            }
            assertEquals(2, room.receiver.receive(small));
            assertEquals(-1, small.length(0));
            assertEquals(100, small.length(1));
            assertEquals(1, small.truncated());
            assertEquals(0, room.receiver.receive(small));
            assertEquals(Errno.EAGAIN.number(), room.receiver.receiveError());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void shouldTakeTheLongestDatagram(String ip) throws LinuxException {
        int bytes = ip.equals("::1") ? 65527 : 65507;
        try (TrainRoom room = new TrainRoom(ip, ip, UdpFeatures.ALL)) {
            GsoBatch batch = new GsoBatch(8, 0, true);
            batch.add(room.destination, null, 0, room.memory, 5, bytes);
            batch.add(room.destination, null, 0, room.memory, 0, 0);
            assertTrue(room.sender.send(batch, NONE_REFUSED));
            assertEquals(2, room.receive());
            assertEquals(bytes, room.received.length(0));
            assertEquals(bytes, room.received.segmentBytes(0));
            assertEquals(0, room.received.length(1));
            assertEquals(0, room.received.segmentBytes(1));
        }
    }

    @Test
    void shouldGrantWhatTheKernelKnowsAndNoMoreThanAsked() throws LinuxException {
        List<UdpFeatures> choices = List.of(
                UdpFeatures.NONE,
                new UdpFeatures(true, false, false),
                new UdpFeatures(false, true, false),
                new UdpFeatures(false, false, true),
                UdpFeatures.ALL);
        for (UdpFeatures wanted : choices) {
            for (String any : List.of("0.0.0.0", "::")) {
                try (UdpSocket socket = UdpSocket.bind(at(any, 0), UdpOptions.DEFAULT)) {
                    assertEquals(wanted, socket.enable(wanted));
                    socket.close();
                    assertEquals(UdpFeatures.NONE, socket.enable(wanted), "a closed one knows nothing");
                }
            }
        }
        assertEquals(choices.get(2), UdpFeatures.ALL.and(choices.get(2)));
        assertEquals(UdpFeatures.NONE, choices.get(1).and(choices.get(2)));
    }
}
