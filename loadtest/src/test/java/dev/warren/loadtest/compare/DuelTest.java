package dev.warren.loadtest.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.compare.Duel.Pair;
import dev.warren.loadtest.measure.Result;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DuelTest {
    private static final Subject A = new Subject("a", null, new LinkedHashMap<>());
    private static final Subject B = new Subject("b", null, new LinkedHashMap<>());
    private static final Cell CELL = new Cell("cell", new LinkedHashMap<>());

    private final List<String> order = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private final Set<Integer> uncleanRuns = new HashSet<>();

    private List<Pair> run(int rounds, int retries) throws InterruptedException {
        Duel.Runner runner = new Duel.Runner() {
            @Override
            public Result run(Subject subject, Cell cell) {
                assertEquals(CELL, cell);
                order.add(subject.name());
                Result.Builder result = Result.builder("relay", subject.name());
                return uncleanRuns.contains(order.size())
                        ? result.unclean("run " + order.size() + " was not quiet")
                                .build()
                        : result.note("run " + order.size()).build();
            }

            @Override
            public void settle() {
                heard.add("wait");
            }
        };
        Duel.Listener listener = (round, result) -> heard.add(round + result.subject());
        return new Duel(runner, listener, A, B).run(CELL, new Plan(0, rounds, "1s", "1s", false, 1, retries));
    }

    @Test
    void shouldTakeTurnsAndFlipTheOrderEachRound() throws Exception {
        List<Pair> pairs = run(4, 0);

        assertEquals(List.of("a", "b", "b", "a", "a", "b", "b", "a"), order);
        assertEquals(List.of("1a", "1b", "2b", "2a", "3a", "3b", "4b", "4a"), heard);
        assertEquals(List.of(1, 2, 3, 4), pairs.stream().map(Pair::round).toList());
        assertTrue(pairs.stream().allMatch(pair -> pair.a().subject().equals("a")));
        assertTrue(pairs.stream().allMatch(pair -> pair.b().subject().equals("b")));
    }

    @Test
    void shouldRepeatARunThatWasNotClean() throws Exception {
        uncleanRuns.addAll(List.of(2, 3));

        List<Pair> pairs = run(2, 2);

        assertEquals(List.of("a", "b", "b", "b", "b", "a"), order);
        assertEquals(List.of("1a", "1b", "wait", "1b", "wait", "1b", "2b", "2a"), heard);
        assertTrue(pairs.stream().allMatch(Pair::isClean));
        assertEquals(List.of("run 4"), pairs.getFirst().b().notes());
    }

    @Test
    void shouldKeepTheLastRunWhenRetriesDoNotHelp() throws Exception {
        uncleanRuns.addAll(List.of(1, 2, 3));

        List<Pair> pairs = run(1, 2);

        assertEquals(List.of("a", "a", "a", "b"), order);
        assertFalse(pairs.getFirst().isClean());
        assertEquals(List.of("run 3 was not quiet"), pairs.getFirst().a().unclean());
    }
}
