package dev.warren.loadtest.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.warren.loadtest.sandbox.Shell;
import dev.warren.protocol.testing.Requirements;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code packaging/with-docker}: what is left of a daemon and its containers when it has ended. */
@Timeout(120)
class WithDockerTest {
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);
    /** A container that sleeps, of this machine's own sleep, and a folder; then what that is and where the daemon listens. */
    private static final String COMMAND =
            """
            set -e
            root=${DOCKER_HOST#unix://}.root
            mkdir "$root"
            cp -L --parents /bin/sleep $(ldd /bin/sleep | grep -o '/[^ ]*') "$root"
            tar -C "$root" -c . | docker import - sleeper >/dev/null
            docker run --detach sleeper /bin/sleep 1000 >/dev/null
            mktemp -d
            echo "$DOCKER_HOST"
            exec cat >/dev/null
            """;

    @BeforeEach
    void need() {
        Requirements.root();
        Requirements.program("docker", "dockerd", "iptables", "setpriv", "tar", "ldd");
    }

    @Test
    void leavesNothingWhenItIsKilled() throws Exception {
        Process process = start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        Path forgotten = Path.of(String.valueOf(out.readLine()));
        assertTrue(Files.isDirectory(forgotten), forgotten.toString());
        Path folder = folder(out);
        assertFalse(cgroups(folder).isEmpty(), "a container has its cgroups, by the folder's name");

        process.destroyForcibly();
        long deadline = System.nanoTime() + WAIT_NANOS;
        while (Files.exists(folder)
                || Files.exists(forgotten)
                || !cgroups(folder).isEmpty()) {
            if (System.nanoTime() > deadline) {
                fail("left: " + folder + " " + Files.exists(folder) + " " + cgroups(folder));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    @Test
    void leavesNothingWhenItsCommandEnds() throws Exception {
        Process process = start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        assertTrue(String.valueOf(out.readLine()).startsWith("/"));
        Path folder = folder(out);

        process.getOutputStream().close();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
        assertFalse(Files.exists(folder));
        assertEquals("", cgroups(folder));
    }

    private static Process start() throws IOException {
        return Shell.builder(List.of("../packaging/with-docker", "bash", "-c", COMMAND))
                .redirectErrorStream(true)
                .start();
    }

    private static Path folder(BufferedReader out) throws IOException {
        String host = String.valueOf(out.readLine());
        assertTrue(host.startsWith("unix:///"), host);
        return Objects.requireNonNull(
                Path.of(host.substring("unix://".length())).getParent());
    }

    private static String cgroups(Path folder) throws IOException {
        return Shell.run(List.of("find", "/sys/fs/cgroup", "-type", "d", "-path", "*/" + folder.getFileName() + "*"));
    }
}
