package dev.warren.loadtest.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ResultTest {
    private static Histogram thousand() {
        Histogram histogram = new Histogram(3);
        for (int i = 1; i <= 1000; i++) {
            histogram.recordValue(i);
        }
        return histogram;
    }

    @Test
    void aCurveEndsAtTheLongestLatency() {
        LatencyCurve curve = LatencyCurve.of("latency", thousand());
        assertEquals(1000, curve.count());
        assertEquals(1000, curve.at(100));
        assertEquals(500, curve.at(50), 1);
        assertEquals(100.0, curve.points().getLast().percentile());
        assertTrue(Double.isNaN(LatencyCurve.of("none", new Histogram(3)).at(50)));
    }

    @Test
    void theUsualFiguresOfALatency() {
        List<Figure> figures = LatencyCurve.figures("latency", thousand());
        assertEquals(
                List.of("latency p50", "latency p90", "latency p99", "latency p99.9", "latency max"),
                figures.stream().map(Figure::name).toList());
        assertEquals("990 ns", figures.get(2).text());
        assertEquals(
                "-",
                LatencyCurve.figures("latency", new Histogram(3)).getFirst().text());
    }

    @Test
    void aResultKeepsTheOrderAndIsCleanUnlessToldOtherwise() {
        Result.Builder builder = Result.builder("relay", "warren")
                .setting("pairs", 20)
                .setting("burst", 16)
                .figure("delivered", 1e6, Unit.PACKETS_PER_SECOND, Better.HIGHER);
        Result clean = builder.build();
        assertEquals(List.of("pairs", "burst"), List.copyOf(clean.settings().keySet()));
        assertEquals("1.00 M packets/s", clean.figure("delivered").orElseThrow().text());
        assertTrue(clean.figure("loss").isEmpty());
        assertTrue(clean.isClean());
        assertFalse(builder.unclean("the server died").build().isClean());
    }

    @Test
    void progressWritesOverItsLineOnATerminalOnly() {
        StringWriter terminal = new StringWriter();
        Progress progress = new ProgressLine(new PrintWriter(terminal), true);
        progress.step("long line");
        progress.step("short");
        progress.done();
        assertEquals("\rlong line\rshort    \r     \r", terminal.toString());
        StringWriter file = new StringWriter();
        new ProgressLine(new PrintWriter(file), false).step("one");
        assertEquals("one" + System.lineSeparator(), file.toString());
    }
}
