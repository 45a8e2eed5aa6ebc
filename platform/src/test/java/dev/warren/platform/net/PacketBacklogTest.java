package dev.warren.platform.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.net.PacketBacklog.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class PacketBacklogTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int LONG = 64 << 10;

    private final Map<Reason, Integer> drops = new EnumMap<>(Reason.class);
    private final List<ByteBuf> made = new ArrayList<>();
    private final PacketBacklog backlog = new PacketBacklog((frame, reason) -> {
        drops.merge(reason, 1, Integer::sum);
        frame.release();
    });
    private int next;

    @AfterEach
    void everyPacketIsReleased() {
        backlog.clear();
        made.forEach(frame -> assertEquals(0, frame.refCnt()));
    }

    private void add(int length, long nowNanos) {
        ByteBuf frame = Unpooled.buffer(length).writeInt(next++).writeZero(length - Integer.BYTES);
        made.add(frame);
        backlog.add(frame, nowNanos);
    }

    /** The number of the next packet, or -1. */
    private int poll(long nowNanos) {
        ByteBuf frame = backlog.poll(nowNanos);
        if (frame == null) {
            return -1;
        }
        int number = frame.getInt(0);
        frame.release();
        return number;
    }

    private int dropped(Reason reason) {
        return drops.getOrDefault(reason, 0);
    }

    @Test
    void shouldGivePacketsInOrder() {
        for (int i = 0; i < 500; i++) {
            add(100, 0);
        }
        for (int i = 0; i < 500; i++) {
            assertEquals(i, poll(MILLI));
        }
        assertNull(backlog.poll(MILLI));
        assertEquals(0, backlog.bytes());
        assertTrue(drops.isEmpty());
    }

    @Test
    void shouldDropTheOldestBeyondSoManyPackets() {
        for (int i = 0; i < PacketBacklog.MAX_PACKETS + 3; i++) {
            add(100, 0);
        }
        assertEquals(3, dropped(Reason.FULL));
        assertEquals(3, poll(0));
    }

    @Test
    void shouldDropTheOldestBeyondSoManyBytes() {
        for (int i = 0; i <= PacketBacklog.MAX_BYTES / LONG; i++) {
            add(LONG, 0);
        }
        assertEquals(1, dropped(Reason.FULL));
        assertEquals(PacketBacklog.MAX_BYTES, backlog.bytes());
        assertEquals(1, poll(0));
    }

    @Test
    void shouldCarryAProbesLongPacketsHoweverSlowly() {
        for (int i = 0; i < 30; i++) {
            add(LONG, 0);
        }
        for (int i = 0; i < 30; i++) {
            assertEquals(i, poll(50 * MILLI * i));
        }
        assertTrue(drops.isEmpty());
    }

    @Test
    void shouldKeepNoPacketForLongerThanASecond() {
        for (int i = 0; i < 10; i++) {
            add(1_400, i * (10 * MILLI));
        }
        assertEquals(5, poll(PacketBacklog.MAX_WAIT_NANOS + 50 * MILLI));
        assertEquals(5, dropped(Reason.LATE));
    }

    @Test
    void shouldLetAShortBurstWait() {
        for (int i = 0; i < 90; i++) {
            add(1_400, 0);
        }
        for (int i = 0; i < 90; i++) {
            assertEquals(i, poll(i * MILLI));
        }
        assertTrue(drops.isEmpty());
    }

    /** A sender that does not slow down: one packet comes each millisecond and one goes, 50 ms after it came. */
    @Test
    void shouldDropMoreAndMoreOftenWhileTheWaitDoesNotShrink() {
        long now = 0;
        for (int i = 0; i < 50; i++) {
            add(1_400, 0);
        }
        int untilInterval = 0;
        int firstSecond = 0;
        for (; now <= 2_000 * MILLI; now += MILLI) {
            // As many come as go, so the queue stays as long as it was.
            while (backlog.size() < 50) {
                add(1_400, now - 49 * MILLI);
            }
            poll(now);
            if (now < PacketBacklog.INTERVAL_NANOS) {
                untilInterval = dropped(Reason.LATE);
            } else if (now <= 1_000 * MILLI) {
                firstSecond = dropped(Reason.LATE);
            }
        }
        int secondSecond = dropped(Reason.LATE) - firstSecond;
        assertEquals(0, untilInterval);
        // Intervals of 100 ms / sqrt(n): about (t / 200 ms)^2 drops until t (RFC 8289 section 5.3).
        assertEquals(25, firstSecond, 8);
        assertTrue(secondSecond > 2 * firstSecond, secondSecond + " after " + firstSecond);
        assertEquals(0, dropped(Reason.FULL));
    }

    @Test
    void shouldStopDroppingOnceTheWaitIsShort() {
        for (int i = 0; i < 200; i++) {
            add(1_400, 0);
        }
        long now = 0;
        for (; dropped(Reason.LATE) == 0; now += MILLI) {
            assertTrue(poll(now) >= 0);
        }
        while (poll(now) >= 0) {
            now += MILLI / 10;
        }
        int before = dropped(Reason.LATE);
        for (int i = 0; i < 1_000; i++) {
            add(1_400, now);
            assertTrue(poll(now + MILLI) >= 0);
            now += MILLI;
        }
        assertEquals(before, dropped(Reason.LATE));
    }
}
