package dev.warren.platform.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.platform.linux.LinuxException;
import dev.warren.platform.linux.NotifyReceiver;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class InitSystemTest {
    @TempDir
    Path folder;

    /** A relay's end takes seconds, in which its clients leave. */
    @Test
    void shouldSayThatTheProcessStopsBeforeItEnds() throws Exception {
        String socket = folder.resolve("notify").toString();
        try (NotifyReceiver systemd = new NotifyReceiver(socket)) {
            AtomicBoolean ended = new AtomicBoolean();
            new InitSystem(Map.of("NOTIFY_SOCKET", socket)).stop(() -> {
                assertEquals("STOPPING=1", heard(systemd));
                ended.set(true);
            });
            assertTrue(ended.get());
            assertThrows(LinuxException.class, systemd::next, "it is said once");
        }
    }

    @Test
    void shouldEndWhereNobodyIsToBeTold() {
        AtomicBoolean ended = new AtomicBoolean();
        new InitSystem(Map.of()).stop(() -> ended.set(true));
        assertTrue(ended.get());
    }

    private static String heard(NotifyReceiver systemd) {
        try {
            return systemd.next();
        } catch (LinuxException nothing) {
            throw new AssertionError("nothing was said yet", nothing);
        }
    }
}
