package dev.warren.loadtest.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.sandbox.Shell;
import dev.warren.protocol.testing.Requirements;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole demo as a process of its own, with the real programs. They are started from this test's class path by a
 * small launcher script, so that a test run never builds.
 */
@Timeout(240)
class DemoProgramTest {
    @TempDir
    Path folder;

    private Path launcher;

    @BeforeEach
    void writeLauncher() throws IOException {
        Requirements.root();
        launcher = folder.resolve("launcher");
        String java = Path.of(System.getProperty("java.home"), "bin", "java") + " -XX:+UseSerialGC -Xmx256m"
                + " --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp '"
                + System.getProperty("java.class.path") + "'";
        Files.writeString(
                launcher,
                """
                #!/bin/sh
                case $1 in
                  demo) main=loadtest.demo.DemoMain; shift ;;
                  relay) main=relay.RelayMain; shift ;;
                  stun) main=stun.StunMain; shift ;;
                  coordinator) main=coordinator.CoordinatorMain; shift ;;
                  *) main=node.cli.NodeMain ;;
                esac
                exec JAVA dev.warren.$main "$@"
                """
                        .replace("JAVA", java));
        assertTrue(launcher.toFile().setExecutable(true));
    }

    @Test
    void shouldTellTheWholeStory() throws Exception {
        Leftovers leftovers = Leftovers.before();

        Process demo = start("--check");
        List<String> lines = demo.inputReader(StandardCharsets.UTF_8).lines().toList();
        lines.forEach(System.out::println);

        assertTrue(demo.waitFor(10, TimeUnit.SECONDS));
        String all = String.join("\n", lines);
        assertEquals(0, demo.exitValue(), all);
        assertEquals(13, lines.stream().filter(line -> line.startsWith("ok ")).count(), all);
        leftovers.check(folder.resolve("demo"));
    }

    @Test
    void shouldServeItsPageAndItsNodesAndLeaveNothingWhenKilled() throws Exception {
        Leftovers leftovers = Leftovers.before();
        Process demo = start();
        String page = "";
        BufferedReader printed = demo.inputReader(StandardCharsets.UTF_8);
        List<String> lines = new ArrayList<>();
        for (String line = printed.readLine(); line != null && !line.startsWith("Ctrl-C"); line = printed.readLine()) {
            lines.add(line);
            if (line.startsWith("The status page: ")) {
                page = line.substring(line.indexOf("http"));
            }
        }
        assertFalse(page.isEmpty(), String.join("\n", lines));
        assertTrue(get(page).contains("<html"), page);
        assertTrue(exec("a", "ping", "-c", "3", "-W", "5", "b").contains(" bytes from "));
        assertTrue(exec("c", launcher.toString(), "status").contains("PEER"));
        long sandbox = Long.parseLong(
                Files.readString(folder.resolve("demo/sandbox.pid")).split(" ", -1)[0]);
        leftovers.noteProcesses(sandbox);

        demo.destroyForcibly();

        ProcessHandle.of(sandbox)
                .ifPresent(
                        first -> first.onExit().orTimeout(10, TimeUnit.SECONDS).join());
        Process clean = start("clean");
        assertTrue(clean.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, clean.exitValue());
        assertTrue(leftovers.check(folder.resolve("demo")).contains(" processes ended"));
    }

    /** SIGTERM goes the same way as Ctrl-C's SIGINT, which a test run in the background would have to ignore. */
    @Test
    void shouldLeaveNothingWhenToldToStopWhileItStarts() throws Exception {
        Leftovers leftovers = Leftovers.before();
        Process demo = start();
        BufferedReader printed = demo.inputReader(StandardCharsets.UTF_8);
        String line = printed.readLine();
        while (line != null && !line.startsWith("Starting relay")) {
            line = printed.readLine();
        }
        assertTrue(line != null, "the demo ended before it started anything");

        demo.destroy();

        assertTrue(demo.waitFor(30, TimeUnit.SECONDS));
        leftovers.check(folder.resolve("demo"));
    }

    @Test
    void shouldRunAsRootOfAUserNamespace() throws Exception {
        Process demo = start(List.of("unshare", "--user", "--map-root-user"), "--seconds", "4");

        String all = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertTrue(demo.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, demo.exitValue(), all);
        assertTrue(all.contains("a - b"), all);
        assertFalse(Files.exists(folder.resolve("demo")));
    }

    private Process start(String... options) throws IOException {
        return start(List.of(), options);
    }

    private Process start(List<String> prefix, String... options) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(launcher.toString(), "demo"));
        command.addAll(List.of(options));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("WARREN_LAUNCHER", launcher.toString());
        builder.environment().put(DemoFolder.VARIABLE, folder.resolve("demo").toString());
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }

    /** Runs a command on a node as a user does, by the real launcher script. */
    private String exec(String node, String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of(
                "env",
                DemoFolder.VARIABLE + "=" + folder.resolve("demo"),
                Path.of("..").toAbsolutePath().normalize().resolve("warren").toString(),
                "demo",
                "exec",
                node,
                "--"));
        all.addAll(List.of(command));
        return Shell.run(all);
    }

    private static String get(String page) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(page)).build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }
}
