package dev.warren.loadtest.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.warren.loadtest.measure.Figure;
import dev.warren.loadtest.measure.Progress;
import dev.warren.loadtest.measure.Result;
import dev.warren.loadtest.stun.StunLoad;
import dev.warren.loadtest.stun.StunSettings;
import dev.warren.platform.config.UserError;
import dev.warren.protocol.testing.FreePort;
import dev.warren.protocol.testing.Requirements;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The STUN load on the servers that ours is measured beside. */
@Timeout(30)
final class StunLoadInteropTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void shouldMeasureCoturn() throws Exception {
        int port = FreePort.next();
        Process coturn = Coturn.start(folder, Coturn.command(folder, List.of("127.0.0.1"), port));
        try {
            assertMeasured(run(port, coturn, "tailscale"));
            assertMeasured(run(port, coturn, "plain"));
        } finally {
            Coturn.end(coturn);
        }
    }

    @Test
    void shouldMeasureStundWhichAnswersOneFormOnly() throws Exception {
        Path stund = Requirements.peer("stund");
        int port = FreePort.next();
        Process server =
                Coturn.start(folder, List.of(stund.toString(), "-stun", "127.0.0.1:" + port, "-http", "127.0.0.1:0"));
        try {
            assertMeasured(run(port, server, "tailscale"));
            UserError error = assertThrows(UserError.class, () -> run(port, server, "plain"));
            assertTrue(
                    String.valueOf(error.getMessage()).endsWith("and that it answers this --form"), error::getMessage);
        } finally {
            Coturn.end(server);
        }
    }

    private static void assertMeasured(Result result) {
        assertTrue(value(result, "responses") > 0, result::toString);
        assertEquals(0, value(result, "wrong answers"), result::toString);
        assertEquals(0, value(result, "duplicates"), result::toString);
        assertTrue(value(result, "server CPU per million") > 0, result::toString);
    }

    /** As long as the server's port is closed, a load says so and ends; that is how the server is waited for. */
    private static Result run(int port, Process server, String form) throws IOException {
        StunSettings settings = StunSettings.parse(Map.of(
                "target",
                "127.0.0.1:" + port,
                "pid",
                String.valueOf(server.pid()),
                "form",
                form,
                "warmup",
                "100ms",
                "duration",
                "300ms"));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (true) {
            try {
                return new StunLoad(settings).run(Progress.silent());
            } catch (UserError notYet) {
                boolean closed = String.valueOf(notYet.getMessage()).startsWith("nothing listens on UDP");
                if (!closed || !server.isAlive() || System.nanoTime() > deadline) {
                    throw notYet;
                }
            }
        }
    }

    private static double value(Result result, String name) {
        return result.figure(name).map(Figure::value).orElseThrow(() -> new AssertionError(name + " in " + result));
    }
}
