package dev.warren.platform.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.linux.TimerSlack;
import dev.warren.protocol.testing.Requirements;
import io.netty.channel.EventLoopGroup;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class GatheringTest {
    private static final int MOST_MICROS = 300;
    private static final int SOME_RATE = 200_000;

    private final Gathering gathering = new Gathering(MOST_MICROS);
    private long nowNanos;
    private long cpuNanos;

    /**
     * The time until the next decision, in which the thread was busy for so many percent and got so many packets a second, so
     * many in a read. Returns the pause from then on, in microseconds.
     */
    private long window(int busyPercent, int packetsPerSecond, int packetsPerRead) {
        long windowNanos = TimeUnit.MILLISECONDS.toNanos(1);
        while (!gathering.isDue(nowNanos + windowNanos)) {
            windowNanos += TimeUnit.MILLISECONDS.toNanos(1);
        }
        assertFalse(gathering.isDue(nowNanos + windowNanos - 1));
        long packets = Math.round((double) packetsPerSecond * windowNanos / TimeUnit.SECONDS.toNanos(1));
        for (long i = 0; i < packets / packetsPerRead; i++) {
            gathering.read();
        }
        for (long i = 0; i < packets; i++) {
            gathering.packet();
        }
        nowNanos += windowNanos;
        cpuNanos += windowNanos * busyPercent / 100;
        gathering.adapt(nowNanos, cpuNanos);
        return pauseMicros();
    }

    private long pauseMicros() {
        return TimeUnit.NANOSECONDS.toMicros(gathering.pauseNanos());
    }

    @Test
    void shouldPauseLongerAndLongerWhileABusyLoopReadsPacketsOneByOne() {
        assertEquals(20, window(90, SOME_RATE, 1));
        assertEquals(30, window(90, SOME_RATE, 1));
        long longest = 0;
        for (int i = 0; i < 100; i++) {
            longest = Math.max(longest, window(90, SOME_RATE, 1));
        }
        assertEquals(MOST_MICROS, longest);
    }

    @Test
    void shouldNotPauseWhileThereIsTimeToSpare() {
        assertEquals(0, window(Gathering.BUSY_PERCENT - 1, SOME_RATE, 1));
    }

    @Test
    void shouldGoOnPausingThoughThePausesThemselvesMakeTheLoopLessBusy() {
        window(90, SOME_RATE, 1);
        assertTrue(window(Gathering.CALM_PERCENT, SOME_RATE, 1) > 20);
        assertEquals(0, window(Gathering.CALM_PERCENT - 1, SOME_RATE, 1));
        assertEquals(0, window(Gathering.CALM_PERCENT, SOME_RATE, 1));
    }

    @Test
    void shouldKeepThePauseThatBringsAFewPacketsAReadAndShortenItWhenThereAreMany() {
        window(90, SOME_RATE, 1);
        assertEquals(30, window(90, SOME_RATE, 1));
        assertEquals(30, window(90, SOME_RATE, Gathering.FEW));
        assertEquals(20, window(90, SOME_RATE, Gathering.MANY + 1));
        assertEquals(0, window(90, SOME_RATE, Gathering.MANY + 1));
    }

    @Test
    void shouldNotPauseForWhatIsNoTrafficOfPackets() {
        assertEquals(0, window(100, Gathering.MIN_RATE - 1_000, 1));
        assertEquals(20, window(100, Gathering.MIN_RATE + 1_000, 1));
    }

    @Test
    void shouldTakeALongerPauseBackThatBringsFewerPackets() {
        window(90, SOME_RATE, 1);
        assertEquals(30, window(90, SOME_RATE, 1));
        assertEquals(20, window(90, SOME_RATE * 9 / 10, 1));
        for (int i = 0; i < Gathering.SHORTER_WINDOWS / 2; i++) {
            assertEquals(20, window(90, SOME_RATE, 1), "rests");
        }
    }

    @Test
    void shouldTryAShorterPauseFromTimeToTimeAndKeepItOnlyIfMorePacketsCome() {
        window(90, SOME_RATE, 1);
        window(90, SOME_RATE, 1);
        long before = window(90, SOME_RATE, Gathering.FEW);
        long shorter = before;
        for (int i = 0; i < Gathering.SHORTER_WINDOWS && shorter == before; i++) {
            shorter = window(90, SOME_RATE, Gathering.FEW);
        }
        assertEquals(20, shorter);
        assertEquals(before, window(90, SOME_RATE, Gathering.FEW), "as many came with the longer one");
        for (int i = 0; i <= Gathering.SHORTER_WINDOWS && pauseMicros() == before; i++) {
            window(90, SOME_RATE, Gathering.FEW);
        }
        assertEquals(0, window(90, SOME_RATE * 11 / 10, Gathering.FEW), "one that is shorter still is tried at once");
    }

    /** Senders that wait for the loop: so many packets on their way, each of which takes its time at the sender as well. */
    @Test
    void shouldNotHoldUpSendersThatHaveOnlySoMuchOnItsWay() {
        int onTheirWay = 60;
        double senderNanos = 5_000;
        double workNanos = 100_000;
        double rate = 0;
        for (int i = 0; i < 2_000; i++) {
            // A round is a pause and the work behind it; what is on its way passes once in a round.
            double round = gathering.pauseNanos() + workNanos;
            rate = Math.min(1e9 / senderNanos, onTheirWay * 1e9 / round);
            window(80, (int) rate, 2);
        }
        assertTrue(rate > 0.9e9 / senderNanos, rate + " a second with a pause of " + pauseMicros() + " us");
        assertTrue(pauseMicros() >= 100, "pause of " + pauseMicros() + " us");
    }

    @Test
    void shouldNeverPauseWhenToldSo() {
        Gathering never = new Gathering(0);
        never.read();
        never.packet();
        never.adapt(1, 1);
        assertEquals(0, never.pauseNanos());
    }

    @Test
    void shouldBelongToItsEventLoopWhoseSleepsAreShort() throws Exception {
        Requirements.none(Transport.EPOLL.unavailableReason());
        EventLoopGroup group = Transport.AUTO.newGroup(1, "gathering", MOST_MICROS);
        try {
            Gathering first = group.submit(Gathering::current).get();
            assertEquals(first, group.submit(Gathering::current).get());
            assertEquals(1_000, group.submit(TimerSlack::nanos).get());
            assertTrue(Gathering.current() != first);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }
}
