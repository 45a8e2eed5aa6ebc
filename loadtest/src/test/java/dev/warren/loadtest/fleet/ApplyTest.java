package dev.warren.loadtest.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.warren.loadtest.dist.Distribution;
import dev.warren.loadtest.images.Daemon;
import dev.warren.protocol.testing.Requirements;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code terraform/try}: a fleet that is applied for real, at the tests' Docker daemon. Three minutes. */
@Timeout(900)
class ApplyTest {
    private static final int PROMISES = 15;

    @Test
    void aFleetComesFromNothingAndLeavesNothing() throws Exception {
        Requirements.tun();
        Requirements.anyProgram("terraform", "tofu");
        Requirements.program("prometheus", "python3", "curl", "nsenter");
        Requirements.peer("terraform-provider-docker");
        Daemon daemon = Daemon.shared();
        String script = Path.of("../terraform/try").toAbsolutePath().normalize().toString();

        ProcessBuilder builder = daemon.beside(
                        List.of(script, Distribution.sharedArchive().toString()))
                .redirectErrorStream(true);
        builder.environment().put("BASE", daemon.base());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(0, process.waitFor(), said);
        assertEquals(
                PROMISES, said.lines().filter(line -> line.startsWith("ok ")).count(), said);
        assertEquals(PROMISES + " passed, 0 failed", said.lines().toList().getLast());
    }
}
