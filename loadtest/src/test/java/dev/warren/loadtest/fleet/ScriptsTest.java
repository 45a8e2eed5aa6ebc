package dev.warren.loadtest.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator's scripts do when something is missing or fails: one sentence, and nothing half-made. */
@Timeout(60)
class ScriptsTest {
    private static final Path TREE = Path.of("..").toAbsolutePath().normalize();
    /** Notes what it is told, has a fleet of three relays, and fails at what a file names. */
    private static final String FAKE_TERRAFORM =
            """
            #!/bin/bash
            echo "$*" >>told
            if [ "$*" = "output -json releases" ]; then
              cat state
              exit
            fi
            ! grep -qF -- "$(cat fails)" <<<"$*" || { echo "the relay is not healthy"; exit 1; }
            """;

    private static final String RELEASES =
            """
            {"*":"0.1.0","lan":"0.1.0","lan/a":"0.1.0","lan/b":"0.1.0","wan":"0.0.9","wan/a":"0.0.9"}
            """;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "terraform/check; 3; check: there is neither terraform nor tofu on the PATH: install one of them",
                "terraform/check --kep x; 2; check: --kep is not known here; use terraform/check [--keep FOLDER]",
                "terraform/try; 3; try: say which archive: target/dist/warren-VERSION-linux-ARCH.tar.gz",
                "terraform/try no.tar.gz; 3; try: there is no archive no.tar.gz; ./warren dist makes one",
                "terraform/roll; 2; roll: say which version, such as 0.1.1",
                "terraform/roll 0.1.1; 1; roll: there is neither terraform nor tofu on the PATH",
                "terraform/pins; 2; pins: say where the coordinator's ops listener is",
                "packaging/image; 2; image: say which archive: target/dist/warren-VERSION-linux-ARCH.tar.gz",
                "packaging/ready; 2; ready: say which archive: target/dist/warren-VERSION-linux-ARCH.tar.gz",
                "packaging/image no.tar.gz; 1; image: there is no archive no.tar.gz; ./warren dist makes one",
                "packaging/ready no.tar.gz; 1; ready: there is no archive no.tar.gz; ./warren dist makes one",
                "packaging/with-docker; 3; with-docker: say what to run: packaging/with-docker COMMAND...",
                "packaging/base --onw; 1; base: --onw is not known here; use packaging/base [--own|--archive|--demo]",
            })
    void saysWhatIsMissing(String command, int exitCode, String sentence) throws Exception {
        // Of this machine's programs only what every machine has.
        Outcome outcome = run(Map.of("PATH", "/usr/bin:/bin", "WARREN_PEERS", folder.toString()), command.split(" "));
        assertEquals(exitCode, outcome.exitCode(), outcome.said());
        assertTrue(outcome.said().contains(sentence), outcome.said());
        assertEquals(1, outcome.said().lines().count(), outcome.said());
        assertEquals(List.of(), left());
    }

    @Test
    void checkingAsksForNoRegistryWhenThereAreNoProviders() throws Exception {
        Outcome outcome = run(Map.of("TERRAFORM", "/bin/false", "WARREN_PEERS", folder.toString()), "terraform/check");
        assertEquals(3, outcome.exitCode());
        assertEquals(
                "check: there is no " + folder + "/bin/terraform-provider-docker: run loadtest/peers/install\n",
                outcome.said());
    }

    @Test
    void rollingReplacesOneRelayAfterTheOtherAndThenTheRest() throws Exception {
        Outcome outcome = roll("nothing", "0.1.1", "-var", "a=b");
        assertEquals(0, outcome.exitCode(), outcome.said());
        assertTrue(
                outcome.said().endsWith("roll: the rest\nroll: all run 0.1.1; say so where image_version is set\n"),
                outcome.said());
        String apply = "apply -input=false -auto-approve -compact-warnings -var image_version=";
        assertEquals(
                List.of(
                        "output -json releases",
                        apply
                                + "0.1.0 -var relay_versions={ \"lan\" = \"0.1.0\", \"lan/a\" = \"0.1.1\", \"lan/b\" = \"0.1.0\","
                                + " \"wan\" = \"0.0.9\", \"wan/a\" = \"0.0.9\" } -var a=b",
                        apply
                                + "0.1.0 -var relay_versions={ \"lan\" = \"0.1.0\", \"lan/a\" = \"0.1.1\", \"lan/b\" = \"0.1.1\","
                                + " \"wan\" = \"0.0.9\", \"wan/a\" = \"0.0.9\" } -var a=b",
                        apply
                                + "0.1.0 -var relay_versions={ \"lan\" = \"0.1.0\", \"lan/a\" = \"0.1.1\", \"lan/b\" = \"0.1.1\","
                                + " \"wan\" = \"0.0.9\", \"wan/a\" = \"0.1.1\" } -var a=b",
                        apply + "0.1.1 -var relay_versions={} -var a=b"),
                Files.readAllLines(folder.resolve("told")));
        assertFalse(Files.exists(folder.resolve("roll.log")));
    }

    @Test
    void rollingStopsAtARelayThatDoesNotBecomeReady() throws Exception {
        Outcome outcome = roll("\"lan/b\" = \"0.1.1\"", "0.1.1");
        assertEquals(1, outcome.exitCode());
        assertTrue(
                outcome.said()
                        .endsWith("the relay is not healthy\nroll: stopped at lan/b;"
                                + " the rest still runs what it ran, the whole output is in "
                                + folder.toRealPath() + "/roll.log\n"),
                outcome.said());
        assertEquals(3, Files.readAllLines(folder.resolve("told")).size(), "nothing behind it is touched");
    }

    @Test
    void rollingSaysWhatRunsWhenTheRestFails() throws Exception {
        Outcome outcome = roll("image_version=0.1.1", "0.1.1");
        assertEquals(1, outcome.exitCode());
        assertTrue(
                outcome.said()
                        .endsWith("roll: the rest\nthe relay is not healthy\nroll: the relays run 0.1.1, but the rest"
                                + " does not yet; the whole output is in " + folder.toRealPath() + "/roll.log\n"),
                outcome.said());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "^^| this folder's state does not say what runs; run it in an environment that was applied, with these modules",
                "{\"*\":\"0.1.0\"}| no relay is in this folder's state; run it in an environment that was applied",
            })
    void rollingNeedsAFleet(String releases, String sentence) throws Exception {
        Files.writeString(folder.resolve("state"), releases);
        Outcome outcome = roll("nothing", "0.1.1");
        assertEquals(1, outcome.exitCode());
        assertEquals("roll: " + sentence + "\n", outcome.said());
        assertEquals(1, Files.readAllLines(folder.resolve("told")).size(), "nothing is applied");
    }

    /** The pins that were there stay as they were. */
    @ParameterizedTest
    @CsvSource({"200, no map", "200, '{}'", "503, away"})
    void pinsLeavesThoseItHasWhereNoMapIsToBeHad(int status, String text) throws Exception {
        Requirements.program("curl", "python3");
        Files.writeString(folder.resolve("pins.auto.tfvars.json"), "mine");
        HttpServer coordinator = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        coordinator.createContext("/derpmap.json", exchange -> {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        coordinator.start();
        try {
            String url = "http://127.0.0.1:" + coordinator.getAddress().getPort();
            Outcome outcome = run(Map.of(), "terraform/pins", url);
            assertEquals(1, outcome.exitCode());
            assertTrue(
                    outcome.said()
                            .endsWith("pins: the coordinator's map cannot be had from " + url + "/derpmap.json\n"),
                    outcome.said());
        } finally {
            coordinator.stop(0);
        }
        assertEquals(List.of("pins.auto.tfvars.json"), left());
        assertEquals("mine", Files.readString(folder.resolve("pins.auto.tfvars.json")));
    }

    private Outcome roll(String fails, String... arguments) throws IOException, InterruptedException {
        Path terraform = Files.writeString(folder.resolve("terraform"), FAKE_TERRAFORM);
        assertTrue(terraform.toFile().setExecutable(true));
        Files.writeString(folder.resolve("fails"), fails);
        if (!Files.exists(folder.resolve("state"))) {
            Files.writeString(folder.resolve("state"), RELEASES);
        }
        return run(
                Map.of("TERRAFORM", terraform.toString(), "ROLL_PAUSE", "0"),
                Stream.concat(Stream.of("terraform/roll"), Stream.of(arguments)).toArray(String[]::new));
    }

    private record Outcome(int exitCode, String said) {}

    /** Runs a script of the tree in an empty folder. */
    private Outcome run(Map<String, String> environment, String... command) throws IOException, InterruptedException {
        String[] absolute = command.clone();
        absolute[0] = TREE.resolve(command[0]).toString();
        ProcessBuilder builder =
                new ProcessBuilder(absolute).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment().remove("DOCKER_HOST");
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), said);
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
