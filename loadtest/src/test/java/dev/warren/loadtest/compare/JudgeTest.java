package dev.warren.loadtest.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.compare.Duel.Pair;
import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Comparison;
import dev.warren.loadtest.measure.RatioRow;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Unit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class JudgeTest {
    private static Result.Builder run(String subject, double rate) {
        return Result.builder("relay", subject)
                .figure("delivered", rate, Unit.PACKETS_PER_SECOND, Better.HIGHER)
                .figure("latency p99", 1e6 / rate, Unit.NANOS, Better.LOWER)
                .figure("clients", 40, Unit.COUNT, Better.NEITHER);
    }

    private static Pair pair(int round, double a, double b) {
        return new Pair(round, run("warren", a).build(), run("derper", b).build());
    }

    private static Comparison judge(Pair... pairs) {
        return Judge.compare("20 pairs", "warren", "derper", List.of(pairs), 1);
    }

    private static RatioRow row(Comparison comparison, String figure) {
        return comparison.rows().stream()
                .filter(row -> row.figure().equals(figure))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldDividePairByPairAndTakeTheMedian() {
        Comparison comparison = judge(pair(1, 200, 100), pair(2, 330, 100), pair(3, 500, 200));

        RatioRow delivered = row(comparison, "delivered");
        assertEquals(List.of(200.0, 330.0, 500.0), delivered.a());
        assertEquals(List.of(100.0, 100.0, 200.0), delivered.b());
        assertEquals(2.5, delivered.median());
        assertEquals(2, delivered.low());
        assertEquals(3.3, delivered.high());
        assertEquals("", delivered.note());
        assertEquals(0.4, row(comparison, "latency p99").median(), 1e-9);
        assertEquals(List.of(), comparison.refused());
    }

    @Test
    void shouldTakeTheMeanOfTheMiddleTwoOfAnEvenNumber() {
        RatioRow row = row(judge(pair(1, 4, 1), pair(2, 1, 1), pair(3, 2, 1), pair(4, 9, 1)), "delivered");

        assertEquals(3, row.median());
        assertEquals(1, row.low());
        assertEquals(9, row.high());
    }

    @Test
    void shouldLeaveOutFiguresOfWhichNeitherDirectionIsBetter() {
        List<String> figures = judge(pair(1, 2, 1), pair(2, 2, 1)).rows().stream()
                .map(RatioRow::figure)
                .toList();

        assertEquals(List.of("delivered", "latency p99"), figures);
    }

    @Test
    void shouldRefuseOnePairAsItShowsNoSpread() {
        Comparison comparison = judge(pair(1, 2, 1));

        assertEquals(List.of(), comparison.rows());
        assertEquals(List.of("1 pair of 1 was clean, and a ratio with its spread needs 2"), comparison.refused());
    }

    @Test
    void shouldRefuseAndSayWhyWhenTooFewPairsAreClean() {
        Pair busy = new Pair(
                2,
                run("warren", 2).build(),
                run("derper", 1)
                        .unclean("other processes took 0.52 cores (at most 0.3 may be)")
                        .build());

        Comparison comparison = judge(pair(1, 2, 1), busy);

        assertEquals(List.of(), comparison.rows());
        assertEquals(
                "round 2, derper: other processes took 0.52 cores (at most 0.3 may be)",
                comparison.refused().getFirst());
        assertEquals(2, comparison.refused().size());
    }

    @Test
    void shouldLeaveAnUncleanPairOutWhenEnoughAreLeft() {
        Pair busy = new Pair(
                2,
                run("warren", 99).unclean("the generator was late").build(),
                run("derper", 1).build());

        RatioRow row = row(judge(pair(1, 2, 1), busy, pair(3, 4, 1)), "delivered");

        assertEquals(3, row.median());
        assertEquals(4, row.high());
        assertEquals("from 2 of 3 pairs", row.note());
    }

    private static Pair lossy(int round, double lossA, double lossB) {
        return new Pair(
                round,
                run("warren", 2)
                        .figure("loss", lossA, Unit.PERCENT, Better.LOWER)
                        .figure("server CPU", 1, Unit.CPU_PER_MILLION, Better.LOWER)
                        .build(),
                run("derper", 1)
                        .figure("loss", lossB, Unit.PERCENT, Better.LOWER)
                        .figure("server CPU", 2, Unit.CPU_PER_MILLION, Better.LOWER)
                        .build());
    }

    @Test
    void shouldRefuseRatiosOfThroughputAndCpuWhenTooMuchWasLost() {
        Comparison comparison = judge(lossy(1, 0.5, 0.5), lossy(2, 0.5, 7.25), lossy(3, 3, 0.5));

        for (String figure : List.of("delivered", "server CPU")) {
            RatioRow refused = row(comparison, figure);
            assertTrue(Double.isNaN(refused.median()), figure);
            assertTrue(Double.isNaN(refused.low()) && Double.isNaN(refused.high()), figure);
            assertEquals("derper lost 7.25 %, and the spec allows 1.00 %", refused.note());
            assertEquals(3, refused.a().size());
        }
        assertEquals(0.5, row(comparison, "latency p99").median(), 1e-9);
        assertEquals(List.of(), comparison.refused());
    }

    @Test
    void shouldUseThePairsThatLostLittle() {
        RatioRow row = row(judge(lossy(1, 0.5, 1), lossy(2, 0, 0.2), lossy(3, 30, 0.5)), "delivered");

        assertEquals(2, row.median());
        assertEquals("from 2 of 3 pairs", row.note());
    }

    @Test
    void shouldNotDivideByNothing() {
        RatioRow loss = row(judge(lossy(1, 0, 0), lossy(2, 0.5, 0)), "loss");

        assertTrue(Double.isNaN(loss.median()));
        assertEquals("nothing can be divided by 0", loss.note());
    }

    @Test
    void shouldLeaveOutAFigureOfWhichNobodyHasAny() {
        Comparison comparison = judge(lossy(1, 0, 0), lossy(2, 0, 0));

        assertTrue(comparison.rows().stream().noneMatch(row -> row.figure().equals("loss")));
    }

    @Test
    void shouldSayAtLeastWhenTheGeneratorWasTheLimit() {
        List<Pair> a = new ArrayList<>();
        List<Pair> b = new ArrayList<>();
        List<Pair> both = new ArrayList<>();
        for (int round = 1; round <= 2; round++) {
            Result fast = run("warren", 2)
                    .note("the generator's core was saturated (0.99)")
                    .build();
            Result fastToo = run("derper", 1)
                    .note("the generator's core was saturated (0.98)")
                    .build();
            a.add(new Pair(round, fast, run("derper", 1).build()));
            b.add(new Pair(round, run("warren", 2).build(), fastToo));
            both.add(new Pair(round, fast, fastToo));
        }

        assertEquals("at least: the generator's core was saturated", note(a, "delivered"));
        assertEquals("at most: the generator's core was saturated", note(b, "delivered"));
        assertEquals("with both the generator's core was saturated", note(both, "delivered"));
        assertEquals("", note(a, "latency p99"));
    }

    private static String note(List<Pair> pairs, String figure) {
        return row(Judge.compare("x", "warren", "derper", pairs, 1), figure).note();
    }

    @Test
    void shouldRefuseAFigureThatTooFewRunsHave() {
        Pair with = new Pair(
                1,
                run("warren", 2).figure("resumed", 9, Unit.COUNT, Better.HIGHER).build(),
                run("derper", 1).figure("resumed", 9, Unit.COUNT, Better.HIGHER).build());

        RatioRow row = row(judge(with, pair(2, 2, 1)), "resumed");

        assertTrue(Double.isNaN(row.median()));
        assertEquals("too few runs have it", row.note());
    }

    @Test
    void shouldTakeNoFigureThatIsNotANumber() {
        Pair strange =
                new Pair(3, run("warren", Double.NaN).build(), run("derper", 1).build());

        assertEquals(
                List.of(2.0, 2.0),
                row(judge(pair(1, 2, 1), pair(2, 2, 1), strange), "delivered").a());
    }
}
