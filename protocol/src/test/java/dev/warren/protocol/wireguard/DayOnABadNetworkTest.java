package dev.warren.protocol.wireguard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.simulation.Fate;
import dev.warren.protocol.simulation.SimNetwork;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whole devices for a whole day on a network that loses, reorders, delays and repeats, with machines that sleep and clocks
 * that are set: the tunnel loses nothing that the network did not lose, and delivers nothing twice.
 */
@Timeout(120)
class DayOnABadNetworkTest {
    private static final Duration DAY = Duration.ofHours(24);
    private static final Duration SECOND = Duration.ofSeconds(1);
    /** What a network that repeats and reorders handshakes makes of them; never the fate of a packet. */
    private static final Set<DropReason> OF_REPEATED_MESSAGES = EnumSet.of(
            DropReason.REPLAYED, DropReason.OLD_TIMESTAMP, DropReason.INITIATION_FLOOD, DropReason.UNKNOWN_INDEX);

    private final SimNetwork network = new SimNetwork(24);
    private final TestNode a = new TestNode(1);
    private final TestNode b = new TestNode(2);
    private final SimDevice atA = new SimDevice(a, b, network, 0.01);
    private final SimDevice atB = new SimDevice(b, a, network, 0.01);
    private final byte[] toB = Packets.ipv4("10.0.0.1", "10.0.0.2", 84);
    private final byte[] toA = Packets.ipv4("10.0.0.2", "10.0.0.1", 84);
    private boolean paused;
    private boolean[] streamEnded = {true};

    DayOnABadNetworkTest() {
        a.add(b, "10.0.0.2/32");
        b.add(a, "10.0.0.1/32");
        atA.host().link().delay(Duration.ofMillis(10)).jitter(Duration.ofMillis(40));
    }

    @Test
    void shouldLoseNothingThatTheNetworkDidNotLose() {
        makeItBad();
        stream(SECOND);
        network.run(DAY);

        settle();
        assertBooksBalance();
        assertTrue(atA.sent >= 24 * 3600 - 1, "a packet a second");
        assertTrue(network.count(Fate.LOST) > 1000, "it was a bad network: " + network);
        int sessions = 24 * 3600 / 120;
        assertTrue(a.established > sessions * 9 / 10 && a.established < sessions * 5 / 4, a.established + " sessions");
    }

    @Test
    void shouldLoseNothingOverSleepAndWithClocksThatAreSet() {
        makeItBad();
        stream(SECOND);
        for (int hour = 0; hour < 24; hour++) {
            network.run(Duration.ofMinutes(20 + network.random().nextInt(30)));
            setWallClock(hour % 2 == 0 ? a : b);
            if (hour % 3 != 0) {
                sleep(hour);
            }
        }
        settle();
        assertBooksBalance();
    }

    /** Nobody in the middle, so the only thing that could lose a packet is a renewal. */
    @Test
    void shouldLoseNothingAtAllOnAGoodNetworkHoweverTheTwoStreamsAreTimed() {
        for (int millis : new int[] {3, 250, 997}) {
            stream(Duration.ofMillis(millis));
            network.run(Duration.ofMinutes(30));
            settle();
            assertBooksBalance();
            assertEquals(atA.sent, b.delivered.size());
            assertEquals(atB.sent, a.delivered.size());
        }
    }

    private void makeItBad() {
        atA.host().link().loss(0.02).reorder(0.02, Duration.ofMillis(200));
        atB.host().link().loss(0.01).reorder(0.02, Duration.ofMillis(90));
    }

    /** A packet each way every {@code period}, until {@link #settle}. */
    private void stream(Duration period) {
        paused = false;
        boolean[] ended = {false};
        streamEnded = ended;
        network.time().every(period, () -> {
            if (!paused && !ended[0]) {
                atA.send(toB);
            }
            return !ended[0];
        });
        network.time().every(period.plusMillis(1), () -> {
            if (!paused && !ended[0]) {
                atB.send(toA);
            }
            return !ended[0];
        });
    }

    /** No more packets, and time for the last ones. */
    private void settle() {
        streamEnded[0] = true;
        network.run(Duration.ofSeconds(60));
    }

    /** One of them, or both, sleeps for minutes or hours. Nobody writes to a machine that is asleep. */
    private void sleep(int hour) {
        paused = true;
        network.run(Duration.ofSeconds(60));
        List<SimDevice> sleepers =
                switch (hour % 4) {
                    case 0 -> List.of(atA);
                    case 1 -> List.of(atB);
                    default -> List.of(atA, atB);
                };
        sleepers.forEach(SimDevice::sleep);
        network.run(Duration.ofSeconds(30 + network.random().nextInt(hour % 5 == 0 ? 3 * 3600 : 600)));
        sleepers.forEach(SimDevice::wake);
        paused = false;
    }

    /** Forwards or back by up to a day. */
    private void setWallClock(TestNode node) {
        long day = DAY.toNanos();
        node.device.setUnixOffset(TestNode.UNIX_OFFSET_NANOS + network.random().nextLong(-day, day));
    }

    private void assertBooksBalance() {
        assertEquals(atA.sent, atA.sealed, "each packet of a's went out once");
        assertEquals(atB.sent, atB.sealed, "each packet of b's went out once");
        assertEquals(atB.arrived, b.delivered.size());
        assertEquals(atA.arrived, a.delivered.size());
        Set<DropReason> reasons = new HashSet<>(a.dropped);
        reasons.addAll(b.dropped);
        reasons.removeAll(OF_REPEATED_MESSAGES);
        assertEquals(Set.of(), reasons);
        assertTrue(a.device.indices().size() <= 4 && b.device.indices().size() <= 4, "no index is left behind");
    }
}
