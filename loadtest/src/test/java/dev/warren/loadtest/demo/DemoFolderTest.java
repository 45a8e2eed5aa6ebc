package dev.warren.loadtest.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.config.UserError;
import java.io.IOException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DemoFolderTest {
    @TempDir
    Path parent;

    @Test
    void shouldBePrivateAndGoneAfterwards() throws IOException {
        Path path = parent.resolve("demo");

        try (DemoFolder folder = DemoFolder.claim(path)) {
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.path())));
            Files.createDirectories(path.resolve("state-a"));
            Files.writeString(path.resolve("state-a/key"), "secret");
        }

        assertFalse(DemoFolder.isThere(path));
    }

    @Test
    void shouldKeepLogsWhenAskedTo() throws IOException {
        Path path = parent.resolve("demo");
        try (DemoFolder folder = DemoFolder.claim(path)) {
            Files.writeString(path.resolve("relay.log"), "one\ntwo\nthree\n");
            Files.writeString(path.resolve("token"), "secret");
            folder.keepLogs();
        }

        assertEquals("two\nthree", DemoFolder.lastLines(path.resolve("relay.log"), 2));
        assertFalse(Files.exists(path.resolve("token")));
        DemoFolder.claim(path).close();
        assertFalse(DemoFolder.isThere(path));
    }

    @Test
    void shouldNotEndAProcessThatGotTheNumberOfAKilledSandbox() throws IOException {
        Path path = Files.createDirectory(parent.resolve("demo"));
        Process other = new ProcessBuilder("sleep", "20").start();
        Files.writeString(path.resolve("sandbox.pid"), other.pid() + " 12345");

        DemoFolder.claim(path).close();

        assertTrue(other.isAlive());
        other.destroyForcibly();
    }

    @Test
    void shouldNotRunTwice() throws IOException {
        Path path = parent.resolve("demo");
        try (DemoFolder folder = DemoFolder.claim(path)) {
            // In one JVM the second lock is refused with an exception; another process sees it as taken.
            assertThrows(OverlappingFileLockException.class, () -> DemoFolder.claim(folder.path()));
        }
    }

    @Test
    void shouldRefuseWhatIsNoFolder() throws IOException {
        Path path = Files.writeString(parent.resolve("demo"), "");

        UserError refused = assertThrows(UserError.class, () -> DemoFolder.claim(path));

        assertTrue(String.valueOf(refused.getMessage()).contains("WARREN_DEMO_DIR"), refused.getMessage());
    }

    @Test
    void shouldBeWhereTheLauncherSays() {
        assertEquals(Path.of("/x/y"), DemoFolder.usual(Map.of(DemoFolder.VARIABLE, "/x/y"), "root"));
        assertEquals(Path.of("/tmp/warren-demo-eve"), DemoFolder.usual(Map.of(), "eve"));
    }
}
