package dev.warren.loadtest.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class RequestRingTest {
    private final RequestRing ring = new RequestRing(4);

    @Test
    void shouldGiveTheTimeOfARequestOnce() {
        assertEquals(0, ring.add(100));
        assertEquals(1, ring.add(101));
        assertEquals(101, ring.take(1));
        assertEquals(RequestRing.ANSWERED, ring.take(1));
        assertEquals(100, ring.take(0));
    }

    @Test
    void shouldNotKnowWhatWasNeverSentOrLongAgo() {
        assertEquals(RequestRing.UNKNOWN, ring.take(0));
        for (int i = 0; i < 5; i++) {
            assertEquals(i, ring.add(100 + i));
            assertEquals(100 + i, ring.take(i));
            assertEquals(0, ring.expire(0));
        }
        assertEquals(RequestRing.UNKNOWN, ring.take(0));
        assertEquals(RequestRing.ANSWERED, ring.take(1));
        assertEquals(RequestRing.UNKNOWN, ring.take(5));
        assertEquals(RequestRing.UNKNOWN, ring.take(-1));
    }

    @Test
    void shouldGiveUpTheOldestFirstAndKnowItWhenItIsLate() {
        ring.add(100);
        ring.add(110);
        ring.add(120);
        ring.take(1);
        assertEquals(0, ring.expire(100));
        assertEquals(100, ring.expire(120));
        assertEquals(0, ring.expire(120));
        assertEquals(-100, ring.take(0));
        assertEquals(RequestRing.ANSWERED, ring.take(0));
        assertEquals(120, ring.expire(121));
        assertEquals(0, ring.expire(Long.MAX_VALUE));
    }

    @Test
    void shouldBeFullWhileTheOldestWaits() {
        for (int i = 0; i < 4; i++) {
            assertFalse(ring.isFull());
            ring.add(100 + i);
        }
        assertTrue(ring.isFull());
        ring.take(1);
        assertEquals(0, ring.expire(100));
        assertTrue(ring.isFull());
        ring.take(0);
        assertEquals(0, ring.expire(100));
        assertFalse(ring.isFull());
    }

    @Test
    void shouldAgreeWithAMap() {
        Seeds.forEach(100, random -> {
            RequestRing real = new RequestRing(64);
            Map<Integer, Long> waiting = new HashMap<>();
            long now = 1;
            for (int step = 0; step < 2000; step++) {
                now += random.nextInt(3);
                real.expire(0);
                if (random.nextBoolean() && !real.isFull()) {
                    waiting.put(real.add(now), now);
                } else if (!waiting.isEmpty()) {
                    int sequence = waiting.keySet().stream()
                            .skip(random.nextInt(waiting.size()))
                            .findFirst()
                            .orElseThrow();
                    assertEquals(waiting.remove(sequence), real.take(sequence));
                }
            }
            int expired = 0;
            while (real.expire(Long.MAX_VALUE) != 0) {
                expired++;
            }
            assertEquals(waiting.size(), expired);
        });
    }

    @Test
    void shouldRefuseASizeThatIsNoPowerOfTwo() {
        assertThrows(IllegalArgumentException.class, () -> new RequestRing(48));
    }
}
