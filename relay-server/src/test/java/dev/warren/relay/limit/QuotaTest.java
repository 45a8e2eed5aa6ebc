package dev.warren.relay.limit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.relay.limit.Limits.Bound;
import dev.warren.relay.limit.Quota.Answer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class QuotaTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Quota<String> quota = new Quota<>();

    @Test
    void shouldCountWhatIsOpen() {
        Bound two = new Bound(2, 0);
        assertEquals(Answer.IN, quota.enter("a", two, 0));
        assertEquals(Answer.IN, quota.enter("a", two, 0));
        assertEquals(Answer.TOO_MANY, quota.enter("a", two, 0));
        assertEquals(Answer.IN, quota.enter("b", two, 0));
        quota.leave("a");
        assertEquals(Answer.IN, quota.enter("a", two, 0));
        assertEquals(Answer.TOO_MANY, quota.enter("a", two, 0));
        assertEquals(Answer.IN, quota.enter("a", Bound.NONE, 0));
        quota.leave("nobody");
    }

    @Test
    void shouldHoldTheRateOfEach() {
        Bound three = new Bound(0, 3);
        for (int i = 0; i < 3; i++) {
            assertEquals(Answer.IN, quota.enter("a", three, 0));
        }
        assertEquals(Answer.TOO_FAST, quota.enter("a", three, 0));
        assertEquals(Answer.IN, quota.enter("b", three, 0));
        assertEquals(Answer.TOO_FAST, quota.enter("a", three, SECOND / 4));
        assertEquals(Answer.IN, quota.enter("a", three, SECOND / 2));
        assertEquals(Answer.IN, quota.enter("a", new Bound(0, 4), SECOND / 2));
        assertEquals(Answer.IN, quota.enter("a", Bound.NONE, SECOND / 2));
    }

    @Test
    void shouldNotCountWhoWasRefused() {
        Bound one = new Bound(1, 1);
        assertEquals(Answer.IN, quota.enter("a", one, 0));
        quota.leave("a");
        assertEquals(Answer.TOO_FAST, quota.enter("a", one, 0));
        assertEquals(Answer.IN, quota.enter("a", one, SECOND + 1));
        // Nor does one that is refused for being one too many use up the rate.
        assertEquals(Answer.TOO_MANY, quota.enter("a", one, 3 * SECOND));
        quota.leave("a");
        assertEquals(Answer.IN, quota.enter("a", one, 3 * SECOND));
    }

    @Test
    void shouldForgetTheOldestOfVeryMany() {
        Bound one = new Bound(0, 1);
        for (int i = 0; i < 100_000; i++) {
            String name = "n" + i;
            assertEquals(Answer.IN, quota.enter(name, one, 0));
            quota.leave(name);
        }
        assertTrue(quota.size() <= Quota.MAX_REMEMBERED, quota.size() + " entries");
        assertEquals(Answer.TOO_FAST, quota.enter("n99999", one, 0));
    }
}
