package dev.warren.loadtest.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.compare.ComparisonSpec.Load;
import dev.warren.loadtest.compare.Subject.ServerPlan;
import dev.warren.platform.config.UserError;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class SpecReaderTest {
    private static final String FULL =
            """
            title: Ours beside derper
            workload: relay
            subjects:
              a:
                name: warren
                start: ["{warren}", relay, --listen, "127.0.0.1:{port}"]
                target: derp://127.0.0.1:{port}
                ready: tcp {port}
              b:
                name: derper
                prepare: ["touch {dir}/derper.json"]
                start: ["{peers}/derper", -a, ":{port}"]
                target: derp://127.0.0.1:{port}
                ready: udp-stun {port2}
                environment: {GOGC: 200}
                settings: {in-flight: 16}
            cores: {server: "0", load: "1-2"}
            settings: {clients: 40}
            matrix:
              pairs: [2, 20]
              size: [100, 1400]
            practice: 2
            rounds: 3
            duration: 500ms
            warmup: 1s
            fresh: true
            allow-loss: 0.5%
            retries: 1
            """;

    private static ComparisonSpec read(String text) {
        return SpecReader.read("x.yaml", text);
    }

    private static String refusal(String text) {
        return String.valueOf(assertThrows(UserError.class, () -> read(text)).getMessage());
    }

    @Test
    void shouldReadEveryKey() {
        ComparisonSpec spec = read(FULL);

        assertEquals(new ComparisonSpec.Source("x.yaml", "Ours beside derper", Load.RELAY), spec.source());
        assertEquals("warren", spec.a().name());
        ServerPlan derper = Objects.requireNonNull(spec.b().server());
        assertEquals(List.of("touch {dir}/derper.json"), derper.prepare());
        assertEquals(List.of("{peers}/derper", "-a", ":{port}"), derper.start());
        assertEquals("derp://127.0.0.1:{port}", derper.target());
        assertEquals(new Readiness(Readiness.Kind.UDP_STUN, "{port2}"), derper.ready());
        assertEquals(Map.of("GOGC", "200"), derper.environment());
        assertEquals(Map.of("in-flight", "16"), spec.b().settings());
        assertEquals(new CorePlan("0", "1-2"), spec.cores());
        assertEquals(Map.of("clients", "40"), spec.settings());
        assertEquals(new Plan(2, 3, "500ms", "1s", true, 0.5, 1), spec.plan());
    }

    @Test
    void shouldMakeCellsOfTheProductOfTheMatrix() {
        List<Cell> cells = read(FULL).cells();

        assertEquals(
                List.of("2 pairs, 100 B", "2 pairs, 1400 B", "20 pairs, 100 B", "20 pairs, 1400 B"),
                cells.stream().map(Cell::name).toList());
        assertEquals(Map.of("pairs", "2", "size", "1400"), cells.get(1).settings());
    }

    @Test
    void shouldMultiplyListedCellsWithTheMatrix() {
        List<Cell> cells = read(FULL + "cells: [{name: storm, mode: storm, rate: 100}, {mode: crowd}]\n")
                .cells();

        assertEquals(8, cells.size());
        assertEquals("storm, 2 pairs, 100 B", cells.getFirst().name());
        assertEquals("crowd, 20 pairs, 1400 B", cells.getLast().name());
        assertEquals(
                Map.of("mode", "storm", "rate", "100", "pairs", "2", "size", "100"),
                cells.getFirst().settings());
    }

    @Test
    void shouldHaveOneCellWhenNothingVaries() {
        ComparisonSpec spec = read(FULL.substring(0, FULL.indexOf("matrix:")));

        assertEquals(List.of("as given"), spec.cells().stream().map(Cell::name).toList());
        assertEquals(new Plan(0, 5, "5s", "2s", false, 1, 2), spec.plan());
    }

    @Test
    void shouldLeaveCoresToTheKernelWhenNoneAreNamed() {
        CorePlan cores =
                read(FULL.replace("cores: {server: \"0\", load: \"1-2\"}", "")).cores();

        assertNull(cores.server());
        assertNull(cores.load());
    }

    @Test
    void shouldReadATunnelsSubjectsWithoutServers() {
        ComparisonSpec spec = read(
                """
                title: tunnels
                workload: tunnel
                subjects:
                  a: {name: warren, settings: {implementation: ours}}
                  b: {name: wireguard-go, settings: {implementation: wireguard-go}}
                """);

        assertNull(spec.a().server());
        assertEquals(Map.of("implementation", "ours"), spec.a().settings());
    }

    @Test
    void shouldRefuseToAskForStunInANetworkOfTheServersOwn() {
        String stream = FULL.replace("workload: relay", "workload: stream");

        String sentence = refusal(stream);

        assertTrue(
                sentence.contains(
                        "\"subjects.b.ready\" must be \"tcp {port}\", as the server is in a network of its own"),
                sentence);
        assertEquals(
                Load.STREAM,
                read(stream.replace("udp-stun {port2}", "tcp {port}")).source().load());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    rounds: 3         | round: 3           | "round" is not known; known here are allow-loss
                    rounds: 3         | rounds: three      | "rounds" must be a whole number from 1 on, not "three"
                    rounds: 3         | rounds: 0          | "rounds" must be a whole number from 1 on, not 0
                    retries: 1        | retries: -1        | "retries" must be a whole number from 0 on, not -1
                    duration: 500ms   | duration: 5        | "duration" must be a duration such as 5s or 500ms, not 5
                    warmup: 1s        | warmup: soon       | "warmup" must be a duration
                    fresh: true       | fresh: maybe       | "fresh" must be true or false, not "maybe"
                    allow-loss: 0.5%  | allow-loss: little | "allow-loss" must be a percentage such as 1%, not "little"
                    workload: relay   | workload: derp     | "workload" must be relay or stun or tunnel or stream, not "derp"
                    title: Ours       | heading: Ours      | "heading" is not known
                    title: Ours beside derper | ''         | "title" is missing; it must be a text
                    name: derper      | name: warren       | "subjects.b.name" must be another name than the first
                    name: derper      | nome: derper       | "subjects.b.nome" is not known
                    ready: tcp {port} | ready: http {port} | "subjects.a.ready" must be "tcp {port}" or "udp-stun {port}"
                    '["touch {dir}/derper.json"]' | touch  | "subjects.b.prepare" must be a list, not "touch"
                    {in-flight: 16}   | {in-flight: [16]}  | "subjects.b.settings.in-flight" must be a text, not [16]
                    pairs: [2, 20]    | pairs: 2           | "matrix.pairs" must be a list, not 2
                    pairs: [2, 20]    | pairs: []          | "matrix.pairs" must be a list with something in it
                    server: "0"       | server: zero       | "cores.server" must be a list of cores such as "0" or "0,2-3"
                    server: "0"       | sever: "0"         | "cores.sever" is not known; known here are load, server
                    settings: {clients: 40} | settings: 40 | "settings" must be a map, not 40
                    """)
    void shouldNameTheKeyThatIsWrong(String from, String to, String expected) {
        assertTrue(FULL.contains(from), from);

        String sentence = refusal(FULL.replace(from, to));

        assertTrue(sentence.replaceFirst("^x\\.yaml:\\d+: ", "x.yaml: ").startsWith("x.yaml: " + expected), sentence);
        assertFalse(sentence.contains("\n"), sentence);
    }

    @Test
    void shouldNameTheLineThatIsWrong() {
        String sentence = refusal(FULL.replace("rounds: 3", "rounds: 0"));

        long line = FULL.substring(0, FULL.indexOf("rounds: 3")).lines().count() + 1;
        assertTrue(sentence.startsWith("x.yaml:" + line + ": \"rounds\" must be"), sentence);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    'a: [1'                  | is no YAML: line 1
                    'title: x\\ntitle: y'    | is no YAML: line 2: Duplicate
                    ''                       | holds no keys
                    just a text              | holds no keys
                    """)
    void shouldRefuseWhatIsNoMap(String text, String expected) {
        String sentence = refusal(text.replace("\\n", "\n"));

        assertTrue(sentence.startsWith("x.yaml " + expected), sentence);
        assertFalse(sentence.contains("\n"), sentence);
    }

    @Test
    void shouldKeepTheCellsThatAPatternFits() {
        List<Cell> cells = read(FULL).cells();

        assertEquals(
                List.of("20 pairs, 100 B", "20 pairs, 1400 B"),
                SpecReader.only(cells, "20 PAIRS").stream().map(Cell::name).toList());
        assertEquals(
                List.of("2 pairs, 1400 B", "20 pairs, 1400 B"),
                SpecReader.only(cells, "pairs*1400").stream().map(Cell::name).toList());
        UserError none = assertThrows(UserError.class, () -> SpecReader.only(cells, "burst"));
        assertTrue(
                String.valueOf(none.getMessage()).startsWith("--only burst fits no cell; there are 2 pairs, 100 B;"));
    }
}
