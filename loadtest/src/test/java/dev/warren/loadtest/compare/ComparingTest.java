package dev.warren.loadtest.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Better;
import dev.warren.loadtest.measure.Comparison;
import dev.warren.loadtest.measure.ListeningPorts;
import dev.warren.loadtest.measure.Report;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.measure.Unit;
import dev.warren.loadtest.measure.Workload;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole of a comparison with real processes, and a workload that is made up. */
@Timeout(60)
class ComparingTest {
    @TempDir
    Path folder;

    private final StringWriter printed = new StringWriter();
    private final List<Map<String, String>> runs = new ArrayList<>();
    private final Map<Integer, Integer> sayInRun = new HashMap<>();
    private int watches;
    private int busyWatch;
    private final Set<Integer> failInRun = new HashSet<>();

    private ComparisonSpec spec(String more) {
        String start = String.join(
                ", ",
                TinyServer.command().stream().map(word -> '"' + word + '"').toList());
        return SpecReader.read(
                "tiny.yaml",
                """
                title: One tiny server beside another
                workload: relay
                subjects:
                  a:
                    name: one
                    prepare: ["echo $KIND > {dir}/prepared"]
                    start: [%s, "{port}"]
                    target: "{port} {dir}"
                    ready: tcp {port}
                    environment: {KIND: plain}
                    settings: {speed: 3}
                  b: {name: other, start: [%s, "{port}"], target: "{port} {dir}", ready: "tcp {port}"}
                settings: {speed: 1}
                rounds: 2
                duration: 1s
                """
                                .formatted(start, start)
                        + more);
    }

    private Report run(ComparisonSpec spec) throws IOException, InterruptedException {
        Surroundings surroundings =
                new Surroundings(null, folder.resolve("peers/bin"), new SpecShelf(folder), List.of(Path.of("/bin")));
        Instruments instruments =
                new Instruments((_, settings) -> workload(settings), this::watch, Duration.ofMinutes(1));
        return new Comparing(spec, surroundings, instruments, new PrintWriter(printed)).run("a command");
    }

    private Workload workload(Map<String, String> settings) {
        if (settings.containsKey("typo")) {
            throw new UserError("there is no setting typo");
        }
        return progress -> {
            runs.add(settings);
            progress.step("half way");
            TinyServer.say(Integer.parseInt(part(settings, 0)), sayInRun.getOrDefault(runs.size(), (int) 'a'));
            if (failInRun.contains(runs.size())) {
                throw new IOException("connection reset");
            }
            boolean alive = ProcessHandle.of(Long.parseLong(settings.getOrDefault("pid", "0")))
                    .isPresent();
            assertTrue(alive || sayInRun.containsKey(runs.size()));
            return Result.builder("relay", "whoever")
                    .setting("speed", settings.getOrDefault("speed", ""))
                    .figure(
                            "delivered",
                            Double.parseDouble(settings.getOrDefault("speed", "0")),
                            Unit.PACKETS_PER_SECOND,
                            Better.HIGHER)
                    .build();
        };
    }

    private Supplier<List<String>> watch(long... pids) {
        return () -> {
            watches++;
            return watches == busyWatch ? List.of("other processes took 1.00 cores") : List.of();
        };
    }

    private static String part(Map<String, String> settings, int index) {
        return settings.getOrDefault("target", "").split(" ", -1)[index];
    }

