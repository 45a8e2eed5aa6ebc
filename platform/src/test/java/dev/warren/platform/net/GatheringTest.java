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
    private static final long WINDOW = TimeUnit.MILLISECONDS.toNanos(2);
    private static final int MOST_MICROS = 300;

    private final Gathering gathering = new Gathering(MOST_MICROS);
    private long nowNanos;
    private long cpuNanos;

    /** One window of 2 ms in which the thread was busy for so many percent and got so many packets in so many reads. */
    private long window(int busyPercent, int reads, int packets) {
        for (int i = 0; i < reads; i++) {
            gathering.read();
        }
        for (int i = 0; i < packets; i++) {
            gathering.packet();
        }
        nowNanos += WINDOW;
        cpuNanos += WINDOW * busyPercent / 100;
        assertTrue(gathering.isDue(nowNanos));
        gathering.adapt(nowNanos, cpuNanos);
        assertFalse(gathering.isDue(nowNanos + WINDOW - 1));
        return TimeUnit.NANOSECONDS.toMicros(gathering.pauseNanos());
    }

    @Test
    void shouldPauseLongerAndLongerWhileABusyLoopReadsPacketsOneByOne() {
        assertEquals(20, window(90, 400, 400));
        assertEquals(25, window(90, 400, 400));
        for (int i = 0; i < 50; i++) {
            window(90, 400, 400);
        }
        assertEquals(MOST_MICROS, window(90, 400, 400));
    }

    @Test
    void shouldNotPauseWhileThereIsTimeToSpare() {
        assertEquals(0, window(Gathering.BUSY_PERCENT - 1, 400, 400));
    }

    @Test
    void shouldGoOnPausingThoughThePausesThemselvesMakeTheLoopLessBusy() {
        window(90, 400, 400);
        assertTrue(window(Gathering.CALM_PERCENT, 400, 400) > 20);
        assertEquals(0, window(Gathering.CALM_PERCENT - 1, 400, 400));
        assertEquals(0, window(Gathering.CALM_PERCENT, 400, 400));
    }

    @Test
    void shouldKeepThePauseThatBringsAFewPacketsAReadAndShortenItWhenThereAreMany() {
        window(90, 400, 400);
        assertEquals(25, window(90, 400, 400));
        assertEquals(25, window(90, 100, 1200));
        assertEquals(18, window(90, 100, 1700));
        assertEquals(0, window(90, 100, 1700));
    }

    @Test
    void shouldNotPauseForWhatIsNoTrafficOfPackets() {
        int fewer = (int) (Gathering.MIN_RATE * WINDOW / TimeUnit.SECONDS.toNanos(1)) - 1;
        assertEquals(0, window(100, fewer, fewer));
        assertEquals(20, window(100, fewer + 1, fewer + 1));
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
