package dev.warren.loadtest.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.warren.loadtest.dist.Distribution;
import dev.warren.protocol.testing.Requirements;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code warren-demo}: the demo where there is no Linux host. Two minutes, and one more where its base has to be made. */
@Timeout(900)
class DemoImageTest {
    private static final int PROMISES = 13;
    /** What --privileged gives and the demo needs: the daemon of a test may not have the rest itself. */
    private static final List<String> RIGHTS = List.of(
            "--cap-add=SYS_ADMIN",
            "--cap-add=NET_ADMIN",
            "--cap-add=NET_RAW",
            "--cap-add=SYS_PTRACE",
            "--device=/dev/net/tun",
            "--security-opt=seccomp=unconfined",
            "--security-opt=apparmor=unconfined",
            "--security-opt=systempaths=unconfined");

    @Test
    void keepsItsPromisesInAContainer() throws Exception {
        Requirements.tun();
        Daemon daemon = Daemon.shared();
        String image = daemon.script(
                "env",
                "BASE=" + daemon.script("../packaging/base", "--demo"),
                "../packaging/image",
                Distribution.sharedArchive().toString(),
                "demo");
        assertTrue(image.startsWith("warren-demo:"), image);
        JsonNode parts = new ObjectMapper()
                .readTree(daemon.docker(
                        "run",
                        "--rm",
                        "--network=none",
                        "--entrypoint=/bin/cat",
                        image,
                        "/opt/warren/warren.cdx.json"));
        List<String> debian = ImageMetadataTest.debian(parts.path("components"));
        assertTrue(debian.containsAll(List.of("bash", "nftables", "wireguard-tools")), debian.toString());

        List<String> command = Stream.of(
                        List.of("docker", "run", "--rm", "--label", Daemon.LABEL), RIGHTS, List.of(image, "--check"))
                .flatMap(List::stream)
                .toList();
        Process process = daemon.beside(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        assertEquals(
                PROMISES, said.lines().filter(line -> line.startsWith("ok ")).count(), said);
    }
}
