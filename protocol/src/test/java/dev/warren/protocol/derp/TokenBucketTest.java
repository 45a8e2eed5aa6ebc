package dev.warren.protocol.derp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TokenBucketTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void shouldLetTheBurstThroughAndThenTheRate() {
        TokenBucket bucket = new TokenBucket(100, 1000, 5);
        assertTrue(bucket.tryTake(1000, 5));
        assertFalse(bucket.tryTake(1, 5));
        assertFalse(bucket.tryTake(100, 5 + SECOND - 1));
        assertTrue(bucket.tryTake(100, 5 + SECOND + 1));
        assertTrue(bucket.tryTake(1000, 5 + 1000 * SECOND));
        assertFalse(bucket.tryTake(1, 5 + 1000 * SECOND));
    }

    @Test
    void shouldSayHowLongADebtLasts() {
        TokenBucket bucket = new TokenBucket(100, 1000, 0);
        assertEquals(0, bucket.take(1000, 0));
        assertEquals(3 * SECOND, bucket.take(300, 0));
        assertEquals(2 * SECOND, bucket.debtNanos(SECOND));
        assertEquals(4 * SECOND, bucket.take(200, SECOND));
        assertEquals(0, bucket.debtNanos(5 * SECOND));
        assertEquals(0, bucket.debtNanos(6 * SECOND));
    }

    @Test
    void shouldKeepWhatWasTakenWhenTheRateChanges() {
        TokenBucket bucket = new TokenBucket(1, 1000, 0);
        bucket.take(2000, 0);
        assertEquals(1000 * SECOND, bucket.debtNanos(0));
        bucket.change(1000, 1000, 0);
        assertEquals(SECOND, bucket.debtNanos(0));
        bucket.change(1000, 1500, 0);
        assertEquals(SECOND / 2, bucket.debtNanos(0));

        TokenBucket full = new TokenBucket(1, 1000, 0);
        full.change(1, 10, 0);
        assertTrue(full.tryTake(10, 0));
        assertFalse(full.tryTake(1, 0));
    }

    @Test
    void shouldNotMindAClockThatStandsOrWraps() {
        TokenBucket bucket = new TokenBucket(10, 10, Long.MAX_VALUE - SECOND / 2);
        assertEquals(SECOND, bucket.take(20, Long.MAX_VALUE - SECOND / 2));
        assertEquals(SECOND, bucket.debtNanos(Long.MAX_VALUE - SECOND));
        assertEquals(0, bucket.debtNanos(Long.MAX_VALUE - SECOND / 2 + SECOND));
    }

    @Test
    void shouldRefuseWhatWouldLetNothingThrough() {
        assertThrows(IllegalArgumentException.class, () -> new TokenBucket(0, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new TokenBucket(1, 0, 0));
        TokenBucket bucket = new TokenBucket(1, 1, 0);
        assertThrows(IllegalArgumentException.class, () -> bucket.change(-1, 1, 0));
    }

    /** Whoever waits as told gets no more than burst and rate, and hardly less. */
    @Test
    void shouldHoldTheRateWhateverIsTaken() {
        Seeds.forEach(50, random -> {
            long rate = 1 + random.nextLong(1L << random.nextInt(40));
            long burst = 1 + random.nextLong(1 << 20);
            TokenBucket bucket = new TokenBucket(rate, burst, 0);
            long now = 0;
            double taken = 0;
            for (int i = 0; i < 1000; i++) {
                long count = random.nextInt(65_568);
                taken += count;
                long wait = bucket.take(count, now);
                assertTrue(wait >= 0);
                double let = burst + (now + wait) * (rate / 1e9);
                assertTrue(taken <= let * 1.000001 + 1, () -> "rate " + rate + " burst " + burst);
                if (wait > 0) {
                    assertTrue(taken >= let * 0.999 - rate / 1e6 - 1, () -> "rate " + rate + " burst " + burst);
                }
                now += wait;
            }
        });
    }
}
