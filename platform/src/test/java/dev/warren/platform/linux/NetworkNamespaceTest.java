package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NetworkNamespaceTest {
    private static final Path OWN = Path.of("/proc/thread-self/ns/net");

    @BeforeEach
    void needRoot() {
        Requirements.root();
    }

    @Test
    void shouldMoveOnlyItsOwnThread() throws IOException {
        Path outside = Files.readSymbolicLink(OWN);
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            assertNotEquals(outside, namespace.call(() -> Files.readSymbolicLink(OWN)));
            assertEquals(outside, Files.readSymbolicLink(OWN));
        }
    }

    @Test
    void shouldEnterAnExistingOne() throws IOException {
        try (NetworkNamespace first = NetworkNamespace.create();
                NetworkNamespace second =
                        NetworkNamespace.enter(Path.of("/proc/self/task/" + first.threadId() + "/ns/net"))) {
            assertEquals(first.call(() -> Files.readSymbolicLink(OWN)), second.call(() -> Files.readSymbolicLink(OWN)));
        }
    }

    @Test
    void shouldStartProcessesInside() throws IOException {
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            Process process = namespace.call(() -> new ProcessBuilder("cat", "/proc/self/net/dev").start());
            String devices = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(devices.contains("lo:"), devices);
            assertEquals(3, devices.lines().count(), "two lines of heading and the loopback, but: " + devices);
        }
    }

    @Test
    void shouldNameThePathThatIsNoNamespace() {
        LinuxException thrown =
                assertThrows(LinuxException.class, () -> NetworkNamespace.enter(Path.of("/run/netns/no-such-name")));
        assertTrue(thrown.getMessage().contains("/run/netns/no-such-name"), thrown.getMessage());
    }

    @Test
    void shouldGiveTheTasksOwnFailureBack() throws IOException {
        try (NetworkNamespace namespace = NetworkNamespace.create()) {
            IOException thrown = assertThrows(
                    IOException.class,
                    () -> namespace.call(() -> {
                        throw new IOException("of the task");
                    }));
            assertEquals("of the task", thrown.getMessage());
            assertThrows(
                    IllegalStateException.class,
                    () -> namespace.call(() -> {
                        throw new IllegalStateException();
                    }));
        }
    }
}
