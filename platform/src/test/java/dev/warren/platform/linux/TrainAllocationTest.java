package dev.warren.platform.linux;

import static dev.warren.platform.linux.TrainRoom.NONE_REFUSED;
import static dev.warren.platform.linux.TrainRoom.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Datagrams, trains and super-packets cost no garbage. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TrainAllocationTest {
    /** Less than one smallest object (16 bytes) in thirty-two turns. */
    private static final double NOTHING = 0.5;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int TURNS = 10_000;
    private static final int ATTEMPTS = 20;

    @FunctionalInterface
    private interface Turn {
        void run() throws IOException;
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0, 127.0.0.1, true", "0.0.0.0, 127.0.0.1, false", "::, ::1, true"})
    void shouldSendAndReceiveWithoutGarbage(String any, String ip, boolean isGso) throws IOException {
        try (TrainRoom room = new TrainRoom(any, ip, UdpFeatures.ALL)) {
            GsoBatch batch = new GsoBatch(8, 8000, isGso);
            LocalSource source = new LocalSource(InetAddress.ofLiteral(ip), 0);
            int[] seen = {0};
            assertNothing(() -> {
                for (int i = 0; i < 4; i++) {
                    batch.add(room.destination, source, 2, room.memory, i * 500L, 500);
                }
                batch.addCopy(room.destination, source, 0x88, room.memory, 0, 148);
                room.sender.send(batch, NONE_REFUSED);
                for (int bytes = 0; bytes < 2148; ) {
                    int count = room.receiver.receive(room.received);
                    for (int i = 0; i < count; i++) {
                        assertNotNull(room.received.source(i));
                        assertNotNull(room.received.localAddress(i));
                        seen[0] += room.received.ecn(i) * room.received.segmentBytes(i);
                        bytes += room.received.length(i);
                    }
                }
            });
            assertTrue(seen[0] > 0);
        }
    }

    @Test
    void shouldReadAndWriteSuperPacketsWithoutGarbage() throws IOException {
        Requirements.tun();
        try (NetworkNamespace namespace = NetworkNamespace.create();
                Netlink netlink = namespace.call(Netlink::open);
                TunDevice tun = namespace.call(() -> TunDevice.open("wtest0", TunOffloads.ALL))) {
            netlink.withoutLinkLocal("wtest0");
            netlink.bringUp("wtest0", 1420);
            netlink.addAddress("wtest0", InetAddress.ofLiteral("100.64.0.1"), 24);
            try (TrainRoom room = namespace.call(() -> new TrainRoom("100.64.0.1", "100.64.0.1", UdpFeatures.ALL))) {
                GsoBatch batch = new GsoBatch(8, 0, true);
                GatherWrite pieces = new GatherWrite(2);
                InetSocketAddress far = at("100.64.0.2", 9);
                assertNothing(() -> {
                    batch.add(far, null, 0, room.memory, 0, 1000);
                    batch.add(far, null, 0, room.memory, 1000, 1000);
                    room.sender.send(batch, NONE_REFUSED);
                    int length;
                    do {
                        length = tun.read(room.received.memory(), 0, 65536);
                    } while (length == TunDevice.EMPTY);
                    assertEquals(10 + 28 + 2000, length);
                    assertTrue(tun.write(room.received.memory(), 0, length));
                    pieces.clear();
                    pieces.add(room.received.memory(), 0, 38);
                    pieces.add(room.received.memory(), 38, length - 38);
                    assertEquals(0, tun.write(pieces));
                });
            }
        }
    }

    /** On average over many turns; the compiler is given time to do its work. */
    private static void assertNothing(Turn turn) throws IOException {
        double least = Double.MAX_VALUE;
        for (int i = 0; i < ATTEMPTS && least >= NOTHING; i++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int j = 0; j < TURNS; j++) {
                turn.run();
            }
            least = (double) (THREADS.getCurrentThreadAllocatedBytes() - before) / TURNS;
        }
        double bytes = least;
        assertTrue(bytes < NOTHING, () -> bytes + " bytes in each turn");
    }
}
