package dev.warren.loadtest.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ServerProcessTest {
    @TempDir
    Path folder;

    private ServerProcess shell(String script) {
        return ServerProcess.start("a server", List.of("sh", "-c", script), Map.of("GREETING", "hello"), folder);
    }

    private void awaitLine(ServerProcess server, String line) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!server.lastLine().equals(line)) {
            assertTrue(System.nanoTime() < deadline, "it printed " + server.lastLine());
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    @Test
    void shouldKeepWhatAServerPrintsInItsFolder() throws Exception {
        try (ServerProcess server = shell("echo $GREETING; pwd; echo; exec sleep 60")) {
            awaitLine(server, folder.toRealPath().toString());
            assertTrue(server.isAlive());
            assertTrue(Files.readString(folder.resolve("a_server.log")).startsWith("hello\n"));
        }
    }

    @Test
    void shouldAskAServerToEnd() throws Exception {
        ServerProcess server = shell("trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done");
        awaitLine(server, "up");

        server.close();

        assertFalse(server.isAlive());
        assertEquals("ended with exit code 3; its last line: bye", server.end());
    }

    @Test
    void shouldKillAServerThatWillNotEnd() throws Exception {
        ServerProcess server = shell("trap '' TERM; echo up; while :; do sleep 0.05; done");
        awaitLine(server, "up");
        long pid = server.pid();

        server.close();

        assertFalse(server.isAlive());
        assertTrue(ProcessHandle.of(pid).isEmpty());
    }

    @Test
    void shouldSayThatAProgramCannotBeStarted() {
        UserError failed = assertThrows(
                UserError.class, () -> ServerProcess.start("derper", List.of("/nowhere/derper"), Map.of(), folder));

        assertTrue(String.valueOf(failed.getMessage()).startsWith("derper could not be started: "));
    }

    @Test
    void shouldPrepareByTheShell() throws Exception {
        ServerProcess.prepare("derper", "echo $A > made", Map.of("A", "b"), folder);

        assertEquals("b\n", Files.readString(folder.resolve("made")));
    }

    @Test
    void shouldShowTheLastLineOfAPreparationThatFailed() {
        UserError failed = assertThrows(
                UserError.class, () -> ServerProcess.prepare("derper", "echo no such curve; false", Map.of(), folder));

        assertEquals(
                "preparing derper failed: \"echo no such curve; false\" ended with exit code 1; its last line:"
                        + " no such curve",
                failed.getMessage());
    }
}
