package dev.warren.relay.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.protocol.testing.Seeds;
import java.util.LongSummaryStatistics;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TimingTest {
    /** A client gives up after 120 s of silence; derper speaks every 60 to 65. */
    @Test
    void shouldSpreadKeepAlivesOverFiveSeconds() {
        RandomGenerator random = Seeds.random(7);
        LongSummaryStatistics periods = LongStream.generate(() -> RelayContext.Timing.DEFAULT.keepAlivePeriod(random))
                .limit(100_000)
                .summaryStatistics();
        assertEquals(60_000, periods.getMin());
        assertEquals(65_000, periods.getMax());
        assertEquals(62_500, periods.getAverage(), 100);
    }
}
