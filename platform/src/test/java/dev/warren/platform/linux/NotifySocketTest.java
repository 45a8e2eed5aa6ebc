package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NotifySocketTest {
    @TempDir
    Path folder;

    @Test
    void shouldReachASocketInAFolder() throws Exception {
        Path path = folder.resolve("notify");
        try (NotifyReceiver receiver = new NotifyReceiver(path.toString())) {
            NotifySocket.send(path.toString(), "READY=1");
            NotifySocket.send(path.toString(), "STOPPING=1");

            assertEquals("READY=1", receiver.next());
            assertEquals("STOPPING=1", receiver.next());
        }
    }

    @Test
    void shouldReachASocketThatHasOnlyAName() throws Exception {
        String name = "warren-test-" + ProcessHandle.current().pid();
        try (NotifyReceiver receiver = new NotifyReceiver("\0" + name)) {
            assertTrue(Files.readString(Path.of("/proc/net/unix")).contains(" @" + name + "\n"));
            NotifySocket.send("@" + name, "READY=1");

            assertEquals("READY=1", receiver.next());
        }
    }

    @Test
    void shouldSayThatNobodyListens() {
        String path = folder.resolve("nobody").toString();

        LinuxException refused = assertThrows(LinuxException.class, () -> NotifySocket.send(path, "READY=1"));

        assertEquals("Cannot connect to " + path + ": ENOENT, no such file or directory.", refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "@", "vsock:2:1", "run/notify"})
    void shouldSayThatItIsNoSocket(String address) {
        LinuxException refused = assertThrows(LinuxException.class, () -> NotifySocket.send(address, "READY=1"));

        assertEquals("NOTIFY_SOCKET is \"" + address + "\", which is no socket's path.", refused.getMessage());
    }

    @Test
    void shouldSayThatAPathIsTooLong() {
        LinuxException longest =
                assertThrows(LinuxException.class, () -> NotifySocket.send("/" + "x".repeat(106), "READY=1"));
        LinuxException tooLong =
                assertThrows(LinuxException.class, () -> NotifySocket.send("/" + "x".repeat(107), "READY=1"));

        assertTrue(longest.is(Errno.ENOENT), longest.getMessage());
        assertEquals(0, tooLong.errno());
    }
}
