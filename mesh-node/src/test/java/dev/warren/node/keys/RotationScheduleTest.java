package dev.warren.node.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Seeds;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RotationScheduleTest {
    @Test
    void shouldChangeAtWholeMultiplesOfThePeriod() {
        RotationSchedule hourly = RotationSchedule.every(Duration.ofHours(1));
        Instant within = Instant.parse("2026-11-29T12:34:56.789Z");
        assertEquals(Instant.parse("2026-11-29T13:00:00Z"), hourly.next(within));
        assertEquals(Instant.parse("2026-11-29T12:00:00Z"), hourly.start(hourly.epoch(within)));
        assertEquals(Instant.parse("2026-11-29T14:00:00Z"), hourly.next(Instant.parse("2026-11-29T13:00:00Z")));
        assertEquals(-1, hourly.epoch(Instant.parse("1969-12-31T23:59:59Z")));
    }

    @Test
    void shouldHaveEachMomentInExactlyOneEpoch() {
        Seeds.forEach(200, random -> {
            RotationSchedule schedule = RotationSchedule.every(Duration.ofSeconds(random.nextLong(1, 10_000_000)));
            Instant at = Instant.ofEpochSecond(random.nextLong(4_000_000_000L), random.nextLong(1_000_000_000));
            long epoch = schedule.epoch(at);
            assertTrue(!at.isBefore(schedule.start(epoch)) && at.isBefore(schedule.start(epoch + 1)));
            assertEquals(schedule.start(epoch + 1), schedule.next(at));
            assertEquals(schedule.period(), Duration.between(schedule.start(epoch), schedule.start(epoch + 1)));
        });
    }

    @Test
    void shouldTakeAQuarterOfThePeriodForTheOverlapAndNoMoreThanAnHour() {
        assertEquals(
                Duration.ofSeconds(30),
                RotationSchedule.every(Duration.ofMinutes(2)).overlap());
        assertEquals(
                Duration.ofHours(1), RotationSchedule.every(Duration.ofDays(30)).overlap());
    }

    @Test
    void shouldSayWhatIsAllowed() {
        assertRefused("PT0.5S is not allowed: it is whole seconds", Duration.ofMillis(500), Duration.ofMillis(100));
        assertRefused("PT1.5S is not allowed: it is whole seconds", Duration.ofMillis(1500), Duration.ofMillis(100));
        assertRefused("1 second to 3650 days", Duration.ofDays(3651), Duration.ofHours(1));
        assertRefused("overlap of PT0S is not allowed", Duration.ofHours(1), Duration.ZERO);
        assertRefused("at most half the period of PT1H", Duration.ofHours(1), Duration.ofMinutes(31));
        assertRefused("PT-1S is not allowed", Duration.ofHours(1), Duration.ofSeconds(-1));
        assertEquals(
                Duration.ofMinutes(30), new RotationSchedule(Duration.ofHours(1), Duration.ofMinutes(30)).overlap());
    }

    @Test
    void shouldReadPeriods() {
        assertEquals(RotationSchedule.every(Duration.ofSeconds(90)), RotationSchedule.parse("90s"));
        assertEquals(RotationSchedule.every(Duration.ofMinutes(45)), RotationSchedule.parse("45m"));
        assertEquals(RotationSchedule.every(Duration.ofHours(12)), RotationSchedule.parse("12h"));
        assertEquals(RotationSchedule.every(Duration.ofDays(3650)), RotationSchedule.parse("3650d"));
        for (String wrong : List.of("", "1", "d", "1w", "1.5h", " 1h", "1h30m", "1H", "0s", "3651d", "1234567890s")) {
            assertThrows(IllegalArgumentException.class, () -> RotationSchedule.parse(wrong), wrong);
        }
    }

    private static void assertRefused(String part, Duration period, Duration overlap) {
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> new RotationSchedule(period, overlap));
        assertTrue(String.valueOf(refused.getMessage()).contains(part), refused.getMessage());
    }
}
