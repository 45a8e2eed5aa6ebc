package dev.warren.stun;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AnswerLimitTest {
    private static final long SECOND = 1_000_000_000L;
    private static final byte[] VICTIM = InetAddress.ofLiteral("192.0.2.1").getAddress();

    @Test
    void shouldGiveABurstAndThenTheRate() {
        AnswerLimit limit = new AnswerLimit(new AnswerRate(10, 5), 64, new Random(1));
        // Also across the moment at which System.nanoTime overflows.
        long start = Long.MAX_VALUE - SECOND / 2;
        assertEquals(5, taken(limit, VICTIM, 100, start));
        assertEquals(0, taken(limit, VICTIM, 100, start + SECOND / 10 - 1));
        assertEquals(1, taken(limit, VICTIM, 100, start + SECOND / 10));
        assertEquals(5, taken(limit, VICTIM, 100, start + 10 * SECOND), "silence saves no more than a burst");
        int inASecond = 0;
        for (int millis = 1; millis <= 1000; millis++) {
            inASecond += taken(limit, VICTIM, 3, start + 10 * SECOND + millis * 1_000_000L);
        }
        assertEquals(10, inASecond);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "2001:db8:0:1::1, 2001:db8:0:1:ffff::2, true",
        "2001:db8:0:1::1, 2001:db8:0:2::1, false",
        "0.0.0.1, ::1, false"
    })
    void shouldCountAnIpv4AddressOrAnIpv6Customer(String one, String two, boolean shared) {
        AnswerLimit limit = new AnswerLimit(new AnswerRate(1, 1), 64, new Random(2));
        assertTrue(limit.tryTake(InetAddress.ofLiteral(one).getAddress(), 0));
        assertEquals(!shared, limit.tryTake(InetAddress.ofLiteral(two).getAddress(), 0));
    }

    /** A million forged senders in a room for 1,024 prefixes: the one that is over its share stays known. */
    @Test
    void shouldNotForgetTheBusyUnderAFloodOfForgedSenders() {
        AnswerLimit limit = new AnswerLimit(new AnswerRate(10, 10), 1024, new Random(3));
        Random random = new Random(4);
        byte[] forged = new byte[4];
        int answered = 0;
        for (int i = 0; i < 1_000_000; i++) {
            random.nextBytes(forged);
            assertTrue(limit.tryTake(forged, i * 1_000L), "whoever asks once is answered");
            answered += limit.tryTake(VICTIM, i * 1_000L) ? 1 : 0;
        }
        // A second's ten and the burst before; room for a moment at which three others were busier by chance.
        assertTrue(answered >= 19 && answered <= 40, answered + " answers to the victim");
    }

    @Test
    void shouldRefuseRatesThatAreNone() {
        assertThrows(IllegalArgumentException.class, () -> new AnswerRate(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new AnswerRate(1, 0));
        assertThrows(IllegalArgumentException.class, () -> new AnswerRate(1_000_001, 1));
        assertThrows(IllegalArgumentException.class, () -> new AnswerLimit(new AnswerRate(1, 1), 6, new Random(1)));
    }

    private static int taken(AnswerLimit limit, byte[] address, int times, long nowNanos) {
        int taken = 0;
        for (int i = 0; i < times; i++) {
            taken += limit.tryTake(address, nowNanos) ? 1 : 0;
        }
        return taken;
    }
}
