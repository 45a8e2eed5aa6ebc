package dev.warren.loadtest.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
        assertTrue(run(2, "--with", "terraform").contains("there is no \"terraform\" to install; --with takes tofu"));
        assertTrue(run(2, "--with").contains("there is no \"\" to install"));
    }

    private static String run(int exitCode, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                LauncherBench.realTree().resolve("loadtest/peers/install").toString()));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertEquals(exitCode, process.exitValue(), printed);
        return printed;
    }
}
