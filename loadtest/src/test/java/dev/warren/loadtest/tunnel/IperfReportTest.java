package dev.warren.loadtest.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reports of iperf3 3.12, as it printed them. */
@Timeout(30)
final class IperfReportTest {
    @Test
    void shouldReadTcpByWhatTheReceiverGot() throws IOException {
        IperfReport report = IperfReport.parse(sample("iperf-tcp-2-streams"));
        assertEquals(3_434_086_400L, report.receivedBytes());
        assertEquals(1.001508, report.seconds(), 1e-6);
        assertEquals(19, report.retransmits());
        assertEquals(27.43e9, report.bitsPerSecond(), 0.01e9);
        assertEquals(1, report.bitsPerInterval().size());
        assertEquals(27.45e9, report.bitsPerInterval().getFirst(), 0.01e9);
    }

    @Test
    void shouldReadTheReverseDirectionByItsReceiver() throws IOException {
        IperfReport report = IperfReport.parse(sample("iperf-tcp-reverse"));
        assertEquals(3_996_450_763L, report.receivedBytes());
        assertEquals(31.97e9, report.bitsPerSecond(), 0.01e9);
    }

    @Test
    void shouldCountDatagramsThatDidNotArriveTheLastOnesIncluded() throws IOException {
        IperfReport report = IperfReport.parse(sample("iperf-udp-64"));
        assertEquals(274_040, report.sentPackets());
        assertEquals(12_756_224 / 64, report.sentPackets() - report.lost(64));
        assertTrue(report.lost(64) > 74_149, "iperf3 itself leaves out those behind the last that arrived");
        assertEquals(101.84e6, report.bitsPerSecond(), 0.01e6);
    }

    @Test
    void shouldSayWhatIperfSays() {
        IOException refused = assertThrows(IOException.class, () -> IperfReport.parse(sample("iperf-refused")));
        assertEquals("iperf3 failed: unable to connect to server: Connection refused", refused.getMessage());
        IOException noJson = assertThrows(IOException.class, () -> IperfReport.parse("iperf3: usage\nmore"));
        assertEquals("iperf3 ended without a report: iperf3: usage", noJson.getMessage());
        assertThrows(IOException.class, () -> IperfReport.parse(""));
        IOException nothing = assertThrows(IOException.class, () -> IperfReport.parse("{\"end\":{}}"));
        assertEquals("iperf3 reports nothing that was received", nothing.getMessage());
    }

    private static String sample(String name) throws IOException {
        try (InputStream in = IperfReportTest.class.getResourceAsStream(name + ".json")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
