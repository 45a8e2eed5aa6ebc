package dev.warren.loadtest.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.launcher.LauncherBench.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script that wg-quick calls, with a made-up JVM behind it. */
@Timeout(30)
class WireGuardScriptTest {
    private static final String MAIN = "dev.warren.node.cli.WireGuardMain";

    @TempDir
    Path folder;

    private LauncherBench bench;
    private Path script;

    @BeforeEach
    void makeTree() throws IOException {
        bench = new LauncherBench(folder);
        bench.ageSources();
        bench.jdk("jdk-25", "25.0.3");
        script = bench.tree.resolve("warren-wireguard");
    }

    @Test
    void shouldReturnWhenTheInterfaceIsThereAndLeaveASessionOfItsOwn() throws Exception {
        Outcome outcome = run(Map.of("BENCH_STAYS", "1"), "wg7");

        assertEquals(0, outcome.exitCode(), outcome.standardError());
        List<String> words = outcome.standardOutput().lines().toList();
        assertEquals(List.of(MAIN, "wg7"), words.subList(words.size() - 2, words.size()));
        String[] daemon = Files.readString(folder.resolve("daemon")).strip().split(" ", -1);
        assertEquals(daemon[0], daemon[1], "it leads its own session");
        assertEquals("/dev/null", daemon[2]);
        ProcessHandle process = ProcessHandle.of(Long.parseLong(daemon[0])).orElseThrow();
        assertTrue(process.isAlive());
        process.destroy();
    }

    @Test
    void shouldPassOnTheExitCodeOfADaemonThatFails() throws Exception {
        assertEquals(7, run(Map.of("BENCH_FAILS", "7"), "wg7").exitCode());
    }

    @Test
    void shouldFailWhenTheDaemonEndsWithoutAWord() throws Exception {
        assertEquals(1, run(Map.of(), "wg7").exitCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-f wg7", "--foreground wg7", "--help", "--version"})
    void shouldStayInTheForeground(String arguments) throws Exception {
        Outcome outcome = run(Map.of(), arguments.split(" ", -1));

        assertEquals(0, outcome.exitCode(), outcome.standardError());
        assertTrue(outcome.standardOutput().endsWith(MAIN + "\n" + arguments.replace(' ', '\n') + "\n"));
    }

    @Test
    void shouldStayInTheForegroundWhenTheEnvironmentSaysSo() throws Exception {
        assertEquals(0, run(Map.of("WG_PROCESS_FOREGROUND", "1"), "wg7").exitCode());
        assertEquals(1, run(Map.of("WG_PROCESS_FOREGROUND", "0"), "wg7").exitCode());
    }

    @Test
    void shouldTakeTheBuildThatIsThere() throws Exception {
        assertEquals(0, run(Map.of(), "-f", "wg7").exitCode());
        assertEquals(1, bench.builds());
        bench.source("relay-server/src/main/java/Relay.java");

        Outcome outcome = run(Map.of(), "-f", "wg7");

        assertEquals(0, outcome.exitCode());
        assertEquals(1, bench.builds(), "wg-quick wants an interface and no build");
        assertFalse(outcome.standardOutput().contains("building"), outcome.standardOutput());
    }

    @Test
    void shouldWorkThroughASymbolicLink() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("wireguard-go"), script);
        assertEquals(0, bench.finish(bench.start(link, Map.of(), "-f", "wg7")).exitCode());
    }

    private Outcome run(Map<String, String> environment, String... arguments) throws Exception {
        return bench.finish(bench.start(script, environment, arguments));
    }
}