    @Test
    void shouldGiveEachServerOfAStreamANetworkOfItsOwn() throws Exception {
        Requirements.root();
        Requirements.program("unshare", "ip");
        String start = String.join(
                ", ",
                TinyServer.command().stream().map(word -> '"' + word + '"').toList());
        String server = ", start: [%s, \"{port}\"], target: \"{port}\", ready: \"tcp {port}\"}\n".formatted(start);
        ComparisonSpec spec = SpecReader.read(
                "stream.yaml",
                "title: streams\nworkload: stream\nrounds: 2\nduration: 1s\nsubjects:\n  a: {name: one" + server
                        + "  b: {name: other" + server);
        Set<Path> networks = new HashSet<>();
        Instruments instruments = new Instruments(
                (_, settings) -> _ -> {
                    long pid = Long.parseLong(settings.getOrDefault("pid", ""));
                    networks.add(Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net")));
                    assertTrue(ListeningPorts.has(pid, Integer.parseInt(part(settings, 0))), "it is up");
                    return Result.builder("stream", "whoever").build();
                },
                this::watch,
                Duration.ofMinutes(1));
        Surroundings surroundings =
                new Surroundings(null, folder.resolve("peers/bin"), new SpecShelf(folder), List.of(Path.of("/bin")));
        Report report = new Comparing(spec, surroundings, instruments, new PrintWriter(printed)).run("a command");

        assertEquals(4, report.results().size());
        assertTrue(report.results().stream().allMatch(Result::isClean), report::toString);
        assertEquals(2, networks.size(), "one for each server, which stays for all runs");
        assertFalse(networks.contains(Files.readSymbolicLink(Path.of("/proc/self/ns/net"))));
    }

    @Test
    void shouldNotCountTheRunsThatArePractice() throws Exception {
        Report report = run(spec("practice: 2\n"));

        assertEquals(
                List.of("3", "1", "3", "1", "3", "1", "1", "3"),
                runs.stream().map(settings -> settings.get("speed")).toList());
        assertEquals(4, report.results().size());
        assertTrue(
                printed.toString().contains("practice, not counted: other: delivered 1 packets/s"), printed.toString());
    }

    /** The server that the rate is a share of shows first what it can do, without a rate. */
    @Test
    void shouldDriveBothAtAShareOfWhatOneCanDoAtMost() throws Exception {
        Report report = run(
                spec("practice: 1\ncells: [{name: half, speed: 70300, rate: \"50% of b\"}, {name: full, rate: 9}]\n"));

        assertEquals(
                "null null 35000 35000 35000 35000 35000 35000 9 9 9 9",
                runs.stream()
                        .map(settings -> String.valueOf(settings.get("rate")))
                        .collect(Collectors.joining(" ")));
        assertEquals(
                List.of("half: 35000/s", "full"),
                report.comparisons().stream().map(Comparison::name).toList());
        assertTrue(printed.toString().contains("at most: other: delivered 70.3 k packets/s"), printed.toString());
    }

    @Test
    void shouldTakeTheGreatestWhereNoRunAtMostIsClean() throws Exception {
        busyWatch = 1;
        failInRun.add(2);

        Report report = run(spec("retries: 1\ncells: [{name: half, speed: 80, rate: \"50% of b\"}]\n"));

        assertEquals("half: 40/s", report.comparisons().getFirst().name());
    }

    @Test
    void shouldRefuseAShareOfNothing() {
        UserError error =
                assertThrows(UserError.class, () -> run(spec("cells: [{name: half, speed: 0, rate: \"50% of b\"}]\n")));

        assertEquals(
                "tiny.yaml: what other can do at most is not known, so \"half\" has no rate: no run of it counted"
                        + " packets; give a number as its rate",
                error.getMessage());
    }

    @Test
    void shouldRunBothInTurnAndDivide() throws Exception {
        Report report = run(spec("matrix: {pairs: [1, 2]}\n"));

        assertEquals("One tiny server beside another", report.title());
        assertEquals("a command", report.command());
        assertEquals(
                List.of("1 pair", "2 pairs"),
                report.comparisons().stream().map(Comparison::name).toList());
        for (Comparison comparison : report.comparisons()) {
            assertEquals(List.of(), comparison.refused());
            assertEquals(3, comparison.rows().getFirst().median());
        }
        assertEquals(
                List.of("one", "other", "other", "one", "one", "other", "other", "one"),
                report.results().stream().map(Result::subject).toList());
        assertEquals(
                List.of("3", "1", "1", "3", "3", "1", "1", "3"),
                runs.stream().map(settings -> settings.get("speed")).toList());
        assertEquals("1s", runs.getFirst().get("duration"));
        assertEquals("2s", runs.getFirst().get("warmup"));
        assertEquals("2 pairs", report.results().getLast().settings().get("load"));
        assertTrue(printed.toString().contains("the order flips each round"), printed.toString());
        assertTrue(printed.toString().contains("  2  other: delivered 1 packets/s"), printed.toString());
    }

    @Test
    void shouldStartEachServerOnceAndEndAll() throws Exception {
        run(spec(""));

        Set<String> pids = new HashSet<>();
        runs.forEach(settings -> pids.add(settings.getOrDefault("pid", "")));
        assertEquals(2, pids.size());
        assertNotEquals(part(runs.get(0), 0), part(runs.get(1), 0), "two servers on one port");
        for (String pid : pids) {
            assertTrue(ProcessHandle.of(Long.parseLong(pid)).isEmpty(), "a server was left");
        }
        for (Map<String, String> settings : runs) {
            assertFalse(Files.exists(Path.of(part(settings, 1))), "a folder was left");
        }
    }

    @Test
    void shouldStartServersAnewForEachRunWhenAsked() throws Exception {
        run(spec("fresh: true\n"));

        assertEquals(
                4, runs.stream().map(settings -> settings.get("pid")).distinct().count());
    }

    @Test
    void shouldRepeatARunWhoseServerDiedOnANewServer() throws Exception {
        sayInRun.put(2, (int) 'x');

        Report report = run(spec("retries: 1\n"));

        assertEquals(List.of(), report.comparisons().getFirst().refused());
        assertEquals(5, report.results().size());
        assertEquals(
                List.of("the server ended with exit code 7; its last line: out of memory, for example"),
                report.results().get(1).unclean());
        assertNotEquals(runs.get(1).get("pid"), runs.get(2).get("pid"));
        assertTrue(printed.toString().contains("NOT CLEAN: the server ended with exit code 7"));
    }

    @Test
    void shouldRepeatARunOnABusyMachine() throws Exception {
        busyWatch = 2;

        Report report = run(spec("retries: 1\n"));

        assertEquals(5, report.results().size());
        assertEquals(
                List.of("other processes took 1.00 cores"),
                report.results().get(1).unclean());
        assertEquals(List.of(), report.comparisons().getFirst().refused());
        assertEquals(6, watches, "five runs, and one look before the repeated one");
    }

    @Test
    void shouldRefuseARatioWhenRunsKeepFailing() throws Exception {
        failInRun.addAll(Set.of(3, 4));

        Report report = run(spec("retries: 1\n"));

        Comparison comparison = report.comparisons().getFirst();
        assertEquals(List.of(), comparison.rows());
        assertEquals(
                "round 2, other: the run failed: input or output failed: connection reset",
                comparison.refused().getFirst());
    }

    @Test
    void shouldGoOnWhenTheFirstRunOfALaterLoadFails() throws Exception {
        failInRun.add(5);

        Report report = run(spec("matrix: {pairs: [1, 2]}\nretries: 0\n"));

        assertEquals(List.of(), report.comparisons().getFirst().refused());
        assertEquals(
                "round 1, one: the run failed: input or output failed: connection reset",
                report.comparisons().getLast().refused().getFirst());
    }

    @Test
    void shouldEndAtOnceWhenTheVeryFirstRunFails() throws Exception {
        failInRun.add(1);

        UserError failed = assertThrows(UserError.class, () -> run(spec("")));

        assertEquals("one: input or output failed: connection reset", failed.getMessage());
        assertTrue(ProcessHandle.of(Long.parseLong(runs.getFirst().getOrDefault("pid", "0")))
                .isEmpty());
    }

    @Test
    void shouldShowTheLastLineOfAServerThatDoesNotStart() {
        ComparisonSpec spec = SpecReader.read(
                "x.yaml",
                """
                title: t
                workload: relay
                subjects:
                  a: {name: one, start: [sh, -c, "echo no such flag; exit 2"], target: t, ready: "tcp {port}"}
                  b: {name: other, start: [sh], target: t, ready: "tcp {port}"}
                """);

        UserError failed = assertThrows(UserError.class, () -> run(spec));

        assertEquals(
                "one: one did not start: it ended with exit code 2; its last line: no such flag", failed.getMessage());
    }

    @Test
    void shouldRefuseWhatCannotRunBeforeAnythingIsStarted() {
        for (Map.Entry<String, String> wrong : Map.of(
                        "settings: {typo: 1}", "tiny.yaml: there is no setting typo",
                        "settings: {speed: \"{sped}\"}", "tiny.yaml: {sped} stands for nothing here",
                        "cores: {server: \"900\"}", "tiny.yaml wants core 900, but only cores",
                        "cells: [{speed: \"{peers}/quick\"}]", "the program of \"other\" is missing: there is no ")
                .entrySet()) {
            boolean replaces = wrong.getKey().startsWith("settings");
            UserError error = assertThrows(UserError.class, () -> run(replaces ? spec(wrong) : spec(wrong.getKey())));

            assertTrue(String.valueOf(error.getMessage()).startsWith(wrong.getValue()), error.getMessage());
        }
        assertEquals(List.of(), runs);
    }

    private ComparisonSpec spec(Map.Entry<String, String> wrong) {
        ComparisonSpec spec = spec("");
        Map<String, String> settings = SpecReader.read(
                        "tiny.yaml",
                        "title: t\nworkload: tunnel\nsubjects: {a: {name: a}, b: {name: b}}\n" + wrong.getKey())
                .settings();
        return new ComparisonSpec(
                spec.source(),
                spec.a(),
                spec.b(),
                spec.cores(),
                new java.util.LinkedHashMap<>(settings),
                spec.cells(),
                spec.plan());
    }
}
