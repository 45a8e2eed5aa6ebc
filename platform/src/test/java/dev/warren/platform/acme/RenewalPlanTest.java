package dev.warren.platform.acme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.tls.SelfSignedCertificate;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class RenewalPlanTest {
    @Test
    void shouldRenewWhenAThirdOfTheLifeIsLeft() {
        Instant now = Instant.parse("2026-11-28T12:00:00Z");
        X509Certificate certificate = SelfSignedCertificate.create("a.example", new SecureRandom(), now)
                .certificate();
        // From the day before to ten years later: 3,651 days, of which 1,217 are left.
        assertEquals(now.plus(Duration.ofDays(3650 - 1217)), RenewalPlan.due(certificate));
    }

    @Test
    void shouldWaitLongerAfterEachFailureAndNeverTooLong() {
        Random random = new Random(1);
        assertBetween(Duration.ofSeconds(45), RenewalPlan.retry(1, random), Duration.ofSeconds(75));
        assertBetween(Duration.ofSeconds(90), RenewalPlan.retry(2, random), Duration.ofSeconds(150));
        assertBetween(Duration.ofMinutes(24), RenewalPlan.retry(6, random), Duration.ofMinutes(40));
        for (int failures : new int[] {10, 11, 63, 64, 1_000_000, Integer.MAX_VALUE}) {
            assertBetween(Duration.ofMinutes(270), RenewalPlan.retry(failures, random), Duration.ofMinutes(450));
        }
    }

    private static void assertBetween(Duration least, Duration found, Duration most) {
        assertTrue(found.compareTo(least) >= 0 && found.compareTo(most) <= 0, found::toString);
    }
}
