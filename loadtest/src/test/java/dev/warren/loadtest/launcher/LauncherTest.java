package dev.warren.loadtest.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.launcher.LauncherBench.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class LauncherTest {
    @TempDir
    Path folder;

    LauncherBench bench;

    @BeforeEach
    void makeTree() throws IOException {
        bench = new LauncherBench(folder);
        bench.ageSources();
    }

    @Test
    void shouldSayWhatToDoWhenThereIsNoNewEnoughJdk() throws Exception {
        Path old = bench.jdk("jdk-17", "17.0.15");

        Outcome outcome = bench.run(Map.of(), "keys", "generate");

        assertEquals(1, outcome.exitCode());
        assertEquals("", outcome.standardOutput());
        assertTrue(outcome.standardError().contains("no JDK 25 or newer was found, only " + old + " (17)"));
        assertTrue(outcome.standardError().contains("set JAVA_HOME"), outcome.standardError());
        assertEquals(1, outcome.standardError().lines().count(), outcome.standardError());
        assertEquals(0, bench.builds());
    }

    @Test
    void shouldIgnoreFoldersThatAreNoJdk() throws Exception {
        Files.createDirectories(folder.resolve("jdks/empty"));

        Outcome outcome = bench.run(Map.of("JAVA_HOME", "/nowhere"), "status");

        assertEquals(1, outcome.exitCode());
        assertTrue(outcome.standardError().contains("no JDK 25 or newer was found; install one"));
    }

    @Test
    void shouldPreferJavaHomeAndPassOverOldVersions() throws Exception {
        bench.jdk("a-jdk-25", "25.0.1");
        Path wanted = bench.jdk("z-jdk-26", "26");

        Outcome outcome = bench.run(Map.of("JAVA_HOME", wanted.toString()), "keys", "generate");

        assertEquals(0, outcome.exitCode(), outcome.standardError());
        // The class archive's name carries the JDK's version.
        assertTrue(outcome.standardOutput().contains("keys-26.jsa"), outcome.standardOutput());
    }

    @ParameterizedTest
    @CsvSource({
        "relay, dev.warren.relay.RelayMain,",
        "stun, dev.warren.stun.StunMain,",
        "coordinator, dev.warren.coordinator.CoordinatorMain,",
        "bench, dev.warren.loadtest.bench.BenchMain,",
        "up, dev.warren.node.cli.NodeMain, up",
        "down, dev.warren.node.cli.NodeMain, down",
        "status, dev.warren.node.cli.NodeMain, status",
        "ping, dev.warren.node.cli.NodeMain, ping",
        "netcheck, dev.warren.node.cli.NodeMain, netcheck",
        "keys, dev.warren.node.cli.NodeMain, keys",
    })
    void shouldStartTheMainClassOfAProgram(String program, String mainClass, @Nullable String subcommand)
            throws Exception {
        bench.jdk("jdk-25", "25.0.3");

        Outcome outcome = bench.run(Map.of(), program, "--an-option", "two words");

        assertEquals(0, outcome.exitCode(), outcome.standardError());
        List<String> words = outcome.standardOutput().lines().toList();
        int main = words.indexOf(mainClass);
        assertTrue(main > 0, outcome.standardOutput());
        List<String> arguments = words.subList(main + 1, words.size());
        assertEquals(
                subcommand == null
                        ? List.of("--an-option", "two words")
                        : List.of(subcommand, "--an-option", "two words"),
                arguments);
        assertTrue(words.contains("--enable-native-access=ALL-UNNAMED"));
        assertTrue(words.contains("--sun-misc-unsafe-memory-access=allow"));
    }

    @ParameterizedTest
    @CsvSource({
        "relay, status, dev.warren.relay.RelayMain",
        "coordinator, token, dev.warren.coordinator.CoordinatorMain",
    })
    void shouldStartAQuestionToAServerAsTheShortThingItIs(String program, String question, String mainClass)
            throws Exception {
        bench.jdk("jdk-25", "25.0.3");

        Outcome outcome = bench.run(Map.of(), program, question, "--json");

        assertEquals(0, outcome.exitCode(), outcome.standardError());
        List<String> words = outcome.standardOutput().lines().toList();
        int main = words.indexOf(mainClass);
        assertEquals(List.of(question, "--json"), words.subList(main + 1, words.size()));
        assertTrue(words.contains("-XX:TieredStopAtLevel=1"), outcome.standardOutput());
        assertTrue(outcome.standardOutput().contains(program + "-" + question + "-25.jsa"), outcome.standardOutput());
    }

    @ParameterizedTest
    @CsvSource({
        "up, true, auto, false",
        "up, false, auto, true",
        "wireguard, false, auto, true",
        "status, false, auto, false",
        "relay, false, auto, false",
        "up, true, vector, true",
        "up, true, libcrypto, false",
    })
    void shouldAddTheVectorApiOnlyWhereItIsOfUse(String program, boolean libcrypto, String cipher, boolean added)
            throws Exception {
        Path jdk = bench.jdk("jdk-25", "25.0.3");
        Files.writeString(
                jdk.resolve("release"), "JAVA_VERSION=\"25.0.3\"\nMODULES=\"java.base jdk.incubator.vector\"\n");
        Path library = Files.createDirectories(folder.resolve("libraries/some-linux-gnu"));
        if (libcrypto) {
            Files.createFile(library.resolve("libcrypto.so.3"));
        }
        Map<String, String> places = Map.of("WARREN_LIBRARY_PLACES", "/nowhere:" + folder + "/libraries/*");

        assertEquals(added, addsVector(bench.run(places, program, "--cipher", cipher)));
        assertEquals(added, addsVector(bench.run(places, program, "--cipher=" + cipher, "--more")));
        Map<String, String> environment = new HashMap<>(places);
        environment.put("WARREN_UP_CIPHER", cipher);
        assertEquals(added, addsVector(bench.run(environment, program)));
    }

    @Test
    void shouldDoWithoutTheVectorApiWhereTheJdkHasNone() throws Exception {
        bench.jdk("jdk-25", "25.0.3");

        assertFalse(addsVector(bench.run(Map.of("WARREN_LIBRARY_PLACES", "/nowhere"), "up", "--cipher", "vector")));
    }

    @Test
    void shouldStartTheMeasuringInstrumentWithRoomAndACompiler() throws Exception {
        bench.jdk("jdk-25", "25.0.3");

        Outcome outcome = bench.run(Map.of(), "loadtest", "compare", "--list");

        assertEquals(0, outcome.exitCode(), outcome.standardError());
        List<String> words = outcome.standardOutput().lines().toList();
        int main = words.indexOf("dev.warren.loadtest.LoadtestMain");
        assertEquals(List.of("compare", "--list"), words.subList(main + 1, words.size()));
        assertTrue(words.contains("-XX:+UseParallelGC"), outcome.standardOutput());
        assertFalse(words.contains("-XX:TieredStopAtLevel=1"), outcome.standardOutput());
    }

    @Test
    void shouldSayWhichPackagesMeasuringNeedsAndWhy() throws Exception {
        bench.jdk("jdk-25", "25.0.3");

        Outcome outcome = bench.run(Map.of(), "loadtest", "tunnel", "--impl", "warren");

        assertEquals(1, outcome.exitCode());
        for (String need : List.of("  util-linux: holds the load", "  iperf3: sends TCP and UDP")) {
            assertTrue(outcome.standardError().contains(need), outcome.standardError());
        }
        assertEquals("", outcome.standardOutput());
    }

    @Test
    void shouldRefuseAnUnknownProgramInOneSentence() throws Exception {
        Outcome outcome = bench.run(Map.of(), "realy");

        assertEquals(2, outcome.exitCode());
        assertEquals("warren: there is no program 'realy'; './warren help' lists them.\n", outcome.standardError());
    }

    @Test
    void shouldShowTheProgramsWithoutAnyJdk() throws Exception {
        Outcome outcome = bench.run(Map.of());

        assertEquals(0, outcome.exitCode());
        for (String program : List.of(
                "demo",
                "relay",
                "stun",
                "coordinator",
                "up",
                "down",
                "status",
                "ping",
                "netcheck",
                "keys",
                "loadtest")) {
            assertTrue(outcome.standardOutput().contains("  warren " + program + " "), program);
        }
    }

    @Test
    void shouldBuildAtFirstUseAndAgainOnlyWhenSourcesChanged() throws Exception {
        bench.jdk("jdk-25", "25.0.3");

        assertEquals(0, bench.run(Map.of(), "status").exitCode());
        assertEquals(1, bench.builds());
        assertEquals(0, bench.run(Map.of(), "status").exitCode());
        assertEquals(1, bench.builds(), "nothing had changed");

        bench.source("relay-server/src/main/java/Relay.java");
        assertEquals(0, bench.run(Map.of(), "status").exitCode());
        assertEquals(2, bench.builds(), "a source had changed");

        Files.delete(bench.tree.resolve("relay-server/src/main/java/Relay.java"));
        assertEquals(0, bench.run(Map.of(), "status").exitCode());
        assertEquals(3, bench.builds(), "a source was removed");
    }

    @Test
    void shouldTakeTheBuildThatIsNamedWhateverHasChangedSince() throws Exception {
        bench.jdk("jdk-25", "25.0.3");
        String first = classPath(bench.run(Map.of(), "status"));
        bench.source("relay-server/src/main/java/Relay.java");
        Path home = Path.of(first.substring(0, first.indexOf(".warren/build-") + ".warren".length()));
        String name =
                home.relativize(Path.of(first.split(":", 2)[0])).getName(0).toString();

        for (String named : List.of(name, home.resolve(name).toString())) {
            assertEquals(first, classPath(bench.run(Map.of("WARREN_BUILD", named), "status")));
        }
        assertEquals(1, bench.builds());
    }

    @Test
    void shouldNotBuildInPlaceOfABuildThatIsNotThere() throws Exception {
        bench.jdk("jdk-25", "25.0.3");

        Outcome outcome = bench.run(Map.of("WARREN_BUILD", "build-1-1"), "status");

        assertEquals(1, outcome.exitCode());
        assertEquals(
                "warren: WARREN_BUILD names no build: build-1-1 has no file 'classpath', here or in " + bench.tree
                        + "/.warren; leave it out for the newest.\n",
                outcome.standardError());
        assertEquals(0, bench.builds());
    }

    @Test
    void shouldKeepTheJarsOfTheBuildBefore() throws Exception {
        bench.jdk("jdk-25", "25.0.3");
        String first = classPath(bench.run(Map.of(), "status"));
        bench.source("pom.xml");

        String second = classPath(bench.run(Map.of(), "status"));

        assertFalse(first.equals(second));
        for (String jar : List.of(first, second)) {
            assertTrue(Files.exists(Path.of(jar.substring(0, jar.indexOf(':')))), jar);
        }
        assertTrue(second.endsWith("/lib/netty.jar"), second);
    }

    @Test
    void shouldHaveTheJarsOfABuildPressed() throws Exception {
        bench.jdk("jdk-25", "25.0.3");

        bench.run(Map.of(), "status");

        String log = Files.readString(bench.tree.resolve(".warren/build.log"));
        assertTrue(log.contains("dev.warren.loadtest.dist.JarPress"), log);
        assertTrue(log.contains("/lib/netty.jar\n"), log);
    }

    @Test
    void shouldStartFromTheCachesThatTheBuildTrained() throws Exception {
        bench.jdk("jdk-25", "25.0.3");
        bench.training("echo \"$2\" >>\"$BENCH/trained\"; echo cache >\"$2\"");

        String relay = bench.run(Map.of(), "relay").standardOutput();
        String status = bench.run(Map.of(), "status").standardOutput();

        List<String> trained = Files.readAllLines(folder.resolve("trained"));
        assertEquals(3, trained.size(), "once for each build");
        assertTrue(trained.getFirst().endsWith("/aot-25.0.3-Bench/relay.aot"), trained.getFirst());
        assertTrue(relay.contains("-XX:AOTCache=" + trained.getFirst() + "\n"), relay);
        assertFalse(relay.contains("-XX:SharedArchiveFile"), relay);
        String up = bench.run(Map.of(), "up").standardOutput();
        assertTrue(trained.get(1).endsWith("/aot-25.0.3-Bench/up.aot"), trained.get(1));
        assertTrue(up.contains("-XX:AOTCache=" + trained.get(1) + "\n"), up);
        String plain = bench.run(Map.of(), "wireguard", "wg0").standardOutput();
        assertTrue(plain.contains("-XX:AOTCache=" + trained.get(2) + "\n"), plain);
        assertTrue(up.contains("-XX:Tier4InvocationThreshold="), "its cache knows nothing of what is hot: " + up);
        assertFalse(plain.contains("-XX:Tier4InvocationThreshold="), plain);
        assertFalse(status.contains("-XX:AOTCache"), status);
        assertTrue(status.contains("status-25.jsa"), status);
    }

    @Test
    void shouldTrainWhatWasMissedOnceItsToolsAreThere() throws Exception {
        bench.jdk("jdk-25", "25.0.3");
        bench.training(
                """
                echo "${2##*/}" >>"$BENCH/trained"
                case $2 in *wireguard.aot) command -v iperf3 || { echo "without 'iperf3' there is no load"; exit 1; } ;; esac
                echo cache >"$2"
                """);
        assertFalse(bench.run(Map.of(), "wireguard", "wg0").standardOutput().contains("-XX:AOTCache="));
        for (String tool : List.of("taskset", "openssl", "ip", "ethtool", "iperf3", "ping", "wg")) {
            bench.tool(tool);
        }

        Outcome measured = bench.run(Map.of(), "loadtest", "tunnel");

        assertEquals(0, measured.exitCode(), measured.standardError());
        assertTrue(bench.run(Map.of(), "wireguard", "wg0").standardOutput().contains("-XX:AOTCache="));
        bench.run(Map.of(), "loadtest", "tunnel");
        assertEquals(
                List.of("relay.aot", "up.aot", "wireguard.aot", "wireguard.aot"),
                Files.readAllLines(folder.resolve("trained")));
    }

    @Test
    void shouldKeepTheLoopOfTheChecksumAMethodOfItsOwn() throws Exception {
        bench.jdk("jdk-25", "25.0.3");

        for (String program : List.of("up", "wireguard")) {
            String method = option(bench.run(Map.of(), program, "wg0"), "-XX:CompileCommand=dontinline,");

            String[] parts = method.split("::", -1);
            assertTrue(
                    Arrays.stream(Class.forName(parts[0]).getDeclaredMethods())
                            .anyMatch(declared -> declared.getName().equals(parts[1])),
                    "the JVM says nothing of a method that is not there: " + method);
        }
    }

    @Test
    void shouldDoWithoutACacheThatWasNotMadeOrWasMadeForAnotherJdkOrWasChanged() throws Exception {
        bench.jdk("jdk-25", "25.0.3");
        bench.training("echo half >\"$2\"; echo no load on the relay; exit 1");
        assertTrue(bench.run(Map.of(), "relay").standardOutput().contains("relay-25.jsa"));

        bench.training("echo cache >\"$2\"");
        bench.source("pom.xml");
        assertTrue(bench.run(Map.of(), "relay").standardOutput().contains("-XX:AOTCache="));
        bench.jdk("jdk-25", "25.0.4");
        assertTrue(bench.run(Map.of(), "relay").standardOutput().contains("relay-25.jsa"));
        bench.jdk("jdk-25", "25.0.3");
        Path cache = Path.of(option(bench.run(Map.of(), "relay"), "-XX:AOTCache="));
        Files.setLastModifiedTime(cache, FileTime.from(Instant.now().plusSeconds(5)));
        assertTrue(bench.run(Map.of(), "relay").standardOutput().contains("relay-25.jsa"));
    }

    @Test
    void shouldWriteDownWhatAProgramLoadsWhenItIsTrained() throws Exception {
        bench.jdk("jdk-25", "25.0.3");

        String once = bench.run(Map.of("WARREN_AOT_OUTPUT", "/a/up.aot"), "up").standardOutput();
        String twice =
                bench.run(Map.of("WARREN_AOT_OUTPUT", "/a/up.seen"), "up").standardOutput();

        assertTrue(once.contains("-XX:AOTCacheOutput=/a/up.aot\n"), once);
        assertTrue(bench.run(Map.of(), "wireguard", "wg0").standardOutput().contains("-XX:Tier4InvocationThreshold="));
        String relay =
                bench.run(Map.of("WARREN_AOT_OUTPUT", "/a/relay.aot"), "relay").standardOutput();
        assertTrue(relay.contains("-XX:Tier4InvocationThreshold=40000\n"), relay);
        assertTrue(
                bench.run(Map.of(), "relay").standardOutput().contains("-XX:Tier4InvocationThreshold=200000\n"),
                "ten thousand logins are not hot enough for C2");
        assertTrue(twice.contains("-XX:AOTMode=record\n-XX:AOTConfiguration=/a/up.seen\n"), twice);
        assertFalse(once.contains("up-25.jsa"), once);
    }

    @Test
    void shouldNotTrainWhereThatIsNotWanted() throws Exception {
        bench.jdk("jdk-25", "25.0.3");
        bench.training("echo cache >\"$2\"");

        String relay = bench.run(Map.of("WARREN_NO_TRAINING", "1"), "relay").standardOutput();

        assertTrue(relay.contains("relay-25.jsa"), relay);
    }

    @Test
    void shouldShowTheErrorsOfABuildThatFailed() throws Exception {
        bench.jdk("jdk-25", "25.0.3");
        bench.breakTheBuild();

        Outcome outcome = bench.run(Map.of(), "status");

        assertEquals(1, outcome.exitCode());
        assertTrue(outcome.standardError().contains("Relay.java:[7,1] cannot find symbol"));
        assertTrue(outcome.standardError().contains("the build failed"));
        assertFalse(outcome.standardError().contains("compiling"));
        // With -q alone Maven keeps the warnings to itself, and they end a build as well.
        String maven = Files.readString(folder.resolve("mvn.calls"));
        assertTrue(maven.contains("simpleLogger.log.org.apache.maven.plugin.compiler=warn"), maven);
    }

    @Test
    void shouldBuildOnceWhenTwoStartTogether() throws Exception {
        bench.jdk("jdk-25", "25.0.3");
        Map<String, String> slow = Map.of("BENCH_SLOW", "0.5");

        Process one = bench.start(bench.launcher, slow, "status");
        Process two = bench.start(bench.launcher, slow, "status");

        assertEquals(0, bench.finish(one).exitCode());
        assertEquals(0, bench.finish(two).exitCode());
        assertEquals(1, bench.builds());
    }

    @Test
    void shouldWorkThroughASymbolicLink() throws Exception {
        bench.jdk("jdk-25", "25.0.3");
        Path link = Files.createSymbolicLink(folder.resolve("linked"), bench.launcher);

        Outcome outcome = bench.finish(bench.start(link, Map.of(), "ping", "b"));

        assertEquals(0, outcome.exitCode(), outcome.standardError());
        assertTrue(classPath(outcome).startsWith(bench.tree + "/.warren/build-"), outcome.standardOutput());
    }

    @Test
    void shouldSayThatMavenIsMissing() throws Exception {
        bench.jdk("jdk-25", "25.0.3");
        Files.delete(folder.resolve("path/mvn"));

        Outcome outcome = bench.run(Map.of(), "status");

        assertEquals(1, outcome.exitCode());
        assertTrue(outcome.standardError().contains("'mvn' is not on the PATH"), outcome.standardError());
    }

    @Test
    void shouldSayThatItsFolderCannotBeWritten() throws Exception {
        bench.jdk("jdk-25", "25.0.3");

        Outcome outcome = bench.run(Map.of("WARREN_HOME", "/proc/warren"), "status");

        assertEquals(1, outcome.exitCode());
        assertEquals(
                "warren: the folder /proc/warren cannot be written; set WARREN_HOME to one that can.\n",
                outcome.standardError());
    }

    private static boolean addsVector(Outcome outcome) {
        assertEquals(0, outcome.exitCode(), outcome.standardError());
        List<String> words = outcome.standardOutput().lines().toList();
        int at = words.indexOf("--add-modules");
        assertEquals(at >= 0, outcome.standardOutput().contains("-vector-25.jsa"), outcome.standardOutput());
        return at >= 0 && words.get(at + 1).equals("jdk.incubator.vector");
    }

    private static String option(Outcome outcome, String start) {
        return outcome.standardOutput()
                .lines()
                .filter(word -> word.startsWith(start))
                .findFirst()
                .orElseThrow()
                .substring(start.length());
    }

    private static String classPath(Outcome outcome) {
        List<String> words = outcome.standardOutput().lines().toList();
        return words.get(words.indexOf("-cp") + 1);
    }
}
