package dev.warren.loadtest.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ResultGroupTest {
    @Test
    void shouldKeepKindsApartAndAFewOfAKindTogether() {
        List<ResultGroup> groups =
                ResultGroup.of(List.of(run("relay", "a", 1, 1), run("stun", "a", 1, 1), run("relay", "b", 2, 1)));

        assertEquals(
                List.of("relay", "stun"),
                groups.stream().map(ResultGroup::title).toList());
        assertEquals(List.of("a", "b"), groups.getFirst().columns());
        assertEquals(List.of("pairs"), groups.getFirst().differing());
        assertEquals(Map.of("size", "100 B"), groups.getFirst().common());
    }

    @Test
    void shouldPartManyRunsByTheirLoad() {
        List<Result> results = new ArrayList<>();
        for (int pairs : new int[] {2, 20, 2, 20}) {
            for (String subject : List.of("ours", "derper")) {
                results.add(run("relay", subject, pairs, 3000 + results.size()));
            }
        }

        List<ResultGroup> groups = ResultGroup.of(results);

        assertEquals(
                List.of("relay: pairs 2", "relay: pairs 20"),
                groups.stream().map(ResultGroup::title).toList());
        assertEquals(
                List.of("ours #1", "derper #1", "ours #2", "derper #2"),
                groups.getFirst().columns());
    }

    @Test
    void shouldNameALoadByOneSettingIfThatIsEnough() {
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            results.add(Result.builder("relay", i % 2 == 0 ? "ours" : "derper")
                    .setting("size", i % 4 < 2 ? 100 : 1400)
                    .setting("load", "number " + i / 2)
                    .setting("pairs", i / 4)
                    .build());
        }

        assertEquals(
                List.of("relay: load number 0", "relay: load number 1", "relay: load number 2", "relay: load number 3"),
                ResultGroup.of(results).stream().map(ResultGroup::title).toList());
    }

    @Test
    void shouldNotPartManyRunsOfOneLoad() {
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            results.add(run("relay", i % 2 == 0 ? "ours" : "derper", 20, 3000 + i));
        }

        assertEquals(
                List.of("relay"),
                ResultGroup.of(results).stream().map(ResultGroup::title).toList());
    }

    @Test
    void shouldListEveryFigureInTheOrderOfTheRuns() {
        Result first = figures("delivered", "loss", "latency p99");
        Result second = figures("connects", "delivered", "duplicates", "latency p99", "CPU");

        assertEquals(
                List.of("connects", "delivered", "duplicates", "loss", "latency p99", "CPU"),
                ResultGroup.of(List.of(first, second)).getFirst().figures());
    }

    @Test
    void shouldSayOnceWhatIsTrueOfAll() {
        ResultGroup group = ResultGroup.of(List.of(
                        Result.builder("relay", "a").note("all").note("only a").build(),
                        Result.builder("relay", "b").note("all").build()))
                .getFirst();

        assertEquals(Map.of("all", "", "only a", "a"), group.sentences(Result::notes));
    }

    @Test
    void shouldNotNameEveryRunThatSaysTheSame() {
        List<Result> results = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            results.add(busy("ours", i, i < 4));
            results.add(busy("derper", i, true));
        }

        assertEquals(
                Map.of("others took 0 to 4 cores", "ours (4 of 5 runs), derper (5 runs)"),
                ResultGroup.of(results).getFirst().sentences(Result::unclean));
        assertEquals(
                Map.of("others took 0 to 1 cores", "ours #1, derper #1, derper #2"),
                ResultGroup.of(List.of(results.get(0), results.get(1), results.get(3), busy("ours", 0, false)))
                        .getFirst()
                        .sentences(Result::unclean));
    }

    private static Result busy(String subject, int cores, boolean busy) {
        Result.Builder builder = Result.builder("relay", subject);
        return (busy ? builder.unclean("others took " + cores + " cores") : builder).build();
    }

    private static Result run(String kind, String subject, int pairs, int port) {
        Result.Builder builder =
                Result.builder(kind, subject).setting("size", "100 B").setting("pairs", pairs);
        return port > 1 ? builder.setting("port", port).build() : builder.build();
    }

    private static Result figures(String... names) {
        Result.Builder builder = Result.builder("relay", "a");
        for (String name : names) {
            builder.figure(name, 1, Unit.COUNT, Better.NEITHER);
        }
        return builder.build();
    }
}
