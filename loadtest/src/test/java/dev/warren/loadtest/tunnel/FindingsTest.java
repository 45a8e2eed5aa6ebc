package dev.warren.loadtest.tunnel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.QuietWatch;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Timeline;
import dev.warren.loadtest.measure.Unit;
import dev.warren.protocol.key.NodePrivateKey;
import dev.warren.protocol.testing.Seeds;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class FindingsTest {
    private static final QuietWatch.Verdict QUIET = new QuietWatch.Verdict(0.1, 0, 5);

    private static Findings round(double mbits, long latencyNanos) {
        Findings found = new Findings();
        found.figure("TCP 1 stream", mbits, Unit.BITS_PER_SECOND, Better.HIGHER);
        Histogram latency = new Histogram(3);
        latency.recordValue(latencyNanos);
        found.latency("ping", latency);
        found.timeline(new Timeline("TCP 1 stream", Unit.BITS_PER_SECOND, List.of(mbits), 1));
        found.note("a note");
        return found;
    }

    @Test
    void shouldTakeTheMedianOfRounds() {
        assertEquals(2, Findings.median(List.of(9.0, 1.0, 2.0)));
        assertEquals(3, Findings.median(List.of(4.0, 2.0)));
        assertEquals(7, Findings.median(List.of(7.0)));
    }

    @Test
    void shouldPutRoundsTogether() {
        Result.Builder builder = Result.builder("tunnel", "x");
        Findings.merge(List.of(round(100, 5_000), round(300, 7_000), round(120, 1_000)), builder);
        Result result = builder.build();
        assertEquals(120, result.figure("TCP 1 stream").orElseThrow().value());
        assertEquals(5_000, result.figure("ping p50").orElseThrow().value(), 10);
        assertEquals(3, result.curves().getFirst().count());
        assertEquals(List.of(120.0), result.timelines().getFirst().perInterval());
        assertEquals(List.of("a note"), result.notes());
    }

    @Test
    void shouldNameTheWorstDisturbance() {
        Findings found = round(1, 1);
        found.seen("ping", QUIET);
        assertTrue(found.isClean());
        assertEquals("", found.complaint());
        found.seen("TCP 1 stream", new QuietWatch.Verdict(0.5, 0, 5));
        found.seen("TCP 4 streams", new QuietWatch.Verdict(0.9, 0.2, 5));
        assertFalse(found.isClean());
        assertEquals(
                "during \"TCP 4 streams\" other processes took 0.90 cores (at most 0.3 may be) and the hypervisor took"
                        + " away 0.20 cores (at most 0.1 may be), and too much in 1 other step",
                found.complaint());
    }

    @Test
    void shouldWriteConfigurationsForWg() {
        NodePrivateKey key = NodePrivateKey.generate(Seeds.random(1));
        NodePrivateKey other = NodePrivateKey.generate(Seeds.random(2));
        String[] lines = new PeerText(key)
                .peer(other.publicKey(), "10.9.1.2", "10.9.0.2:51820")
                .peers(List.of(key.publicKey(), other.publicKey()))
                .toString()
                .split("\n", -1);
        assertEquals("[Interface]", lines[0]);
        assertEquals(44, lines[1].substring("PrivateKey = ".length()).length());
        assertEquals("ListenPort = 51820", lines[2]);
        assertEquals("PublicKey = " + other.publicKey().base64(), lines[4]);
        assertEquals("AllowedIPs = 10.9.1.2/32", lines[5]);
        assertEquals("Endpoint = 10.9.0.2:51820", lines[6]);
        assertEquals("AllowedIPs = 10.128.0.0/32", lines[9]);
        assertEquals("AllowedIPs = 10.128.0.1/32", lines[12]);
    }

    @Test
    void shouldNumberManyPeersWithoutRepeatingAnAddress() {
        String text = new PeerText(NodePrivateKey.generate(Seeds.random(1)))
                .strangers(70_000, Seeds.random(3))
                .toString();
        long addresses = text.lines()
                .filter(line -> line.startsWith("AllowedIPs"))
                .distinct()
                .count();
        assertEquals(70_000, addresses);
        assertTrue(text.contains("AllowedIPs = 10.129.0.0/32"));
    }

    @Test
    void shouldCountSessionsAsWgShowsThem() {
        assertEquals(2, PeerCrowd.countSessions("abc=\t1795330969\ndef=\t0\nghi=\t1795330970\n"));
        assertEquals(0, PeerCrowd.countSessions(""));
    }
}
