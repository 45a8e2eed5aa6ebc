package dev.warren.loadtest.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The installer of the interop tests' peers, as far as it can be run without installing. */
@Timeout(30)
class PeersTest {
    @Test
    void shouldListEachPeerWithItsVersionAndReason() throws Exception {
        String list = run(0, "--list");

        for (String peer : List.of(
                "wg",
                "wireguard-go",
                "iperf3",
                "turnserver",
                "stun",
                "derper",
                "derpprobe",
                "stund",
                "pebble",
                "stunc",
                "derpcheck",
                "udprelaycheck",
                "promtool",
                "cloud-init",
                "terraform-provider-docker",
                "terraform-provider-hcloud",
                "terraform",
                "tofu")) {
            assertTrue(list.lines().anyMatch(line -> line.matches(peer + " +\\S.*: \\S.*")), peer + " in " + list);
        }
        assertTrue(list.contains("tailscale.com/cmd/derper@v1.102.5"), list);
    }

    @Test
    void shouldRefuseAnUnknownOption() throws Exception {
        assertTrue(run(2, "--everything").contains("--everything is not known here"));
    }

    @Test
    void shouldRefuseAnUnknownPeer() throws Exception {
        assertTrue(run(2, "--with", "pulumi")
                .contains("there is no \"pulumi\" to install; --with takes terraform or tofu"));
        assertTrue(run(2, "--with").contains("there is no \"\" to install"));
    }

    /** With a {@code go} that knows its version and fails at everything else. */
    @Test
    void shouldSayWhatWasNotToBeBuilt(@TempDir Path folder) throws Exception {
        Path go = Files.writeString(
                folder.resolve("go"),
                """
                #!/bin/sh
                [ "$1" != env ] || { echo go1.26.0; exit; }
                echo "no module here: $*"
                exit 1
                """);
        assertTrue(go.toFile().setExecutable(true));
        for (String program : List.of("terraform", "tofu")) {
            ProcessBuilder builder = builder("--with", program);
            builder.environment().put("PATH", folder + ":/usr/bin:/bin");
            builder.environment().put("WARREN_PEERS", folder.toString());
            String said = end(builder.start(), 1);
            assertTrue(said.contains("peers: MISSING " + program + ": 'go "), said);
            assertTrue(said.contains("no module here: "), said);
            assertTrue(said.endsWith("peers: 1 missing, see above; tests that need them say so\n"), said);
        }
    }

    private static String run(int exitCode, String... options) throws IOException, InterruptedException {
        return end(builder(options).start(), exitCode);
    }

    private static ProcessBuilder builder(String... options) {
        List<String> command = new ArrayList<>(List.of(
                LauncherBench.realTree().resolve("loadtest/peers/install").toString()));
        command.addAll(List.of(options));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    private static String end(Process process, int exitCode) throws IOException, InterruptedException {
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertEquals(exitCode, process.exitValue(), printed);
        return printed;
    }
}
