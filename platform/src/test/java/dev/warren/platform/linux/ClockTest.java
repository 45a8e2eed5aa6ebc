package dev.warren.platform.linux;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ClockTest {
    @Test
    void shouldAgreeWithTheKernelsUptime() throws IOException {
        String uptime = Files.readString(Path.of("/proc/uptime")).split(" ", 2)[0];
        double seconds = Clock.bootTimeNanos() / 1e9;
        assertTrue(Math.abs(seconds - Double.parseDouble(uptime)) < 1, uptime + " s, but the clock says " + seconds);
    }

    @Test
    void shouldNeverGoBack() {
        long before = Clock.bootTimeNanos();
        for (int i = 0; i < 10_000; i++) {
            long now = Clock.bootTimeNanos();
            assertTrue(now >= before);
            before = now;
        }
    }
}
