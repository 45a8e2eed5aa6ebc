package dev.warren.platform.coordination;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RetryDelayTest {
    @Test
    void eachWaitIsLongerUpToABound() {
        Seeds.forEach(50, random -> {
            RetryDelay delay = new RetryDelay(random);
            for (int i = 0; i < 100; i++) {
                long full = Math.min(RetryDelay.MAX_MILLIS, RetryDelay.FIRST_MILLIS << Math.min(i, 20));
                long wait = delay.nextMillis();
                assertTrue(wait >= full / 2 && wait <= full, wait + " ms after failure " + i);
            }
        });
    }

    @Test
    void aSuccessBeginsAnew() {
        Seeds.forEach(10, random -> {
            RetryDelay delay = new RetryDelay(random);
            for (int i = 0; i < 10; i++) {
                delay.nextMillis();
            }
            delay.succeeded();
            assertTrue(delay.nextMillis() <= RetryDelay.FIRST_MILLIS);
        });
    }
}
