package dev.warren.loadtest.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What iputils' ping printed. */
@Timeout(30)
final class PingReportTest {
    private static final String OUTPUT =
            """
            PING 10.9.1.2 (10.9.1.2) 56(84) bytes of data.
            64 bytes from 10.9.1.2: icmp_seq=1 ttl=64 time=0.137 ms
            64 bytes from 10.9.1.2: icmp_seq=2 ttl=64 time=12.4 ms
            64 bytes from 10.9.1.2: icmp_seq=2 ttl=64 time=13.4 ms (DUP!)
            64 bytes from 10.9.1.2: icmp_seq=4 ttl=64 time=0.005 ms

            --- 10.9.1.2 ping statistics ---
            4 packets transmitted, 3 received, +1 duplicates, 25% packet loss, time 6ms
            rtt min/avg/max/mdev = 0.005/4.180/12.400/5.812 ms
            """;

    @Test
    void shouldReadEachRoundTripOnce() throws IOException {
        PingReport report = PingReport.parse(OUTPUT);
        assertEquals(List.of(137_000L, 12_400_000L, 5_000L), report.nanos());
        assertEquals(4, report.sent());
        assertEquals(1, report.lost());
        assertEquals(3, report.histogram().getTotalCount());
        assertEquals(12.4e6, (double) report.histogram().getMaxValue(), 0.02e6);
    }

    /** It ends before they come: three of them here, after number 65,536, which is 0. */
    @Test
    void shouldNotTakeTheLastOnesForLost() throws IOException {
        PingReport report = PingReport.parse(
                """
                64 bytes from 10.9.1.2: icmp_seq=65535 ttl=64 time=0.1 ms
                64 bytes from 10.9.1.2: icmp_seq=1 ttl=64 time=0.1 ms
                65540 packets transmitted, 65536 received, 0.01% packet loss, time 6ms
                """);
        assertEquals(3, report.late());
        assertEquals(65_540 - 3 - 2, report.lost());
    }

    @Test
    void shouldReadThatNothingCameBack() throws IOException {
        PingReport report = PingReport.parse(
                """
                PING 10.9.1.2 (10.9.1.2) 56(84) bytes of data.

                --- 10.9.1.2 ping statistics ---
                1 packets transmitted, 0 received, 100% packet loss, time 0ms
                """);
        assertEquals(1, report.lost());
        assertTrue(report.nanos().isEmpty());
    }

    @Test
    void shouldCarryPingsOwnWordsWhenItDidNotRun() {
        IOException failed =
                assertThrows(IOException.class, () -> PingReport.parse("ping: connect: Network is unreachable\n"));
        assertEquals("ping ended without a summary: ping: connect: Network is unreachable", failed.getMessage());
    }
}
