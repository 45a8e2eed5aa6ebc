package dev.warren.loadtest.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Bound;
import dev.warren.loadtest.measure.Comparison;
import dev.warren.loadtest.measure.LatencyCurve;
import dev.warren.loadtest.measure.RatioRow;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Timeline;
import dev.warren.loadtest.measure.Unit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ReportPageTest {
    private static final Pattern TAG = Pattern.compile("<(/?)([a-z0-9]+)((?: [a-zA-Z-]+=\"[^\"<>]*\")*)(/?)>");
    private static final Set<String> VOID = Set.of("meta");

    @Test
    void shouldShowTitleCommandMachineAndDate() {
        String page = page(List.of(Reports.relay("ours", 912e3)), List.of());

        assertTrue(page.contains("<h1>Relay under load</h1>"), page);
        assertTrue(
                page.contains("<span>--target</span> <span>&lt;ours&gt;</span> <span>--seconds</span> <span>20</span>"),
                page);
        assertTrue(page.contains("<p>2026-11-22 06:37 UTC · 2 cores (Abacus 3), 8 GiB, Linux 6.18.0"), page);
    }

    @Test
    void shouldDrawEachRunOverTheOthers() {
        String page = page(List.of(Reports.relay("ours", 912e3), Reports.relay("derper", 496e3)), List.of());

        assertEquals(2, count(page, "<figure"));
        assertEquals(2, count(page, "<path class=\"line c0\""));
        assertEquals(2, count(page, "<path class=\"line c1\""));
        assertTrue(page.contains("<span>derper</span></li>"), page);
        assertTrue(page.contains(">99.99%</span>"), page);
        assertTrue(page.contains(">1 ms</span>"), page);
        assertTrue(page.contains(">0.8 M</span>"), page);
        assertTrue(page.contains("<td>496 k packets/s</td>"), page);
        assertTrue(page.contains("<td>548 µs</td>"), page);
    }

    @Test
    void shouldDrawRunsOfOneSubjectInOneColour() {
        String page = page(
                List.of(Reports.relay("ours", 1e3), Reports.relay("derper", 2e3), Reports.relay("ours", 3e3)),
                List.of());

        assertEquals(4, count(page, "<path class=\"line c0\""));
        assertEquals(2, count(page, "<span>ours (2 runs)</span>"));
        assertTrue(page.contains("<th scope=\"col\">ours #2</th>"), page);
    }

    @Test
    void shouldDrawTheCurvesOfASingleRunIntoOnePlot() {
        Result run = Result.builder("tunnel", "ours")
                .curve(new LatencyCurve("idle", 2, List.of(point(50, 100), point(100, 200))))
                .curve(new LatencyCurve("busy", 2, List.of(point(50, 300), point(100, 900))))
                .curve(new LatencyCurve("never measured", 0, List.of()))
                .build();

        String page = page(List.of(run), List.of());

        assertEquals(1, count(page, "<figure"));
        assertTrue(page.contains("<span>busy</span></li>"), page);
        assertFalse(page.contains("never measured"), page);
    }

    @Test
    void shouldSayInWordsWhoIsBetter() {
        String page = page(List.of(), List.of(Reports.comparison("20 pairs", 1.84)));

        assertTrue(page.contains("<h2>warren beside derper</h2>"), page);
        assertTrue(
                page.contains(
                        """
                        <li class="better"><div class="what"><b>latency p99</b><small>lower is better</small>
                        </div>
                        """),
                page);
        assertTrue(page.contains("<b>0.54x</b> <span class=\"verdict\">better (lower)</span>"), page);
        assertTrue(page.contains("<small>0.53–0.57, 5 pairs; 1.09 ms against 2.00 ms</small>"), page);
        assertTrue(page.contains("<li class=\"none\"><div class=\"what\"><b>loss</b>"), page);
        assertTrue(page.contains("<small>no ratio: both are zero</small>"), page);
    }

    /** The bar of 1.84x begins at 1x and goes to the right, that of 0.54x to the left. */
    @Test
    void shouldDrawBarsFromOneTimesTheOther() {
        String page = page(List.of(), List.of(Reports.comparison("20 pairs", 1.84)));

        Matcher one = Pattern.compile("class=\"one\" d=\"M([0-9.]+) ").matcher(page);
        assertTrue(one.find());
        List<MatchResult> bars = Pattern.compile("class=\"fill\" d=\"M([0-9.]+) 5H([0-9.]+)V21")
                .matcher(page)
                .results()
                .toList();
        assertEquals(one.group(1), bars.getFirst().group(1));
        assertEquals(one.group(1), bars.get(2).group(2));
    }

    @Test
    void shouldShowARefusedComparisonWithItsReasonAndNoBar() {
        Comparison fine = Reports.comparison("2 pairs", 1.84);
        String page = page(
                List.of(), List.of(new Comparison("2 pairs", "warren", "derper", fine.rows(), List.of("was busy"))));

        assertTrue(page.contains("<b>No ratio</b><ul class=\"sentences\"><li>was busy</li>"), page);
        assertFalse(page.contains("class=\"fill\""), page);
        assertFalse(page.contains("1.84x"), page);
        assertEquals(fine.rows().size(), count(page, "<small>no ratio: was busy</small>"));
    }

    @Test
    void shouldSumUpManyComparisons() {
        List<Comparison> comparisons = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            comparisons.add(i == 7 ? Reports.refused("load 7") : Reports.comparison("load " + i, 0.5 + i * 0.1));
        }

        String page = page(List.of(), comparisons);

        assertEquals(1, count(page, "<table class=\"overview\""));
        assertEquals(3, count(page, "<figcaption>"));
        assertEquals(40, count(page, "<details>"));
        assertTrue(page.contains("<span>warren / derper, higher is better</span>"), page);
        assertTrue(page.contains("<small>no ratio: derper&#39;s third run"), page);
        assertWellFormed(page);
    }

    @Test
    void shouldWarnOfRunsThatWereNotClean() {
        String page = page(
                List.of(
                        Reports.relay("ours", 1e3),
                        Reports.builder("derper", 1e3).unclean("was busy").build()),
                List.of());

        assertTrue(page.contains("<h2>1 of 2 runs not clean, not to be compared</h2>"), page);
        assertTrue(page.contains("<li><b>derper: </b>was busy</li>"), page);
    }

    @Test
    void shouldNotLetNamesBecomeMarkup() {
        String hostile = Reports.HOSTILE;
        Result run = Result.builder(hostile, hostile)
                .setting(hostile, hostile)
                .figure(hostile, 1, Unit.COUNT, Better.HIGHER)
                .curve(new LatencyCurve(hostile, 2, List.of(point(50, 1), point(100, 2))))
                .timeline(new Timeline(hostile, Unit.COUNT, List.of(1.0), 1))
                .note(hostile)
                .unclean(hostile)
                .build();
        RatioRow row = new RatioRow(
                hostile, Unit.COUNT, Better.LOWER, List.of(1.0), List.of(1.0), 1, 1, 1, Bound.EXACT, hostile);
        Comparison comparison = new Comparison(hostile, hostile, hostile, List.of(row), List.of(hostile));

        String page = ReportPage.html(
                new Report(hostile, hostile, Reports.AT, Reports.MACHINE, List.of(run), List.of(comparison)));

        assertFalse(page.contains("<script"), page);
        assertFalse(page.contains("\u001B"), page);
        assertWellFormed(page);
    }

    @Test
    void shouldShowNumbersThatAreNone() {
        Result run = Result.builder("relay", "ours")
                .figure("delivered", Double.NaN, Unit.PACKETS_PER_SECOND, Better.HIGHER)
                .curve(new LatencyCurve("latency", 3, List.of(point(0, 0), point(50, 0), point(100, 0))))
                .timeline(new Timeline("none", Unit.PACKETS_PER_SECOND, List.of(), 1))
                .timeline(new Timeline("holes", Unit.NANOS, List.of(Double.NaN, 0.0, Double.NaN), 0))
                .build();
        RatioRow zero = new RatioRow(
                "loss",
                Unit.PERCENT,
                Better.LOWER,
                List.of(0.0),
                List.of(1.0),
                0,
                0,
                Double.POSITIVE_INFINITY,
                Bound.EXACT,
                "");

        String page = page(List.of(run), List.of(new Comparison("c", "a", "b", List.of(zero), List.of())));

        assertFalse(page.contains("NaN"), page);
        assertFalse(page.contains("Infinity%"), page);
        assertTrue(page.contains("<td>–</td>"), page);
        assertWellFormed(page);
    }

    @Test
    void shouldSayWhenNothingWasMeasured() {
        String page = page(List.of(), List.of());

        assertTrue(page.contains("<p>Nothing was measured.</p>"), page);
        assertWellFormed(page);
    }

    @Test
    void shouldNeedNothingFromOutside() {
        String page = page(List.of(Reports.relay("ours", 1e3)), List.of(Reports.comparison("c", 2)));

        for (String outside : List.of("<script", "<link", "<img", "<iframe", "url(", "@import", "src=", "href=")) {
            assertFalse(page.contains(outside), outside);
        }
        assertTrue(page.contains("@media (prefers-color-scheme: dark)"), page);
        assertWellFormed(page);
    }

    private static void assertWellFormed(String page) {
        String body = page.substring(page.indexOf("</style>") + "</style>".length());
        Deque<String> open = new ArrayDeque<>(List.of("html", "head"));
        Matcher tags = TAG.matcher(body);
        int end = 0;
        while (tags.find()) {
            assertFalse(body.substring(end, tags.start()).contains("<"), body.substring(end, tags.end()));
            end = tags.end();
            if (!tags.group(1).isEmpty()) {
                assertEquals(open.removeLast(), tags.group(2), () -> body.substring(0, tags.end()));
            } else if (tags.group(4).isEmpty() && !VOID.contains(tags.group(2))) {
                open.addLast(tags.group(2));
            }
        }
        assertTrue(open.isEmpty(), open.toString());
    }

    private static LatencyCurve.Point point(double percentile, long nanos) {
        return new LatencyCurve.Point(percentile, nanos);
    }

    private static String page(List<Result> results, List<Comparison> comparisons) {
        return ReportPage.html(Reports.of(results, comparisons));
    }

    private static int count(String page, String part) {
        return page.split(Pattern.quote(part), -1).length - 1;
    }
}
