package dev.warren.loadtest.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.sandbox.Sandbox;
import dev.warren.loadtest.sandbox.Shell;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SandboxTest {
    @TempDir
    Path folder;

    @BeforeEach
    void needRoot() {
        Requirements.root();
    }

    @Test
    void shouldHaveANetworkOfItsOwn() throws IOException {
        try (Sandbox sandbox = Sandbox.start("the demo", "./warren demo")) {
            String interfaces = Shell.run(sandbox.inside(List.of("ip", "-br", "link")));

            assertEquals(1, interfaces.lines().count(), interfaces);
            assertTrue(interfaces.startsWith("lo "), interfaces);
            assertEquals("", Shell.run(sandbox.inside(List.of("ls", "/run"))));
        }
    }

    @Test
    void shouldEndEveryProcessInsideWhenClosed() throws Exception {
        Leftovers leftovers = Leftovers.before();
        Sandbox sandbox = Sandbox.start("the demo", "./warren demo");
        Process inside = Shell.start(sandbox.inside(List.of("sleep", "60")), Path.of("/dev/null"));
        await(() -> inside.descendants().findAny().isPresent());
        leftovers.noteProcesses(sandbox.processId());
        assertThrows(IOException.class, () -> leftovers.check(folder.resolve("gone")));

        sandbox.close();

        assertTrue(inside.waitFor(5, TimeUnit.SECONDS));
        assertTrue(leftovers.check(folder.resolve("gone")).startsWith("2 processes ended"));
    }

    @Test
    void shouldEndWithTheProcessThatMadeIt() throws Exception {
        // A process that holds a sandbox's pipe as the demo does, and is killed.
        Path pids = folder.resolve("pid");
        Process holder = new ProcessBuilder(
                        "bash",
                        "-c",
                        "exec 3> >(exec unshare --net --mount --pid --fork --kill-child --mount-proc"
                                + " sh -c 'exec cat'); echo $! >" + pids + "; exec sleep 60 3>&3")
                .start();
        await(() -> Files.exists(pids) && Files.size(pids) > 1);
        long unshare = Long.parseLong(Files.readString(pids).strip());
        await(() -> children(unshare) > 0);
        ProcessHandle first =
                ProcessHandle.of(unshare).orElseThrow().children().findFirst().orElseThrow();

        holder.destroyForcibly().waitFor();

        first.onExit().get(5, TimeUnit.SECONDS);
        assertFalse(first.isAlive());
    }

    @Test
    void shouldEndASandboxThatAKilledDemoLeft() throws Exception {
        Path path = folder.resolve("demo");
        Sandbox sandbox = Sandbox.start("the demo", "./warren demo");
        DemoFolder killed = DemoFolder.claim(path);
        killed.noteSandbox(sandbox.processId());
        ProcessHandle first = ProcessHandle.of(sandbox.processId()).orElseThrow();
        String note = Files.readString(path.resolve("sandbox.pid"));
        killed.close();
        Files.createDirectory(path);
        Files.writeString(path.resolve("sandbox.pid"), note);

        DemoFolder.claim(path).close();

        first.onExit().get(5, TimeUnit.SECONDS);
        assertFalse(Files.exists(path));
        sandbox.close();
    }

    private static long children(long processId) {
        return ProcessHandle.of(processId)
                .map(handle -> handle.children().count())
                .orElse(0L);
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.holds()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("did not happen within 10 s");
            }
            Service.pause(10);
        }
    }
}
