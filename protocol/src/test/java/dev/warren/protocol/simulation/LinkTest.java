package dev.warren.protocol.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a wire does to datagrams. */
@Timeout(30)
final class LinkTest {
    private final SimNetwork network = new SimNetwork(11);
    private final Host left = network.host("left", network.internet(), "203.0.113.1");
    private final Host right = network.host("right", network.internet(), "203.0.113.2");
    private final Recorder sender = new Recorder(left, 1);
    private final Recorder receiver = new Recorder(right, 2);

    private void send(int count) {
        for (int i = 0; i < count; i++) {
            sender.send(receiver.address(), i, 100);
            network.run(Duration.ofMillis(1));
        }
        network.run(Duration.ofSeconds(10));
    }

    private static boolean isSorted(Recorder recorder) {
        return recorder.contents.equals(recorder.contents.stream().sorted().toList());
    }

    @Test
    void takesItsDelayOnEachSide() {
        left.link().delay(Duration.ofMillis(20));
        right.link().delay(Duration.ofMillis(3));
        long start = network.time().nowNanos();
        send(1);
        assertEquals(Duration.ofMillis(23).toNanos(), receiver.timesNanos.getFirst() - start);
    }

    @Test
    void jitterSpreadsArrivalsAndKeepsTheirOrder() {
        left.link().delay(Duration.ofMillis(10)).jitter(Duration.ofMillis(30));
        long start = network.time().nowNanos();
        send(100);
        assertEquals(100, receiver.contents.size());
        assertTrue(isSorted(receiver));
        long first = receiver.timesNanos.getFirst() - start;
        assertTrue(first >= Duration.ofMillis(10).toNanos()
                && first <= Duration.ofMillis(40).toNanos());
        long gaps = receiver.timesNanos.stream().distinct().count();
        assertNotEquals(receiver.timesNanos.size(), gaps, "late ones hold up those behind them");
    }

    @Test
    void reorderingLetsLaterOnesOvertake() {
        left.link().delay(Duration.ofMillis(10)).reorder(0.2, Duration.ofMillis(5));
        send(100);
        assertEquals(100, receiver.contents.size());
        assertEquals(false, isSorted(receiver));
    }

    @Test
    void losesItsShare() {
        left.link().loss(0.1);
        for (int i = 0; i < 10_000; i++) {
            sender.send(receiver.address());
        }
        network.run(Duration.ofSeconds(1));
        long lost = network.count(Fate.LOST);
        assertTrue(lost > 850 && lost < 1150, "lost " + lost + " of 10000");
        assertEquals(10_000 - lost, network.count(Fate.DELIVERED));
    }

    @Test
    void carriesPacketsUpToItsMtu() {
        right.link().mtu(1280);
        sender.send(receiver.address(), 0, 1280 - 28);
        sender.send(receiver.address(), 0, 1280 - 27);
        network.run(Duration.ofSeconds(1));
        assertEquals(1, receiver.contents.size());
        assertEquals(1, network.count(Fate.TOO_BIG));
    }

    @Test
    void theMtuCountsALongerHeaderForIpv6() {
        left.attach(network.internet(), "2001:db8::1");
        Attachment there = right.attach(network.internet(), "2001:db8::2");
        there.link().mtu(1280);
        var address = new java.net.InetSocketAddress(there.address(), 2);
        sender.send(address, 0, 1280 - 48);
        sender.send(address, 0, 1280 - 47);
        network.run(Duration.ofSeconds(1));
        assertEquals(1, receiver.contents.size());
        assertEquals(1, network.count(Fate.TOO_BIG));
        assertEquals(16, receiver.lastSource().getAddress().getAddress().length);
    }

    @Test
    void blocksUdpUntilToldOtherwise() {
        right.link().blockUdp(true);
        send(3);
        assertEquals(3, network.count(Fate.UDP_BLOCKED));
        right.link().blockUdp(false);
        send(1);
        assertEquals(1, receiver.contents.size());
    }

    @Test
    void isCutAndHealedWhileRunning() {
        left.link().delay(Duration.ofMillis(50));
        sender.send(receiver.address());
        left.link().cut();
        send(2);
        assertEquals(1, receiver.contents.size(), "what was under way arrives");
        assertEquals(2, network.count(Fate.CUT));
        left.link().heal();
        send(1);
        assertEquals(2, receiver.contents.size());
    }

    @Test
    void twoAddressesAreCutFromOneAnotherAndFromNobodyElse() {
        Recorder third = new Recorder(network.host("third", network.internet(), "203.0.113.3"), 3);
        network.internet().cut(left.address(), right.address());
        send(1);
        receiver.send(sender.address());
        sender.send(third.address());
        network.run(Duration.ofSeconds(1));
        assertEquals(2, network.count(Fate.CUT));
        assertEquals(1, third.contents.size());
        network.internet().heal(right.address(), left.address());
        send(1);
        assertEquals(1, receiver.contents.size());
    }
}
